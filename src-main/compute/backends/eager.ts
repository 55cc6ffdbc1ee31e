/** Tensor functions run eagerly, kernel by kernel, on one of TensorFlow.js's own backends. */
import * as tf from '@tensorflow/tfjs-core';
import type { ComputeBackend, HostTensor, PreparedFunction, TensorFunction } from '#engine/ports.ts';

/** Runs a tensor function on the active TensorFlow.js backend. Leaves no tensor behind. */
function runEagerly(fn: TensorFunction, inputs: Record<string, HostTensor>): Record<string, HostTensor> {
  const given = Object.fromEntries(
    Object.entries(inputs).map(([name, t]) => [name, tf.tensor(t.data, t.shape, t.dtype)]),
  );
  let outputs: Record<string, tf.Tensor>;
  try {
    outputs = tf.tidy(() => fn(given));
  } catch (error) {
    tf.dispose(given);
    throw error;
  }
  const result: Record<string, HostTensor> = {};
  for (const [name, t] of Object.entries(outputs)) {
    const data = t.dataSync();
    result[name] =
      t.dtype === 'float32'
        ? { dtype: 'float32', shape: t.shape.slice(), data: Float32Array.from(data) }
        : { dtype: 'int32', shape: t.shape.slice(), data: Int32Array.from(data) };
  }
  tf.dispose(outputs);
  tf.dispose(given);
  return result;
}

/**
 * @param registered the name under which TensorFlow.js knows the backend, which must have been started
 * @param described what the program calls it
 */
export function eagerBackend(
  registered: string,
  described: Pick<ComputeBackend, 'name' | 'provider' | 'device'>,
): ComputeBackend {
  return {
    ...described,
    prepare: (_name, fn): Promise<PreparedFunction> =>
      Promise.resolve({
        run: async (inputs) => {
          await tf.setBackend(registered);
          return runEagerly(fn, inputs);
        },
        dispose: () => Promise.resolve(),
      }),
    dispose: () => Promise.resolve(),
  };
}
