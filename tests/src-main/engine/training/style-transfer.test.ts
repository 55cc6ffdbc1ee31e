/** Style transfer must change a picture: a real picture labelled simulated would be noise in the labels. */
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { createOrtBackend } from '#compute/backends/ort.ts';
import { initWasm } from '#compute/backends/wasm.ts';
import type { HostTensor } from '#engine/ports.ts';
import { relativeStyleLoss, styleLoss } from '#engine/training/losses.ts';
import { AdversarialTrainer } from '#engine/training/trainer.ts';
import { sceneSource, tinyConfig, tinyPorts } from '#tests/support/tiny-training.ts';

const SAMPLES = 8;

const mean = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((a, b) => a + b, 0) / values.length;

function correlation(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const [ma, mb] = [mean(a), mean(b)];
  let [ab, aa, bb] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    ab += (a[i]! - ma) * (b[i]! - mb);
    aa += (a[i]! - ma) ** 2;
    bb += (b[i]! - mb) ** 2;
  }
  return ab / Math.sqrt(aa * bb);
}

test('after 48 generator steps x_T is another picture than x_s, nearer to the style, with the content of x_s', async () => {
  const ort = await createOrtBackend({ provider: 'cpu', threads: 1 });
  const config = tinyConfig({ generatorMode: 'style', adversarial: 0, detectorSteps: 1, generatorSteps: 8 });
  const trainer = await AdversarialTrainer.begin(config, 1, tinyPorts(ort, await sceneSource(8)));
  for (let i = 0; i < 6; i++) await trainer.iterate(0);
  expect(trainer.state.generatorStep).toBe(48);
  const shown = await trainer.theatre(SAMPLES);
  await trainer.dispose();
  await ort.dispose();
  const [xT, xS] = [shown['styled']!.data, shown['reference']!.data];
  expect(mean(xT.map((x, i) => Math.abs(x - xS[i]!)))).toBeGreaterThan(2);
  const size = xS.length / SAMPLES;
  for (let i = 0; i < SAMPLES; i++) {
    const part = [i * size, (i + 1) * size] as const;
    expect(correlation(xT.slice(...part), xS.slice(...part)), `sample ${i}`).toBeGreaterThan(0.8);
  }

  await initWasm();
  const [result, content, style] = ['styled', 'reference', 'style'].map((name) => {
    const { data, shape } = shown[name]! as HostTensor;
    return tf.div(tf.tensor4d(data as Float32Array, shape as [number, number, number, number]), 255);
  }) as [tf.Tensor4D, tf.Tensor4D, tf.Tensor4D];
  expect(relativeStyleLoss(result, content, style).dataSync()[0]).toBeLessThan(0.97);
});

describe('L_sty as a share of the way', () => {
  beforeAll(initWasm);
  const picture = (offset: number, contrast: number): tf.Tensor4D => {
    const values = Float32Array.from({ length: 192 }, (_, i) => offset + contrast * Math.sin(i));
    return tf.tensor4d(values, [1, 8, 8, 3]);
  };
  const share = (result: tf.Tensor4D) =>
    relativeStyleLoss(result, picture(0, 0.1), picture(0.3, 0.25)).dataSync()[0]!;

  test('is 1 where nothing was transferred, and 0 where the style was reached', () => {
    expect(share(picture(0, 0.1))).toBeCloseTo(1, 1);
    expect(share(picture(0.3, 0.25))).toBeCloseTo(0, 6);
    expect(share(picture(0.15, 0.175))).toBeCloseTo(0.25, 1); // half of the way, squared
  });

  test('does not grow without bounds where content and reference are of one style', () => {
    const [almost, content] = [picture(0.001, 0.1), picture(0, 0.1)];
    const value = relativeStyleLoss(almost, content, content).dataSync()[0]!;
    expect(value).toBeCloseTo(styleLoss(almost, content).dataSync()[0]! / (4 / 255) ** 2, 5);
    expect(value).toBeLessThan(0.01);
  });
});
