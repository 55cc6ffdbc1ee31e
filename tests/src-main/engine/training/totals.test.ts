/** The two totals of the claims, and the generator's: which losses are in them, and with which weights. */
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { createWasmBackend } from '#compute/backends/wasm.ts';
import { detectorLayout } from '#engine/models/detector.ts';
import { generatorLayout, styleTransferredTarget } from '#engine/models/generator.ts';
import type { ComputeBackend, HostTensor } from '#engine/ports.ts';
import { detectorStepFunction } from '#engine/training/adversarial-steps.ts';
import { generatorStepFunction } from '#engine/training/generator-step.ts';
import { absoluteLoss, diversityLoss } from '#engine/training/losses.ts';
import { AdversarialTrainer } from '#engine/training/trainer.ts';
import { networkConfig } from '#engine/training/training-config.ts';
import { sceneSource, tinyConfig, tinyPorts } from '#tests/support/tiny-training.ts';

type HostTensors = Record<string, HostTensor>;
type Overrides = Parameters<typeof tinyConfig>[0];

let wasm: ComputeBackend;
/** What went into one step of each network, in a training of the default configuration. */
const seen: Record<string, HostTensors> = {};
beforeAll(async () => {
  wasm = await createWasmBackend();
  const prepare: ComputeBackend['prepare'] = async (name, fn, example) => {
    seen[name] ??= example;
    return wasm.prepare(name, fn, example);
  };
  const ports = tinyPorts({ ...wasm, prepare }, await sceneSource(4));
  const trainer = await AdversarialTrainer.begin(tinyConfig({ styleWarmup: 0 }), 1, ports);
  await trainer.iterate(0);
});

async function lossesOf(step: 'detectorStep' | 'generatorStep', overrides: Overrides): Promise<number[]> {
  const make = step === 'detectorStep' ? detectorStepFunction : generatorStepFunction;
  const prepared = await wasm.prepare(step, make(tinyConfig(overrides)), seen[step]!);
  return Array.from((await prepared.run(seen[step]!))['losses']!.data);
}
const vector = (step: string, name: string): tf.Tensor1D =>
  tf.tensor1d(seen[step]![name]!.data as Float32Array);
const pictures = (name: string): tf.Tensor4D => {
  const { data, shape } = seen['generatorStep']![name]!;
  return tf.tensor4d(data as Float32Array, shape as [number, number, number, number]);
};

describe("the detector's total", () => {
  const off = { lambdaSimilarity: 0, lambdaDiversity: 0, lambdaFused: 0 };

  test('without its weights is L_cls', async () => {
    const [cls, , , , total] = await lossesOf('detectorStep', off);
    expect(total).toBe(cls);
  });

  test('L1 = L_cls + lambda L_sim', async () => {
    const [cls, sim, , , total] = await lossesOf('detectorStep', { ...off, lambdaSimilarity: 0.7 });
    expect(sim).toBeGreaterThan(0.1);
    expect(total).toBeCloseTo(cls! + 0.7 * sim!, 5);
  });

  test('L2 = L_cls + lambda1 L_sim + lambda2 L_div, L_div that of the map kernels', async () => {
    const [cls, sim, div, , total] = await lossesOf('detectorStep', {
      ...{ lambdaSimilarity: 0.7, lambdaDiversity: 30, lambdaFused: 0 },
    });
    const layout = detectorLayout(networkConfig(tinyConfig()));
    const kernels = layout.unpack(vector('detectorStep', 'weights'))['maps.kernel'] as tf.Tensor4D;
    expect(div).toBeCloseTo(diversityLoss(kernels).dataSync()[0]!, 5);
    expect(Math.abs(30 * div!)).toBeGreaterThan(0.01);
    expect(total).toBeCloseTo(cls! + 0.7 * sim! + 30 * div!, 4);
  });

  test('beside them is our L_fus', async () => {
    const [cls, , , fus, total] = await lossesOf('detectorStep', { ...off, lambdaFused: 2 });
    expect(total).toBeCloseTo(cls! + 2 * fus!, 5);
  });
});

describe("the generator's total", () => {
  const weights = {
    adversarial: 0.3,
    generatorSimilarity: 0.5,
    generatorDiversity: 20,
    maskRegulariser: 0.9,
    reconstruction: 1.1,
    style: 1.3,
    content: 1.7,
  };
  const off = Object.fromEntries(Object.keys(weights).map((name) => [name, 0]));
  const totalOf = async (overrides: Overrides) => (await lossesOf('generatorStep', overrides))[3]!;

  test('is the sum of its seven losses, each with its own weight', async () => {
    let sum = 0;
    for (const [name, weight] of Object.entries(weights)) {
      const alone = await totalOf({ ...off, [name]: 1 });
      expect(Math.abs(alone * weight), name).toBeGreaterThan(1e-3);
      sum += weight * alone;
    }
    expect(await totalOf(weights)).toBeCloseTo(sum, 3);
  });

  test('the adversarial loss falls where the detector calls the targets real', async () => {
    const layout = detectorLayout(networkConfig(tinyConfig()));
    const believing = async (bias: number) => {
      const detector = Float32Array.from(seen['generatorStep']!['detector']!.data);
      const view = layout.views(detector)['classifier.bias']!;
      view.data[0] = bias;
      const inputs = { ...seen['generatorStep']! };
      inputs['detector'] = { dtype: 'float32', shape: [detector.length], data: detector };
      const prepared = await wasm.prepare('step', generatorStepFunction(tinyConfig()), inputs);
      return (await prepared.run(inputs))['losses']!.data[0]!;
    };
    expect(await believing(-9)).toBeLessThan(0.01); // a negative logit says real
    expect(await believing(9)).toBeGreaterThan(5);
  });

  test('L_rec = mean |G(x_s, x_s) - x_s|, as a share of the grey range', async () => {
    const layout = generatorLayout(networkConfig(tinyConfig()));
    const p = layout.unpack(vector('generatorStep', 'weights'));
    const content = pictures('content');
    const expected = absoluteLoss(styleTransferredTarget(content, content, p), content).dataSync()[0]! / 255;
    expect(await totalOf({ ...off, reconstruction: 1 })).toBeCloseTo(expected, 5);
  });

  test('where the decoder adds nothing, x_T is x_s: L_sty is 1, L_con 0', async () => {
    const layout = generatorLayout(networkConfig(tinyConfig()));
    const { data, shape } = seen['generatorStep']!['weights']!;
    const unchanging = Float32Array.from(data);
    layout.views(unchanging)['decoder.c4.kernel']!.data.fill(0);
    const inputs = {
      ...seen['generatorStep']!,
      weights: { dtype: 'float32' as const, shape, data: unchanging },
    };
    const total = async (overrides: Overrides) => {
      const step = generatorStepFunction(tinyConfig({ ...off, ...overrides }));
      return (await (await wasm.prepare('step', step, inputs)).run(inputs))['losses']!.data[3]!;
    };
    // The decoder's bias has taken a step of 2e-4, and x_s is clipped.
    expect(Math.abs((await total({ style: 1 })) - 1)).toBeLessThan(0.03);
    expect(await total({ content: 1 })).toBeLessThan(0.01);
  });
});
