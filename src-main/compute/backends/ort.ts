/** ONNX Runtime as a compute backend: tensor functions are traced, compiled to an ONNX graph, and run by a session. */
import os from 'node:os';
import '@tensorflow/tfjs'; // registers the gradients of all kernels, which a trace of a training step runs through
import type { InferenceSession } from 'onnxruntime-node';
import { AppError } from '#contract/errors.ts';
import type { ComputeBackend, HostTensor, TensorFunction } from '#engine/ports.ts';
import { loadOnnxRuntime } from '#inference/onnx-runtime.ts';
import { OrtFunction } from './ort-function.ts';
import { profiledRun, type Placement } from './ort-placement.ts';
import { providerStatus, type OrtProvider } from './ort-providers.ts';

export interface OrtOptions {
  provider: OrtProvider;
  /** Threads for one operator; as many as there are processors where absent. */
  threads?: number;
}

export interface OrtBackend extends ComputeBackend {
  /** Runs a function once and tells which of its operators the provider really ran. */
  placement(name: string, fn: TensorFunction, inputs: Record<string, HostTensor>): Promise<Placement>;
}

/**
 * @throws AppError `backend_unavailable` where ONNX Runtime or the provider is absent.
 */
export async function createOrtBackend({ provider, threads }: OrtOptions): Promise<OrtBackend> {
  const ort = await loadOnnxRuntime();
  const status = await providerStatus(provider);
  if (!status.ready)
    throw new AppError('backend_unavailable', `ONNX Runtime cannot run on ${provider}: ${status.reason}.`);
  const options: InferenceSession.SessionOptions = {
    executionProviders: [provider],
    graphOptimizationLevel: 'all',
    intraOpNumThreads: threads ?? os.availableParallelism(),
    interOpNumThreads: 1,
    // waiting threads sleep: spinning took twice the time where other programs wanted the processor
    extra: { session: { intra_op: { allow_spinning: '0' } } },
    logSeverityLevel: 3,
  };
  const prepared = new Set<OrtFunction>();
  return {
    name: 'ort',
    provider,
    device: status.device,
    async prepare(name, fn, example) {
      const made = await OrtFunction.prepare(ort, name, fn, example, options);
      prepared.add(made);
      return made;
    },
    placement: (name, fn, inputs) =>
      profiledRun(
        (profiling) => OrtFunction.prepare(ort, name, fn, inputs, { ...options, ...profiling }),
        inputs,
      ),
    async dispose() {
      for (const one of prepared) await one.dispose();
      prepared.clear();
    },
  };
}
