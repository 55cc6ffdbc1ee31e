import * as tf from '@tensorflow/tfjs';
import { expect, test } from 'vitest';
import { compileToGraph, type CompileOptions } from '#compiler/compile.ts';
import type { OnnxGraph } from '#compiler/onnx-graph.ts';
import type { TensorFunction } from '#engine/ports.ts';
import { expectSame } from './compare.ts';
import { type Feeds, floats, integers } from './example-tensors.ts';

/** Compiles, counts operators, and makes sure that the optimised graph still computes the same. */
async function operators(
  fn: TensorFunction,
  feeds: Feeds,
  options: CompileOptions = {},
): Promise<Map<string, number>> {
  await expectSame(fn, feeds, { eager: 'cpu' });
  const counts = new Map<string, number>();
  for (const { op } of (await compileToGraph('test', fn, feeds, options)).nodes)
    counts.set(op, (counts.get(op) ?? 0) + 1);
  return counts;
}

const heldValues = (graph: OnnxGraph): number =>
  [...graph.initializers.values()].reduce((sum, { data }) => sum + data.length, 0);

test('what no output needs is left out', async () => {
  const counts = await operators(({ x }) => (tf.exp(x!), { y: tf.neg(x!) }), { x: floats([3]) });
  expect([...counts]).toEqual([
    ['Neg', 1],
    ['Identity', 1],
  ]);
});

test('the same computation is made once, and different attributes keep it apart', async () => {
  const counts = await operators(
    ({ x }) => ({
      y: tf.add(tf.exp(tf.sum(x!, 0)), tf.exp(tf.sum(x!, 0))),
      z: tf.leakyRelu(x!, 0.1),
      w: tf.leakyRelu(x!, 0.2),
    }),
    { x: floats([3, 4]) },
  );
  expect([counts.get('Exp'), counts.get('ReduceSum'), counts.get('LeakyRelu')]).toEqual([1, 1, 2]);
});

test('between two convolutions no transpose is left', async () => {
  const fn: TensorFunction = ({ x, v, w }) => ({
    y: tf.conv2d(tf.conv2d(x as tf.Tensor4D, v as tf.Tensor4D, 1, 'same'), w as tf.Tensor4D, 1, 'same'),
  });
  const counts = await operators(fn, {
    x: floats([1, 5, 5, 2]),
    v: floats([3, 3, 2, 4], 2),
    w: floats([3, 3, 4, 2], 3),
  });
  expect(counts.get('Transpose')).toBe(4); // in, out, and two filters
});

test('the ones that the gradient of a mean multiplies by are neither stored nor expanded', async () => {
  const fn: TensorFunction = ({ x }) => ({
    y: tf.grad((at: tf.Tensor) => tf.sum(tf.square(tf.mean(at, [1, 2]))))(x!),
  });
  const feeds = { x: floats([2, 32, 32, 3]) };
  await operators(fn, feeds);
  expect(heldValues(await compileToGraph('test', fn, feeds))).toBeLessThan(64);
});

test('a product with a broadcast constant keeps the larger shape', async () => {
  const fn: TensorFunction = ({ x }) => ({
    y: tf.mul(tf.ones([4, 50]), x!),
    z: tf.add(tf.fill([40, 3], 2), tf.fill([40, 3], 3)),
    w: tf.exp(tf.transpose(tf.fill([40, 3], 0.5))),
  });
  const counts = await operators(fn, { x: floats([50]) });
  expect(counts.get('Mul')).toBeUndefined(); // times one
});

test('bytes become floats by one cast', async () => {
  const fn: TensorFunction = ({ pixels }) => ({ y: tf.div(tf.cast(pixels!, 'float32'), 255) });
  const counts = await operators(
    fn,
    { pixels: integers([4], 1, 0, 256) },
    { inputDtypes: { pixels: 'uint8' } },
  );
  expect(counts.get('Cast')).toBe(1);
});

test('floats cut to integers and back are not left whole', async () => {
  const counts = await operators(({ x }) => ({ y: tf.cast(tf.cast(x!, 'int32'), 'float32') }), {
    x: floats([9], 1, -5, 5),
  });
  expect(counts.get('Cast')).toBe(2);
});
