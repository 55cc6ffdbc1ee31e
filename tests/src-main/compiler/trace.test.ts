import * as tf from '@tensorflow/tfjs';
import { describe, expect, test } from 'vitest';
import { compileToOnnx } from '#compiler/compile.ts';
import { traceFunction } from '#compiler/trace-function.ts';
import type { HostTensor, TensorFunction } from '#engine/ports.ts';
import { expectSame, runCompiled } from './compare.ts';
import { floats } from './example-tensors.ts';

const x = floats([4, 3]);

describe('a traced function may not', () => {
  test.each<[string, TensorFunction]>([
    ['dataSync', ({ x }) => (x!.dataSync(), { y: x! })],
    ['arraySync', ({ x }) => (tf.add(x!, 1).arraySync(), { y: x! })],
    ['print', ({ x }) => (x!.print(), { y: x! })],
    ['data', ({ x }) => (void tf.add(x!, 1).data(), { y: x! })],
    ['array', ({ x }) => (void x!.array(), { y: x! })],
  ])('read values with %s, and hears where it did', async (reader, fn) => {
    await expect(traceFunction(fn, { x })).rejects.toThrow(
      new RegExp(`reads values with ${reader} at .*trace\\.test\\.ts:\\d+`),
    );
  });

  test('draw random numbers', async () => {
    await expect(traceFunction(({ x }) => ({ y: tf.add(x!, tf.randomNormal([3])) }), { x })).rejects.toThrow(
      /draws random numbers at .*trace\.test\.ts:\d+/,
    );
  });

  test('be asynchronous', async () => {
    const fn = (async ({ x }: Record<string, tf.Tensor>) => ({ y: x! })) as unknown as TensorFunction;
    await expect(traceFunction(fn, { x })).rejects.toThrow(/asynchronous/);
  });
});

test('a kernel without a lowering fails by its name and the line that called it', async () => {
  const fn: TensorFunction = ({ x }) => ({ y: tf.unique(x!, 0).values });
  await expect(compileToOnnx('test', fn, { x })).rejects.toThrow(
    /kernel Unique, called at .*trace\.test\.ts:\d+.*has no lowering/,
  );
});

test('a kernel that cannot be recorded fails by its name and the line that called it', async () => {
  const fn: TensorFunction = ({ x }) => ({ y: tf.einsum('ij,kj->ik', x!, x!) });
  await expect(compileToOnnx('test', fn, { x })).rejects.toThrow(
    /kernel Einsum, called at .*trace\.test\.ts:\d+/,
  );
});

test('after a refused trace the former backend is in place and values can be read again', async () => {
  await tf.setBackend('wasm');
  await traceFunction(({ x }) => (x!.dataSync(), { y: x! }), { x }).catch(() => undefined);
  expect(tf.getBackend()).toBe('wasm');
  expect(Array.from(tf.tidy(() => tf.add(1, 2).dataSync()))).toEqual([3]);
  expect(Math.random()).toBeLessThan(1);
});

test('tracing leaves no tensor behind', async () => {
  const fn: TensorFunction = ({ x }) => ({ y: tf.mul(tf.reshape(x!, [12]), tf.range(0, 12)), same: x! });
  await traceFunction(fn, { x });
  const before = tf.memory().numTensors;
  await traceFunction(fn, { x });
  expect(tf.memory().numTensors).toBe(before);
});

test('variables and captured tensors become constants with their present values', async () => {
  await tf.setBackend('wasm');
  const variable = tf.variable(tf.tensor1d([1, 2, 3]));
  const fn: TensorFunction = ({ x }) => ({ y: tf.mul(x!, variable) });
  const first = await runCompiled(fn, { x });
  variable.assign(tf.tensor1d([10, 20, 30]));
  const second = await runCompiled(fn, { x });
  expect(second['y']!.data[5]).toBeCloseTo(10 * first['y']!.data[5]!, 4);
  variable.dispose();
});

test('tensors that live on another backend can be captured', async () => {
  await tf.setBackend('cpu');
  const captured = tf.keep(tf.tensor1d([1, 2, 3]));
  await tf.setBackend('wasm');
  const { y } = await runCompiled(({ x }) => ({ y: tf.mul(tf.zerosLike(x!).add(1), captured) }), { x });
  expect(Array.from(y!.data.slice(0, 3))).toEqual([1, 2, 3]);
  captured.dispose();
});

test('an input, a constant and one value twice can all be outputs', async () => {
  await expectSame(
    ({ x }) => {
      const y = tf.add(x!, 1);
      const squared = tf.square(tf.reshape(y, [12]));
      return { x: x!, y, again: y, other: tf.reshape(y, [2, 6]), constant: tf.tensor1d([1, 2]), squared };
    },
    { x },
  );
});

test('an unused input is kept, so that callers need not know', async () => {
  const { y } = await runCompiled(({ x }) => ({ y: tf.neg(x!) }), { x, unused: floats([2]) });
  expect(y!.shape).toEqual([4, 3]);
});

test('what would fill more memory than there is can be recorded, as its values are not kept', async () => {
  const side = 2048;
  const x: HostTensor = { dtype: 'float32', shape: [side, side], data: new Float32Array(side * side) };
  const { calls } = await traceFunction(
    ({ x }) => {
      let y = x!;
      for (let i = 0; i < 300; i++) y = tf.add(y, 1); // 16 MB each, 4.7 GB in all
      return { y };
    },
    { x },
  );
  expect(calls.filter(({ kernel }) => kernel === 'Add')).toHaveLength(300);
});
