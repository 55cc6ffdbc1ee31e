/** The generator's formulas, as its functions wire the operations together. */
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { initWasm } from '#compute/backends/wasm.ts';
import {
  blendedTarget,
  generatorLayout,
  simulatedMasks,
  styleTransferredTarget,
  type MaskDraws,
} from '#engine/models/generator.ts';
import type { NamedTensors } from '#engine/models/parameters.ts';
import { Random } from '#engine/random.ts';
import { networkConfig } from '#engine/training/training-config.ts';
import { tiles } from '#tests/support/exported-detector.ts';
import { tinyConfig } from '#tests/support/tiny-training.ts';

beforeAll(initWasm);

const network = networkConfig(tinyConfig({ kernels: 3 }));
const COUNT = 2;
const weights = (): NamedTensors => {
  const layout = generatorLayout(network);
  return layout.unpack(tf.tensor1d(layout.initialise(new Random(1))));
};
const pictures = (): tf.Tensor4D => tf.tensor4d(Float32Array.from(tiles(COUNT, 64)), [COUNT, 64, 64, 3]);
const draws = (changes: Partial<Record<keyof MaskDraws, number[]>> = {}): MaskDraws => ({
  area: tf.tensor4d(changes.area ?? [0.1, 0.3], [COUNT, 1, 1, 1]),
  mixture: tf.tensor4d(changes.mixture ?? [0.2, 0.3, 0.5, 0.6, 0.2, 0.2], [COUNT, 1, 1, 3]),
  slope: tf.tensor4d(changes.slope ?? [20, 20], [COUNT, 1, 1, 1]),
});
const mean = (t: tf.Tensor): number => tf.mean(t).dataSync()[0]!;

describe('simulated masks', () => {
  test('M_i and M have the area that was drawn, per sample', () => {
    const { masks, fused } = simulatedMasks(pictures(), weights(), draws(), network);
    expect([masks.shape, fused.shape]).toEqual([
      [COUNT, 16, 16, 3],
      [COUNT, 64, 64, 1],
    ]);
    const share = (t: tf.Tensor) =>
      tf.mean(tf.cast(tf.greater(t, 0.5), 'float32'), [1, 2]).arraySync() as number[][];
    for (const [n, area] of [0.1, 0.3].entries()) {
      for (const found of share(masks)[n]!) expect(Math.abs(found - area)).toBeLessThan(0.02);
      expect(Math.abs(share(fused)[n]![0]! - area)).toBeLessThan(0.005);
    }
  });

  test('come from the picture by the kernels K_i: other kernels or another picture give others', () => {
    const p = weights();
    const { masks } = simulatedMasks(pictures(), p, draws(), network);
    const difference = (other: tf.Tensor4D) => mean(tf.abs(tf.sub(masks, other)));
    const turned = { ...p, 'masks.kernels': tf.neg(p['masks.kernels']!) };
    expect(difference(simulatedMasks(pictures(), turned, draws(), network).masks)).toBeGreaterThan(0.05);
    const mirrored = tf.reverse(pictures(), 2);
    expect(difference(simulatedMasks(mirrored, p, draws(), network).masks)).toBeGreaterThan(0.02);
    const swapped = { ...p, 'masks.kernels': tf.reverse(p['masks.kernels']!, 3) };
    const reversed = tf.reverse(simulatedMasks(pictures(), swapped, draws(), network).masks, 3);
    expect(difference(reversed as tf.Tensor4D)).toBeLessThan(1e-5);
  });

  test.each([0, 1, 2])('the mixture w decides which M_i the fused mask follows: %i', (i) => {
    const only = [0, 1, 2].map((j) => Number(j === i));
    const { masks, fused } = simulatedMasks(
      pictures(),
      weights(),
      draws({ mixture: [...only, ...only], area: [0.3, 0.3], slope: [400, 400] }),
      network,
    );
    const small = tf.avgPool(fused, 4, 4, 'valid');
    const distances = tf.mean(tf.abs(tf.sub(tf.greater(masks, 0.5).toFloat(), small)), [0, 1, 2]).dataSync();
    expect(Array.from(distances).indexOf(Math.min(...distances))).toBe(i);
    expect(distances[i]).toBeLessThan(0.12); // half a cell all along the outline
  });

  test('the slope s decides how hard the edge of M is', () => {
    const undecided = (slope: number) => {
      const { fused } = simulatedMasks(pictures(), weights(), draws({ slope: [slope, slope] }), network);
      return mean(tf.mul(fused, tf.sub(1, fused)));
    };
    expect(undecided(6)).toBeGreaterThan(0.08);
    expect(undecided(400)).toBeLessThan(0.01);
  });
});

test('x_B is x_s where M = 1 and x_r where M = 0, in all three channels', () => {
  const left = tf.tile(tf.reshape(tf.tensor1d([1, 0]), [1, 1, 2, 1]), [1, 2, 1, 1]) as tf.Tensor4D;
  const [real, reference] = [tf.fill([1, 2, 2, 3], 200), tf.fill([1, 2, 2, 3], 10)] as [
    tf.Tensor4D,
    tf.Tensor4D,
  ];
  const row = [200, 200, 200, 10, 10, 10];
  expect(Array.from(blendedTarget(left, real, reference).dataSync())).toEqual([...row, ...row]);
});

describe('x_T', () => {
  const lastLayer = (kernel: number, bias: number[]) => ({
    'decoder.c4.kernel': tf.fill([3, 3, 32, 3], kernel),
    'decoder.c4.bias': tf.tensor1d(bias),
  });

  test('is x_s where the decoder adds nothing: black and white stay what they are', () => {
    const content = tf.clipByValue(tf.mul(tf.sub(pictures(), 80), 3), 0, 255) as tf.Tensor4D;
    const p = { ...weights(), ...lastLayer(0, [0, 0, 0]) };
    const result = styleTransferredTarget(content, pictures(), p).dataSync();
    const values = content.dataSync();
    expect([Math.min(...values), Math.max(...values)]).toEqual([0, 255]);
    values.forEach((x, i) => {
      if (Math.abs(result[i]! - x) > 0.01) expect.fail(`${i}: ${result[i]} is not ${x}`);
    });
  });

  test('is sigmoid(logit(clip(x_s, .02, .98)) + D_T) and what was clipped: what the decoder adds is added in logits', () => {
    const bias = [0.4, 0, -0.7];
    const content = tf.clipByValue(tf.mul(tf.sub(pictures(), 80), 3), 0, 255) as tf.Tensor4D; // black and white too
    const p = { ...weights(), ...lastLayer(0, bias) };
    const result = styleTransferredTarget(content, pictures(), p).dataSync();
    const values = content.dataSync();
    expect([Math.min(...values), Math.max(...values)]).toEqual([0, 255]);
    values.forEach((x, i) => {
      const clipped = Math.min(0.98, Math.max(0.02, x / 255));
      const logit = Math.log(clipped / (1 - clipped)) + bias[i % 3]!;
      const sum = 1 / (1 + Math.exp(-logit)) + x / 255 - clipped;
      const expected = 255 * Math.min(1, Math.max(0, sum));
      if (Math.abs(result[i]! - expected) > 0.01) expect.fail(`${i}: ${result[i]} is not ${expected}`);
    });
  });

  test('takes its style from the reference: from one of other colours comes another picture', () => {
    const p = weights();
    const dark = tf.mul(pictures(), 0.3) as tf.Tensor4D;
    const [own, other] = [pictures(), dark].map((style) => styleTransferredTarget(pictures(), style, p));
    expect(mean(tf.abs(tf.sub(own!, other!)))).toBeGreaterThan(0.05);
  });
});
