/** Counts against numbers worked out by hand: results times what each of them adds up, two operations each. */
import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { compileToGraph } from '#compiler/compile.ts';
import { countWork } from '#compiler/count-work.ts';
import { GraphBuilder } from '#compiler/graph-builder.ts';
import { int, ints } from '#compiler/onnx-graph.ts';
import type { TensorFunction } from '#engine/ports.ts';
import { conv8Inputs, conv8Step } from '#features/training-benchmark/conv8-step.ts';
import { withGradients } from './compare.ts';
import { type Feeds, floats, integers } from './example-tensors.ts';

const workOf = async (fn: TensorFunction, feeds: Feeds) =>
  countWork(await compileToGraph('test', fn, feeds, { outputPrefix: 'out:' }));
const conv =
  (stride: number, pad: 'same' | 'valid'): TensorFunction =>
  ({ x, w }) => ({ y: tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, stride, pad) });

describe('convolutions count two operations for each result and filter tap', () => {
  test.each([
    // [batch, height, width, channels in], filter, stride, padding, [positions out]
    { x: [2, 8, 8, 3], w: [3, 3, 3, 5], stride: 1, pad: 'same', out: 8 * 8 },
    { x: [2, 8, 8, 3], w: [3, 3, 3, 5], stride: 1, pad: 'valid', out: 6 * 6 },
    { x: [2, 8, 8, 3], w: [3, 3, 3, 5], stride: 2, pad: 'same', out: 4 * 4 },
    { x: [1, 7, 9, 4], w: [3, 3, 4, 2], stride: 2, pad: 'same', out: 4 * 5 },
    { x: [1, 7, 9, 4], w: [5, 3, 4, 2], stride: 2, pad: 'valid', out: 2 * 4 },
  ] as const)('$x by $w, stride $stride, $pad', async ({ x, w, stride, pad, out }) => {
    const found = await workOf(conv(stride, pad), { x: floats([...x]), w: floats([...w]) });
    const [height, width, channelsIn, channelsOut] = w;
    const results = x[0] * out * channelsOut;
    expect(found).toEqual({ matrix: 2 * results * height * width * channelsIn, other: 0 });
  });

  test('a depthwise filter meets one channel only', async () => {
    const depthwise: TensorFunction = ({ x, w }) => ({
      y: tf.depthwiseConv2d(x as tf.Tensor4D, w as tf.Tensor4D, 1, 'same'),
    });
    const found = await workOf(depthwise, { x: floats([2, 6, 6, 4]), w: floats([3, 3, 4, 2]) });
    expect(found.matrix).toBe(2 * (2 * 6 * 6 * 8) * 9);
  });

  test('a transposed convolution costs what the convolution that it undoes costs', async () => {
    const backwards: TensorFunction = ({ dy, w }) => ({
      dx: tf.conv2dTranspose(dy as tf.Tensor4D, w as tf.Tensor4D, [2, 9, 7, 3], 2, 'same'),
    });
    const graph = await compileToGraph('test', backwards, {
      dy: floats([2, 5, 4, 6]),
      w: floats([3, 3, 3, 6]),
    });
    expect(graph.nodes.map(({ op }) => op)).toContain('ConvTranspose');
    expect(countWork(graph).matrix).toBe(2 * (2 * 5 * 4 * 6) * (3 * 3 * 3));
  });

  test.each([1, 2])('each gradient at stride %i costs as much as the convolution', async (stride) => {
    const fn = withGradients(({ x, w }) =>
      tf.sum(tf.square(tf.conv2d(x as tf.Tensor4D, w as tf.Tensor4D, stride, 'same'))),
    );
    const found = await workOf(fn, { x: floats([2, 9, 7, 4]), w: floats([3, 3, 4, 5]) });
    const positions = Math.ceil(9 / stride) * Math.ceil(7 / stride);
    expect(found.matrix).toBe(3 * 2 * (2 * positions * 5) * (3 * 3 * 4));
  });
});

