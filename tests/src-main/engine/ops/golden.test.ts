/** Every operation and loss of the method against the golden values, outputs and gradients, on the WASM backend. */
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { initWasm } from '#compute/backends/wasm.ts';
import { attentionStyle } from '#engine/ops/attention-style.ts';
import { bandFusion } from '#engine/ops/band-fusion.ts';
import { blend } from '#engine/ops/blend.ts';
import { blockDct } from '#engine/ops/block-dct.ts';
import { globalDct } from '#engine/ops/dct.ts';
import { jpegSimulation } from '#engine/ops/jpeg-simulation.ts';
import { lowRankDenoise } from '#engine/ops/low-rank.ts';
import { maskKernels } from '#engine/ops/mask-kernels.ts';
import {
  classificationLoss,
  diversityLoss,
  kernelCosines,
  similarityLoss,
  similarityWeights,
} from '#engine/training/losses.ts';
import { golden, largestDifference, type GoldenArray } from '#tests/support/golden.ts';

type Tensors = Record<string, tf.Tensor>;
const asTensor = (a: GoldenArray): tf.Tensor => tf.tensor(a.data, a.shape, 'float32');
const asTensors = (arrays: Record<string, GoldenArray>): Tensors =>
  Object.fromEntries(Object.entries(arrays).map(([name, a]) => [name, asTensor(a)]));

const t4 = (t: tf.Tensor | undefined): tf.Tensor4D => t as tf.Tensor4D;
const t2 = (t: tf.Tensor | undefined): tf.Tensor2D => t as tf.Tensor2D;
const t1 = (t: tf.Tensor | undefined): tf.Tensor1D => t as tf.Tensor1D;

const operations: Record<string, (x: Tensors) => Tensors> = {
  'global-dct': (x) => ({ y: globalDct(t4(x['x'])) }),
  'block-dct': (x) => ({ y: blockDct(t4(x['x'])) }),
  'attention-style': (x) => {
    const r = attentionStyle(t4(x['content']), t4(x['style']), t2(x['wq']), t2(x['wk']), t2(x['wv']));
    return { mean: r.mean, std: r.std, fused: r.fused };
  },
  'band-fusion': (x) => {
    const kernel = t2(x['kernel']);
    const r = bandFusion(t4(x['global']), t4(x['local']), kernel, t1(x['bias']));
    return { mask: r.mask, fused_global: r.fusedGlobal, fused_local: r.fusedLocal };
  },
  blend: (x) => ({ target: blend(t4(x['mask']), t4(x['real']), t4(x['reference'])) }),
  'mask-kernels': (x) => ({ masks: maskKernels(t4(x['features']), t4(x['kernels'])) }),
  'loss-classification': (x) => ({ loss: classificationLoss(x['logits']!, x['labels']!) }),
  'loss-diversity': (x) => ({
    cosine: kernelCosines(t4(x['kernels'])),
    loss: diversityLoss(t4(x['kernels'])),
  }),
  'loss-similarity': (x) => {
    const weights = similarityWeights(
      t4(x['masks']),
      t4(x['maps']),
      tf.reshape(x['fc']!, [-1, 1]),
      t1(x['fc_bias']),
    );
    return { weights, loss: similarityLoss(t4(x['masks']), t4(x['maps']), weights) };
  },
};

beforeAll(initWasm);

describe.each(Object.keys(operations))('%s', (name) => {
  const reference = golden(name);
  const operation = operations[name]!;

  test('gives the golden outputs', () => {
    const outputs = operation(asTensors(reference.inputs));
    expect(Object.keys(outputs).sort()).toEqual(Object.keys(reference.outputs).sort());
    for (const [key, expected] of Object.entries(reference.outputs)) {
      expect(outputs[key]!.shape).toEqual(expected.shape);
      expect(largestDifference(outputs[key]!.dataSync(), expected.data), key).toBeLessThanOrEqual(
        reference.tolerance,
      );
    }
  });

  test.skipIf(!reference.gradients)('gives the golden gradients', () => {
    const { cotangents, wrt } = reference.gradients!;
    const inputs = asTensors(reference.inputs);
    const names = Object.keys(wrt);
    const weigh = asTensors(cotangents);
    const gradients = tf.grads((...values: tf.Tensor[]) => {
      const outputs = operation({ ...inputs, ...Object.fromEntries(names.map((n, i) => [n, values[i]!])) });
      return tf.addN(Object.keys(weigh).map((key) => tf.sum(tf.mul(outputs[key]!, weigh[key]!))));
    })(names.map((n) => inputs[n]!));
    for (const [i, key] of names.entries()) {
      expect(largestDifference(gradients[i]!.dataSync(), wrt[key]!.data), key).toBeLessThanOrEqual(
        reference.tolerance,
      );
    }
  });
});

test('low-rank denoising reaches the truncated singular value decomposition', () => {
  const reference = golden('low-rank');
  const a = asTensor(reference.inputs['a']!) as tf.Tensor3D;
  const { lowRank, residual } = lowRankDenoise(a, Number(reference.params['rank']), 60);
  for (const [actual, key] of [
    [lowRank, 'l'],
    [residual, 'residual'],
  ] as const) {
    const expected = reference.outputs[key]!.data;
    const values = actual.dataSync();
    let error = 0;
    let norm = 0;
    expected.forEach((e, i) => {
      error += (values[i]! - e) ** 2;
      norm += e ** 2;
    });
    expect(Math.sqrt(error / norm), key).toBeLessThanOrEqual(reference.tolerance);
  }
});

test.each([50, 75, 92])(
  'the JPEG simulation at quality %i equals the golden round trip in 99 %% of the values',
  (quality) => {
    const reference = golden(`jpeg-simulation-q${quality}`);
    const values = jpegSimulation(asTensor(reference.inputs['rgb']!) as tf.Tensor4D, quality).dataSync();
    const differences = reference.outputs['rgb']!.data.map((e, i) => Math.abs(e - values[i]!)).sort(
      (p, q) => p - q,
    );
    expect(differences[Math.floor(differences.length * 0.99)]).toBeLessThanOrEqual(reference.tolerance);
  },
);

test('shape errors name the operation and both numbers', () => {
  expect(() => blockDct(tf.zeros([1, 130, 16, 1]))).toThrow('blockDct: height 130 is not a multiple of 8');
});
