import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { expectSame, runCompiled, withGradients } from './compare.ts';
import { type Feeds, floats } from './example-tensors.ts';

type Inputs = Record<string, tf.Tensor>;
const signed = floats([2, 5, 4], 1, -2, 2);
const positive = floats([2, 5, 4], 2, 0.2, 3);
const picture = (height: number, width: number, seed = 1) => floats([2, height, width, 3], seed);

/** Losses weigh their terms, so that no gradient is the same everywhere. */
const loss = (y: tf.Tensor) => tf.sum(tf.mul(tf.square(y), tf.reshape(tf.linspace(0.2, 1, y.size), y.shape)));

const cases: [string, (x: tf.Tensor) => tf.Tensor, Feeds[string]][] = [
  ['exp', tf.exp, signed],
  ['expm1', tf.expm1, signed],
  ['log', tf.log, positive],
  ['log1p', tf.log1p, positive],
  ['sqrt', tf.sqrt, positive],
  ['rsqrt', tf.rsqrt, positive],
  ['reciprocal', tf.reciprocal, positive],
  ['abs', tf.abs, signed],
  ['sigmoid', tf.sigmoid, signed],
  ['logSigmoid', tf.logSigmoid, signed],
  ['softplus', tf.softplus, signed],
  ['tanh', tf.tanh, signed],
  ['sin', tf.sin, signed],
  ['cos', tf.cos, signed],
  ['relu', tf.relu, signed],
  ['relu6', (x) => tf.relu6(tf.mul(x, 5)), signed],
  ['leakyRelu', (x) => tf.leakyRelu(x, 0.1), signed],
  ['elu', tf.elu, signed],
  ['selu', tf.selu, signed],
  ['clipByValue', (x) => tf.clipByValue(x, -1, 1), signed],
  ['pow', (x) => tf.pow(x, 2.5), positive],
  ['softmax', (x) => tf.softmax(x), signed],
  ['logSoftmax', (x) => tf.logSoftmax(x), signed],
  ['logSumExp', (x) => tf.logSumExp(x, -1), signed],
  ['mean', (x) => tf.mean(x, [0, 2]), signed],
  ['max', (x) => tf.max(x, [1, 2]), signed],
  ['min', (x) => tf.min(x, 1), signed],
  ['moments', (x) => tf.moments(x, [1]).variance, signed],
  ['cumsum', (x) => tf.cumsum(x, 2), signed],
  ['transpose', (x) => tf.transpose(x, [2, 0, 1]), signed],
  ['tile', (x) => tf.tile(x, [1, 2, 3]), signed],
  ['slice', (x) => tf.slice(x, [0, 1, 2], [1, 3, 2]), signed],
  ['pad', (x) => tf.pad(x, [[0, 1], [2, 0], [1, 1]]), signed], // prettier-ignore
  ['concat and split', (x) => tf.concat([tf.exp(x), ...tf.split(x, [1, 4], 1)], 1), signed],
  [
    'stack and unstack',
    (x) => tf.stack([...tf.unstack(x, 1), tf.slice(x, [0, 0, 0], [2, 1, 4]).squeeze([1])]),
    signed,
  ],
  ['reverse', (x) => tf.reverse(x, 1), signed],
  ['where', (x) => tf.where(tf.tensor2d([[1, 0, 0, 1]], [1, 4], 'bool'), tf.square(x), tf.neg(x)), signed],
  ['gather', (x) => tf.gather(x, [3, 0, 3, 1], 1), signed],
  ['broadcast', (x) => tf.mul(tf.mean(x, 1, true), x), signed],
  ['division', (x) => tf.div(x, tf.add(tf.abs(tf.slice(x, [0, 0, 0], [1, 5, 1])), 1)), signed],
  ['maximum and minimum', (x) => tf.maximum(tf.minimum(x, tf.reverse(x, 0)), -0.5), signed],
  ['squaredDifference', (x) => tf.squaredDifference(x, tf.reverse(x, 1)), signed],
  ['spaceToBatchND', (x) => tf.spaceToBatchND(x, [2, 2], [[1, 2], [0, 1]]), picture(5, 7)], // prettier-ignore
  ['batchToSpaceND', (x) => tf.batchToSpaceND(tf.concat([x, x], 0), [2, 2], [[1, 2], [0, 1]]), picture(5, 7)], // prettier-ignore
  ['maxPool', (x) => tf.maxPool(x as tf.Tensor4D, 2, 2, 'same'), picture(5, 6)],
  ['overlapping maxPool', (x) => tf.maxPool(x as tf.Tensor4D, 3, 2, 'valid'), picture(9, 7)],
  ['avgPool', (x) => tf.avgPool(x as tf.Tensor4D, 4, 4, 'valid'), picture(8, 12)],
  ['overlapping avgPool', (x) => tf.avgPool(x as tf.Tensor4D, 3, 2, 'valid'), picture(9, 7)],
];

