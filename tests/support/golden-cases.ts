/**
 * The golden values as cases that any compute backend can run: each is one tensor function that gives an operation's
 * outputs and its gradients, with what they must be.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { ComputeBackend, HostTensor, TensorFunction } from '#engine/ports.ts';
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
import { golden, type Golden, type GoldenArray } from './golden.ts';

type Tensors = Record<string, tf.Tensor>;
type Operation = (x: Tensors) => Tensors;
type Measure = 'largest' | 'percentile 99' | 'relative Frobenius';

interface Expectation {
  /** Name of an output of the case's function; gradients are called `d:` and the input's name. */
  output: string;
  shape: number[];
  data: readonly number[];
  tolerance: number;
  measure: Measure;
}

export interface GoldenCase {
  name: string;
  inputs: Record<string, HostTensor>;
  fn: TensorFunction;
  expected: Expectation[];
}

const t4 = (t: tf.Tensor | undefined): tf.Tensor4D => t as tf.Tensor4D;
const t3 = (t: tf.Tensor | undefined): tf.Tensor3D => t as tf.Tensor3D;
const t2 = (t: tf.Tensor | undefined): tf.Tensor2D => t as tf.Tensor2D;
const t1 = (t: tf.Tensor | undefined): tf.Tensor1D => t as tf.Tensor1D;

/** Operations whose golden file has their gradients too. */
const differentiated: Record<string, Operation> = {
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
    const layer = tf.reshape(x['fc']!, [-1, 1]) as tf.Tensor2D;
    const weights = similarityWeights(t4(x['masks']), t4(x['maps']), layer, t1(x['fc_bias']));
    return { weights, loss: similarityLoss(t4(x['masks']), t4(x['maps']), weights) };
  },
};

/** Orthogonal iterations that reach the exact subspace of the golden matrices; photographs have slower spectra. */
const EXACT_PASSES = 4;

const hostTensor = ({ shape, data }: GoldenArray): HostTensor => ({
  dtype: 'float32',
  shape,
  data: Float32Array.from(data),
});
const hostTensors = (arrays: Record<string, GoldenArray>): Record<string, HostTensor> =>
  Object.fromEntries(Object.entries(arrays).map(([name, a]) => [name, hostTensor(a)]));

/** `operation`'s outputs, and as `d:name` the gradients of `sum of outputs * cotangents` with respect to `wrt`. */
function withGradients(
  operation: Operation,
  cotangents: Record<string, GoldenArray>,
  wrt: string[],
): TensorFunction {
  return (inputs) => {
    const gradients = tf.grads((...values: tf.Tensor[]) => {
      const outputs = operation({ ...inputs, ...Object.fromEntries(wrt.map((n, i) => [n, values[i]!])) });
      return tf.addN(
        Object.entries(cotangents).map(([key, { data, shape }]) =>
          tf.sum(tf.mul(outputs[key]!, tf.tensor(data, shape, 'float32'))),
        ),
      );
    })(wrt.map((name) => inputs[name]!));
    return {
      ...operation(inputs),
      ...Object.fromEntries(wrt.map((name, i) => [`d:${name}`, gradients[i]!])),
    };
  };
}

const expectations = (
  arrays: Record<string, GoldenArray>,
  { tolerance }: Golden,
  measure: Measure,
  prefix = '',
): Expectation[] =>
  Object.entries(arrays).map(([name, { shape, data }]) => ({
    ...{ output: `${prefix}${name}`, shape, data, tolerance, measure },
  }));

function differentiatedCase(name: string, operation: Operation): GoldenCase {
  const file = golden(name);
  const { cotangents, wrt } = file.gradients!;
  return {
    name,
    inputs: hostTensors(file.inputs),
    fn: withGradients(operation, cotangents, Object.keys(wrt)),
    expected: [...expectations(file.outputs, file, 'largest'), ...expectations(wrt, file, 'largest', 'd:')],
  };
}

/**
 * Low-rank denoising `L = A V V^T` with V held fixed in the gradient. The golden file has no gradients, but they follow:
 * the gradient of `<L, C>` is `C V V^T`, which for `C = A` is L itself.
 */
function lowRankCase(): GoldenCase {
  const file = golden('low-rank');
  const operation: Operation = (x) => {
    const { lowRank, residual } = lowRankDenoise(t3(x['a']), file.params['rank']!, EXACT_PASSES);
    return { l: lowRank, residual };
  };
  return {
    name: 'low-rank',
    inputs: hostTensors(file.inputs),
    fn: withGradients(operation, { l: file.inputs['a']! }, ['a']),
    expected: [
      ...expectations(file.outputs, file, 'relative Frobenius'),
      ...expectations({ a: file.outputs['l']! }, file, 'relative Frobenius', 'd:'),
    ],
  };
}

/**
 * The JPEG simulation at one quality. The golden file has no gradients, but they follow: rounding passes them straight
 * through, and all else of the round trip cancels, so that the gradient is the cotangent where the result was not clamped.
 */
function jpegCase(quality: number): GoldenCase {
  const file = golden(`jpeg-simulation-q${quality}`);
  const { shape, data } = file.outputs['rgb']!;
  const cotangent = { shape, data: data.map((_, i) => Math.sin(i)) };
  const passed = { shape, data: data.map((x, i) => (x > 0 && x < 255 ? cotangent.data[i]! : 0)) };
  return {
    name: `jpeg-simulation-q${quality}`,
    inputs: hostTensors(file.inputs),
    fn: withGradients((x) => ({ rgb: jpegSimulation(t4(x['rgb']), quality) }), { rgb: cotangent }, ['rgb']),
    expected: [
      ...expectations(file.outputs, file, 'percentile 99'),
      { output: 'd:rgb', ...passed, tolerance: 1e-4, measure: 'percentile 99' },
    ],
  };
}

export const goldenCases: readonly GoldenCase[] = [
  ...Object.entries(differentiated).map(([name, operation]) => differentiatedCase(name, operation)),
  lowRankCase(),
  ...[50, 75, 92].map(jpegCase),
];

function difference(actual: ArrayLike<number>, expected: readonly number[], measure: Measure): number {
  const distances = expected
    .map((e, i) => Math.abs(actual[i]! - e))
    .map((d) => (Number.isFinite(d) ? d : Infinity));
  if (measure === 'relative Frobenius') return Math.hypot(...distances) / Math.hypot(...expected);
  distances.sort((p, q) => p - q);
  return distances[measure === 'largest' ? distances.length - 1 : Math.floor(distances.length * 0.99)]!;
}

/** Runs a case on a backend. Gives what differs from the golden values, in words; empty where all agree. */
export async function disagreements(
  backend: ComputeBackend,
  { name, fn, inputs, expected }: GoldenCase,
): Promise<string[]> {
  const prepared = await backend.prepare(name, fn, inputs);
  const outputs = await prepared.run(inputs);
  await prepared.dispose();
  const names = expected.map(({ output }) => output).sort();
  if (Object.keys(outputs).sort().join() !== names.join())
    return [`${name} gives ${Object.keys(outputs).join(', ')}, not ${names.join(', ')}`];
  return expected.flatMap(({ output, shape, data, tolerance, measure }) => {
    const actual = outputs[output]!;
    if (actual.shape.join() !== shape.join()) return [`${output} has the shape [${actual.shape.join(', ')}]`];
    const found = difference(actual.data, data, measure);
    return found <= tolerance ? [] : [`${output} differs by ${found} (${measure}), more than ${tolerance}`];
  });
}
