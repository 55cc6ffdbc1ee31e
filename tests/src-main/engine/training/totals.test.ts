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

describe('L_sim', () => {
  const cells = 16 * 16;

  test('of a style-transferred sample has M_i = 1 and fixed w_i; real pictures have M = 0', () => {
    const { masks, fused, fixedWeights, labels } = seen['detectorStep']!;
    expect(Array.from(labels!.data)).toEqual([0, 0, 1, 1, 1]); // two real ones, a learned, a drawn, a styled
    expect(Array.from(fixedWeights!.data)).toEqual([0, 1, 1]);
    expect(new Set(masks!.data.slice(-cells * 4))).toEqual(new Set([1]));
    expect(new Set(fused!.data.slice(-cells))).toEqual(new Set([1]));
    expect(new Set(fused!.data.slice(0, 2 * cells))).toEqual(new Set([0]));
    expect(new Set(masks!.data.slice(0, cells * 4)).size).toBeGreaterThan(cells);
  });

  test('has the learned w_i where they are not fixed, and nowhere else', async () => {
    const layout = detectorLayout(networkConfig(tinyConfig()));
    const simOf = async (fixed: number, scale: number) => {
      const inputs = { ...seen['detectorStep']! };
      const weights = Float32Array.from(inputs['weights']!.data);
      const layer = layout.views(weights)['similarity.weights']!.data;
      layer.forEach((w, i) => (layer[i] = scale * w));
      inputs['weights'] = { dtype: 'float32', shape: [weights.length], data: weights };
      inputs['fixedWeights'] = { dtype: 'float32', shape: [3, 1], data: new Float32Array(3).fill(fixed) };
      const prepared = await wasm.prepare('step', detectorStepFunction(tinyConfig()), inputs);
      return (await prepared.run(inputs))['losses']!.data[1]!;
    };
    expect(await simOf(1, 1)).toBe(await simOf(1, 50));
    expect(Math.abs((await simOf(0, 1)) - (await simOf(0, 50)))).toBeGreaterThan(1e-3);
    expect(await simOf(0, 0)).toBeCloseTo(await simOf(1, 0), 5); // even weights are the fixed ones
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
      const size = name === 'generatorDiversity' ? Math.abs(alone) : alone; // cosines alone may be negative
      expect(size * weight, name).toBeGreaterThan(1e-3);
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