describe('matrix products', () => {
  test('count two operations for each result and place of the summed axis, over the whole batch', async () => {
    const fn: TensorFunction = ({ a, b }) => ({ y: tf.matMul(a!, b!) });
    expect((await workOf(fn, { a: floats([3, 5]), b: floats([5, 7]) })).matrix).toBe(2 * 3 * 7 * 5);
    expect((await workOf(fn, { a: floats([4, 2, 3, 5]), b: floats([4, 2, 5, 7]) })).matrix).toBe(
      2 * (4 * 2 * 3 * 7) * 5,
    );
    expect((await workOf(fn, { a: floats([6, 3, 5]), b: floats([1, 5, 7]) })).matrix).toBe(
      2 * (6 * 3 * 7) * 5,
    );
  });

  test('a transposed side changes which axis is summed', async () => {
    const fn: TensorFunction = ({ a, b }) => ({
      y: tf.matMul(a as tf.Tensor2D, b as tf.Tensor2D, true, true),
    });
    expect((await workOf(fn, { a: floats([5, 3]), b: floats([7, 5]) })).matrix).toBe(2 * 3 * 7 * 5);
  });

  test.each([0, 1])('of a Gemm with transA %i; its bias is added once a result', (transA) => {
    const g = new GraphBuilder('gemm');
    const a = g.input('a', 'float32', transA ? [5, 3] : [3, 5]);
    const inputs = [a, g.input('b', 'float32', [5, 7]), g.input('c', 'float32', [7])];
    g.output('y', g.op('Gemm', inputs, { dtype: 'float32', shape: [3, 7] }, { transA: int(transA) }));
    expect(countWork(g.graph)).toEqual({ matrix: 2 * 3 * 7 * 5, other: 3 * 7 });
  });
});

describe('everything else', () => {
  test('counts one operation for each result of an elementwise operator, after broadcasting', async () => {
    const fn: TensorFunction = ({ x, y }) => ({ z: tf.sigmoid(tf.add(x!, y!)) });
    expect(await workOf(fn, { x: floats([4, 1]), y: floats([3]) })).toEqual({ matrix: 0, other: 2 * 12 });
  });

  test('counts what a reduction takes in, not the little that it gives', async () => {
    expect(await workOf(({ x }) => ({ y: tf.sum(x!, 1) }), { x: floats([4, 25]) })).toEqual({
      matrix: 0,
      other: 100,
    });
  });

  test('counts a pooling window for each result', async () => {
    const fn: TensorFunction = ({ x }) => ({ y: tf.maxPool(x as tf.Tensor4D, 3, 2, 'valid') });
    expect(await workOf(fn, { x: floats([1, 7, 7, 2]) })).toEqual({ matrix: 0, other: 9 * 3 * 3 * 2 });
  });

  test('moving values is no work, and neither is arithmetic of whole numbers', async () => {
    const moved: TensorFunction = ({ x }) => ({
      y: tf.concat([tf.transpose(x!), tf.transpose(x!)], 0).slice([1]),
    });
    expect(await workOf(moved, { x: floats([4, 6]) })).toEqual({ matrix: 0, other: 0 });
    const whole: TensorFunction = ({ i }) => ({ j: tf.add(i!, i!) });
    expect(await workOf(whole, { i: integers([5]) })).toEqual({ matrix: 0, other: 0 });
  });
});

test('a graph that leaves the batch open is counted for the batch that is named', () => {
  const g = new GraphBuilder('open');
  const x = g.input('x', 'float32', [{ perItem: 1, fixed: 0 }, 3, 8, 8]);
  const w = g.input('w', 'float32', [5, 3, 3, 3]);
  const shape = [{ perItem: 1, fixed: 0 }, 5, 6, 6];
  g.output('y', g.op('Conv', [x, w], { dtype: 'float32', shape }, { kernel_shape: ints([3, 3]) }));
  expect(countWork(g.graph).matrix).toBe(2 * (5 * 36) * 27);
  expect(countWork(g.graph, 16).matrix).toBe(16 * 2 * (5 * 36) * 27);
});

test('a whole training step is its convolutions three times over, but for the gradient of the picture', async () => {
  const shape = { batch: 2, size: 16, channels: [4, 8] };
  // positions out, channels in, channels out of each convolution
  const layers = [
    [64, 3, 4],
    [64, 4, 4],
    [16, 4, 8],
    [16, 8, 8],
  ] as const;
  const each = layers.map(
    ([positions, channelsIn, channelsOut]) => 2 * (2 * positions * channelsOut) * 9 * channelsIn,
  );
  const dense = 2 * (2 * 8);
  const found = await workOf(conv8Step(shape), conv8Inputs(shape));
  expect(found.matrix).toBe(3 * (each.reduce((sum, work) => sum + work, 0) + dense) - each[0]!);
});