// on the CPU backend, which has every gradient kernel; the WASM backend lacks several
describe('gradients, compiled equal eager', () => {
  test.each(cases)('%s', async (_, fn, x) => {
    await expectSame(
      withGradients((inputs) => loss(fn(inputs['x']!))),
      { x },
      { eager: 'cpu' },
    );
  });

  test.each([
    [false, false],
    [true, false],
    [false, true],
    [true, true],
  ])('matrix product, transposed %s and %s', async (transposeA, transposeB) => {
    const fn = ({ a, b }: Inputs) => loss(tf.matMul(a!, b!, transposeA, transposeB));
    const feeds = {
      a: floats(transposeA ? [2, 3, 4] : [2, 4, 3]),
      b: floats(transposeB ? [2, 5, 3] : [2, 3, 5], 2),
    };
    await expectSame(withGradients(fn), feeds, { eager: 'cpu' });
  });

  test('a second derivative', async () => {
    const inner = tf.grad((x: tf.Tensor) => tf.sum(tf.tanh(tf.square(x))));
    await expectSame(
      withGradients(({ x }) => loss(inner(x!))),
      { x: signed },
      { eager: 'cpu' },
    );
  });

  test('a gradient that a function of its own defines', async () => {
    const clipped = tf.customGrad((x) => ({
      value: tf.round(x as tf.Tensor),
      gradFunc: (dy) => tf.mul(dy as tf.Tensor, 0.5),
    }));
    await expectSame(
      withGradients(({ x }) => loss(clipped(x!))),
      { x: signed },
      { eager: 'cpu' },
    );
  });
});

// on the WASM backend: the CPU backend's gradients are right for square pictures only
describe('gradients of resizing, compiled equal eager', () => {
  const cases = [
    ['up', [10, 9], picture(5, 4)],
    ['down', [3, 5], picture(7, 8)],
  ] as const;
  const all = cases.flatMap(([way, size, x]) => [true, false].map((align) => [way, align, size, x] as const));
  test.each(all)('bilinear, %s, align corners %s', async (_, align, size, x) => {
    const fn = ({ x }: Inputs) => loss(tf.image.resizeBilinear(x as tf.Tensor4D, [...size], align));
    await expectSame(withGradients(fn), { x });
  });
  test.each(all)('nearest, %s, align corners %s', async (_, align, size, x) => {
    const fn = ({ x }: Inputs) => loss(tf.image.resizeNearestNeighbor(x as tf.Tensor4D, [...size], align));
    await expectSame(withGradients(fn), { x });
  });
});

describe('resizing, compiled equals eager', () => {
  const sizes: [number, number][] = [[10, 9], [3, 2], [5, 4], [1, 1], [13, 7]]; // prettier-ignore
  const modes = [
    [false, false],
    [true, false],
    [false, true],
  ] as const;
  const all = sizes.flatMap((size) => modes.map(([align, half]) => [size, align, half] as const));
  test.each(all)('to %j, align corners %s, half-pixel centres %s', async (size, align, half) => {
    await expectSame(
      ({ x }) => ({
        bilinear: tf.image.resizeBilinear(x as tf.Tensor4D, [...size], align, half),
        nearest: tf.image.resizeNearestNeighbor(x as tf.Tensor4D, [...size], align, half),
      }),
      { x: picture(5, 4) },
    );
  });
});

/** <A x, y> = <x, A' y> for a linear A with the gradient A': true of a right gradient, whatever the eager one says. */
describe('where TensorFlow.js has no right gradient, the compiled one is the adjoint', () => {
  test.each([
    [
      'half-pixel bilinear resizing',
      (x: tf.Tensor) => tf.image.resizeBilinear(x as tf.Tensor4D, [9, 3], false, true),
    ],
    ['average pooling with padding', (x: tf.Tensor) => tf.avgPool(x as tf.Tensor4D, 3, 2, 'same')],
  ])('%s', async (_, linear) => {
    const x = picture(4, 7);
    const fn = ({ x: tensor }: Inputs) => {
      const y = linear(tensor!);
      const weights = tf.reshape(tf.linspace(-1, 2, y.size), y.shape);
      const { value, grad } = tf.valueAndGrad((at: tf.Tensor) => tf.sum(tf.mul(linear(at), weights)))(
        tensor!,
      );
      return { image: value, preimage: tf.sum(tf.mul(grad, tensor!)) };
    };
    const { image, preimage } = await runCompiled(fn, { x });
    expect(preimage!.data[0]).toBeCloseTo(image!.data[0]!, 3);
  });
});
