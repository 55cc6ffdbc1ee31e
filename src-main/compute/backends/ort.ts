/** ONNX Runtime as a compute backend: tensor functions are traced, compiled to an ONNX graph, and run by a session. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import '@tensorflow/tfjs'; // registers the gradients of all kernels, which a trace of a training step runs through
import { AppError } from '#contract/errors.ts';
import type { BackendStatus } from '#contract/system.ts';
import { GraphBuilder } from '#compiler/graph-builder.ts';
import { writeOnnx } from '#compiler/onnx-file.ts';
import type { ComputeBackend } from '#engine/ports.ts';
import { type Ort, OrtFunction } from './ort-function.ts';

export type OrtProvider = 'cpu' | 'webgpu' | 'cuda' | 'dml' | 'coreml';

export interface OrtOptions {
  provider: OrtProvider;
  /** Threads for one operator; as many as there are processors where absent. */
  threads?: number;
}

/** Lazily, because the library is a native one and may be absent or damaged. */
async function loadOrt(): Promise<Ort> {
  try {
    const loaded = await import('onnxruntime-node');
    return ('default' in loaded ? loaded.default : loaded) as Ort;
  } catch (cause) {
    throw new AppError('backend_unavailable', 'ONNX Runtime could not be loaded.', { cause });
  }
}

/**
 * @throws AppError `backend_unavailable` where ONNX Runtime or the provider is absent.
 */
export async function createOrtBackend({ provider, threads }: OrtOptions): Promise<ComputeBackend> {
  const ort = await loadOrt();
  const status = await providerStatus(provider);
  if (!status.ready)
    throw new AppError('backend_unavailable', `ONNX Runtime cannot run on ${provider}: ${status.reason}.`);
  const prepared = new Set<OrtFunction>();
  return {
    name: 'ort',
    provider,
    device: status.device,
    async prepare(name, fn, example) {
      const made = await OrtFunction.prepare(ort, name, fn, example, {
        executionProviders: [provider],
        graphOptimizationLevel: 'all',
        intraOpNumThreads: threads ?? os.availableParallelism(),
        interOpNumThreads: 1,
        // waiting threads sleep: spinning took twice the time where other programs wanted the processor
        extra: { session: { intra_op: { allow_spinning: '0' } } },
        logSeverityLevel: 3,
      });
      prepared.add(made);
      return made;
    },
    async dispose() {
      for (const one of prepared) await one.dispose();
      prepared.clear();
    },
  };
}

const devices: Record<OrtProvider, string> = {
  cpu: os.cpus()[0]?.model ?? 'CPU',
  webgpu: 'GPU through WebGPU',
  cuda: 'NVIDIA GPU',
  dml: 'GPU through DirectML',
  coreml: 'Apple GPU or Neural Engine',
};

/** Why a provider is not part of this ONNX Runtime. */
const absences: Record<OrtProvider, string> = {
  cpu: 'this ONNX Runtime has no CPU provider',
  webgpu: 'this ONNX Runtime has no WebGPU provider',
  cuda: 'the CUDA libraries of ONNX Runtime are an extra download and are not there',
  dml: 'DirectML is part of Windows only',
  coreml: 'CoreML is part of macOS only',
};

/** Providers that are not bundled live in a library of their own beside the bundled ones. */
function hasLibrary(provider: string): boolean {
  const root = path.dirname(createRequire(import.meta.url).resolve('onnxruntime-node/package.json'));
  const folder = path.join(root, 'bin', 'napi-v6', process.platform, process.arch);
  const [prefix, suffix] = process.platform === 'win32' ? ['', '.dll'] : ['lib', '.so'];
  return existsSync(path.join(folder, `${prefix}onnxruntime_providers_${provider}${suffix}`));
}

/** What stands in the way of a provider; empty where a session of one node opens on it. */
async function obstacle(provider: OrtProvider): Promise<string> {
  let ort: Ort;
  try {
    ort = await loadOrt();
  } catch (error) {
    return AppError.from(error).message;
  }
  const listed = ort.listSupportedBackends().find(({ name }) => name === provider);
  if (!listed || !(listed.bundled || hasLibrary(provider))) return absences[provider];
  if (provider === 'cpu') return '';
  const g = new GraphBuilder('probe');
  g.output('y', g.unary('Neg', g.input('x', 'float32', [1])));
  try {
    const options = { executionProviders: [provider], logSeverityLevel: 4 as const };
    await (await ort.InferenceSession.create(writeOnnx(g.graph), options)).release();
    return '';
  } catch {
    return `no ${devices[provider]} could be started: there is none, or its driver is missing`;
  }
}

/** A GPU is started once in a process, to see whether there is one; the answer is kept. */
const known = new Map<OrtProvider, Promise<string>>();

async function providerStatus(provider: OrtProvider): Promise<BackendStatus> {
  if (!known.has(provider)) known.set(provider, obstacle(provider));
  const reason = await known.get(provider)!;
  return { name: 'ort', provider, ready: reason === '', device: devices[provider], reason };
}

/** What ONNX Runtime offers on this machine, and for each provider that is absent, why. */
export async function ortProviders(): Promise<BackendStatus[]> {
  return Promise.all((Object.keys(devices) as OrtProvider[]).map(providerStatus));
}
