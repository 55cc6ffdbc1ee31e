/** Runs a tensor function once on example inputs and returns the trace of its kernel calls. */
import * as tf from '@tensorflow/tfjs-core';
import { AppError } from '#contract/errors.ts';
import type { HostTensor, TensorFunction } from '#engine/ports.ts';
import { callerLine } from './caller-line.ts';
import { Recording } from './recording.ts';
import { prepareRecorder, withRecording } from './recording-backend.ts';
import type { Trace } from './trace.ts';

/**
 * Traces `fn`. The example gives names, dtypes and shapes; its values do not matter. The function may use tensors that
 * it did not make (variables too): their values at this moment become constants of the trace.
 * @throws AppError if the function reads values, draws random numbers, is asynchronous, or calls a kernel that the
 * recorder cannot run.
 */
export async function traceFunction(fn: TensorFunction, example: Record<string, HostTensor>): Promise<Trace> {
  const host = await prepareRecorder();
  const recording = new Recording((dataId) => host.readSync(dataId));
  withRecording(recording, () => tf.tidy(() => runOnce(fn, example, recording)));
  if (recording.failure) throw recording.failure;
  return recording.trace;
}

function runOnce(fn: TensorFunction, example: Record<string, HostTensor>, recording: Recording): void {
  const inputs: Record<string, tf.Tensor> = {};
  for (const [name, { data, shape, dtype }] of Object.entries(example)) {
    const tensor = tf.tensor(data, shape, dtype);
    inputs[name] = tensor;
    recording.addInput(name, tensor);
  }
  let outputs: Record<string, tf.Tensor>;
  try {
    outputs = fn(inputs);
  } catch (cause) {
    throw recording.failure ?? explain(cause);
  }
  if (typeof (outputs as unknown as Promise<unknown>).then === 'function')
    throw new AppError(
      'internal',
      'An asynchronous function cannot be traced: it must return tensors at once.',
    );
  for (const [name, tensor] of Object.entries(outputs)) recording.addOutput(name, tensor);
}

/** A kernel that neither the WASM backend nor the stand-ins have fails here; say where it was called. */
function explain(cause: unknown): unknown {
  const missing = cause instanceof Error ? /Kernel '(\w+)' not registered/.exec(cause.message) : null;
  if (!missing) return cause;
  const line = callerLine((cause as Error).stack);
  return new AppError('internal', `The kernel ${missing[1]}, called at ${line}, cannot be recorded.`, {
    cause,
  });
}
