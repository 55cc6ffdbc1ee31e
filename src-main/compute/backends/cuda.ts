/**
 * TensorFlow's own kernels through `@tensorflow/tfjs-node-gpu`, eager: CUDA where TensorFlow finds a GPU, its native CPU
 * kernels otherwise, which is said. The native library is loaded in the process that trains, and nowhere else.
 */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { AppError } from '#contract/errors.ts';
import type { BackendStatus } from '#contract/system.ts';
import type { ComputeBackend } from '#engine/ports.ts';
import { eagerBackend } from './eager.ts';
import { nvidiaGpus } from './graphics-adapter.ts';

const PACKAGE = '@tensorflow/tfjs-node-gpu';
/** The name that the package gives its backend. */
const REGISTERED = 'tensorflow';
/** What TensorFlow 2.9, which the package brings, was built against. */
const LIBRARIES =
  'an NVIDIA driver, CUDA 11.2 and cuDNN 8.1, in folders that the system looks for libraries in';
const SETUP = '`npm run setup:cuda` fetches it, once, from the network';

const requireHere = createRequire(import.meta.url);

/** What stands in the way before anything is loaded; empty where nothing does. */
function missing(): string {
  let root: string;
  try {
    root = path.dirname(requireHere.resolve(`${PACKAGE}/package.json`));
  } catch {
    return `${PACKAGE}, an optional part of the installation, is not there; \`npm install --include=optional\` brings it, then ${SETUP}`;
  }
  const folders = existsSync(path.join(root, 'lib'));
  return folders ? '' : `the native library of ${PACKAGE} was not downloaded; ${SETUP}`;
}

/** Whether it is installed. It is not started for this: whether it finds its GPU, only a run or a measurement tells. */
export function cudaStatus(): BackendStatus {
  const reason = missing();
  const device = nvidiaGpus()[0] ?? 'NVIDIA GPU';
  return { name: 'cuda', provider: 'cuda', ready: reason === '', device, reason };
}

/** Functions of Node's `util` that the package calls and that Node 23 removed. */
export function supplyRemovedUtilities(util = requireHere('node:util') as Record<string, unknown>): void {
  util['isNullOrUndefined'] ??= (value: unknown) => value === null || value === undefined;
  util['isArray'] ??= Array.isArray;
}

/** The part of the package's backend that we look at (its nodejs_kernel_backend.js). */
interface TensorflowBackend {
  /** False where TensorFlow found no GPU that it can use and runs its CPU kernels. */
  isUsingGpuDevice: boolean;
  binding: { TF_Version: string };
}

/** Loads the package, which registers and starts its backend with TensorFlow.js; answers with its version. */
export type LoadTensorflow = () => { version: { 'tfjs-node': string } };
const loadTensorflow: LoadTensorflow = () => requireHere(PACKAGE) as ReturnType<LoadTensorflow>;

/** Why loading failed, with what to install. */
function explain(cause: unknown): string {
  const message = cause instanceof Error ? cause.message : String(cause);
  const library = /(lib(?:cu|nv)\S+): cannot open shared object/.exec(message)?.[1];
  if (library !== undefined) return `the library ${library} is missing; TensorFlow needs ${LIBRARIES}`;
  const reason = missing();
  if (reason !== '') return reason;
  const [firstLine] = message.split('\n');
  return /tfjs_binding|libtensorflow|tensorflow\.dll/.test(message)
    ? `the native library of ${PACKAGE} is incomplete or not for this machine (${firstLine}); ${SETUP}`
    : `${PACKAGE} could not be started (${firstLine}); TensorFlow needs ${LIBRARIES}`;
}

/**
 * Starts TensorFlow in this process. Where it finds no GPU, the backend's provider is `cpu`, and its device says why.
 * @throws AppError `backend_unavailable` with what to install
 */
export async function createCudaBackend(load: LoadTensorflow = loadTensorflow): Promise<ComputeBackend> {
  try {
    supplyRemovedUtilities();
    const { version } = load();
    if (!(await tf.setBackend(REGISTERED))) throw new Error('TensorFlow.js could not start the backend');
    const { isUsingGpuDevice, binding } = tf.findBackend(REGISTERED) as unknown as TensorflowBackend;
    const versions = `TensorFlow ${binding.TF_Version}, ${PACKAGE} ${version['tfjs-node']}`;
    if (isUsingGpuDevice)
      return eagerBackend(REGISTERED, {
        name: 'cuda',
        provider: 'cuda',
        device: `${nvidiaGpus()[0] ?? 'NVIDIA GPU'}, ${versions}`,
      });
    const processor = os.cpus()[0]?.model ?? 'CPU';
    return eagerBackend(REGISTERED, {
      name: 'cuda',
      provider: 'cpu',
      device: `${processor}, ${versions}, on its CPU kernels only: it found no GPU, for which it needs ${LIBRARIES}`,
    });
  } catch (cause) {
    throw new AppError('backend_unavailable', `The CUDA backend cannot be used: ${explain(cause)}.`, {
      cause,
      hint: `Train on ONNX Runtime (--backend ort) or WebAssembly (--backend wasm), or install what is missing.`,
    });
  }
}
