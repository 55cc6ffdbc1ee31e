/** Support for the compiler's tests: one function run eagerly and compiled, on the same inputs. */
import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-wasm';
import '@tensorflow/tfjs-backend-cpu';
import type { InferenceSession } from 'onnxruntime-node';
import { expect } from 'vitest';
import { compileToOnnx, type CompileOptions } from '#compiler/compile.ts';
import type { HostTensor, TensorFunction } from '#engine/ports.ts';
import { loadOnnxRuntime } from '#inference/onnx-runtime.ts';
import type { Feeds } from './example-tensors.ts';

export async function runEagerly(backend: 'wasm' | 'cpu', fn: TensorFunction, feeds: Feeds): Promise<Feeds> {
  await tf.setBackend(backend);
  const outputs = tf.tidy(() => {
    const inputs = Object.entries(feeds).map(
      ([name, { data, shape, dtype }]) => [name, tf.tensor(data, shape, dtype)] as const,
    );
    return fn(Object.fromEntries(inputs));
  });
  const result: Feeds = {};
  for (const [name, tensor] of Object.entries(outputs)) {
    const data = await tensor.data();
    result[name] =
      tensor.dtype === 'float32'
        ? { dtype: 'float32', shape: tensor.shape, data: data as Float32Array }
        : { dtype: 'int32', shape: tensor.shape, data: Int32Array.from(data) };
  }
  tf.dispose(outputs);
  return result;
}

export async function openSession(bytes: Uint8Array): Promise<InferenceSession> {
  const ort = await loadOnnxRuntime();
  return ort.InferenceSession.create(bytes, { intraOpNumThreads: 1, logSeverityLevel: 3 });
}

export async function runSession(session: InferenceSession, feeds: Feeds): Promise<Feeds> {
  const ort = await loadOnnxRuntime();
  const used = session.inputNames.map((name) => {
    const { dtype, data, shape } = feeds[name]!;
    return [name, new ort.Tensor(dtype, data, shape)] as const;
  });
  const results = await session.run(Object.fromEntries(used));
  return Object.fromEntries(
    Object.entries(results).map(([name, tensor]) => [
      name.replace(/^out:/, ''),
      { dtype: tensor.type, shape: [...tensor.dims], data: tensor.data } as HostTensor,
    ]),
  );
}

/** Output names keep clear of input names by a prefix, which is taken off again. */
export async function runCompiled(
  fn: TensorFunction,
  feeds: Feeds,
  options: CompileOptions = {},
): Promise<Feeds> {
  const session = await openSession(
    await compileToOnnx('test', fn, feeds, { outputPrefix: 'out:', ...options }),
  );
  try {
    return await runSession(session, feeds);
  } finally {
    await session.release();
  }
}

/** Shapes and types equal; values within `tolerance` of the largest value in the tensor. */
export function expectClose(actual: Feeds, expected: Feeds, tolerance = 1e-5): void {
  expect(Object.keys(actual).sort()).toEqual(Object.keys(expected).sort());
  for (const [name, { dtype, shape, data }] of Object.entries(expected)) {
    const given = actual[name]!;
    expect([name, given.dtype, given.shape]).toEqual([name, dtype, shape]);
    const scale = Math.max(1e-3, ...Array.from(data, Math.abs).filter(Number.isFinite));
    data.forEach((value, i) => {
      const difference = Math.abs(given.data[i]! - value);
      if (!(difference <= tolerance * scale) && !Object.is(given.data[i], value))
        expect.fail(`${name}[${i}] is ${given.data[i]}, not ${value} (scale ${scale})`);
    });
  }
}

/** The whole comparison: eager on the backend given, compiled in ONNX Runtime. */
export async function expectSame(
  fn: TensorFunction,
  feeds: Feeds,
  { tolerance = 1e-5, eager = 'wasm' as 'wasm' | 'cpu' } = {},
): Promise<void> {
  expectClose(await runCompiled(fn, feeds), await runEagerly(eager, fn, feeds), tolerance);
}

/** Gradients of a scalar-valued function with respect to every float input, and the value itself. */
export function withGradients(fn: (inputs: Record<string, tf.Tensor>) => tf.Tensor): TensorFunction {
  return (inputs) => {
    const names = Object.keys(inputs).filter((name) => inputs[name]!.dtype === 'float32');
    const others = Object.fromEntries(Object.entries(inputs).filter(([name]) => !names.includes(name)));
    const { value, grads } = tf.valueAndGrads((...tensors: tf.Tensor[]) =>
      fn({ ...others, ...Object.fromEntries(tensors.map((tensor, i) => [names[i]!, tensor])) }).asScalar(),
    )(names.map((name) => inputs[name]!));
    return { value, ...Object.fromEntries(grads.map((grad, i) => [`d_${names[i]}`, grad])) };
  };
}
