/** Which of ONNX Runtime's providers can be used on this machine. */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { AppError } from '#contract/errors.ts';
import type { BackendStatus } from '#contract/system.ts';
import { GraphBuilder } from '#compiler/graph-builder.ts';
import { writeOnnx } from '#compiler/onnx-file.ts';
import { loadOnnxRuntime, type Ort } from '#inference/onnx-runtime.ts';
import { nvidiaGpus, openGpuDevices, softwareAdapter } from './graphics-adapter.ts';

export type OrtProvider = 'cpu' | 'webgpu' | 'cuda' | 'dml' | 'coreml';

const devices: Record<OrtProvider, string> = {
  cpu: os.cpus()[0]?.model ?? 'CPU',
  webgpu: 'GPU through WebGPU',
  cuda: nvidiaGpus()[0] ?? 'NVIDIA GPU',
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

interface Finding {
  /** What stands in the way; empty where a session of one node opens on the provider. */
  obstacle: string;
  /** The driver that computes on the CPU in place of a GPU; null where there is none. */
  software: string | null;
}
const obstructed = (obstacle: string): Finding => ({ obstacle, software: null });

async function find(provider: OrtProvider): Promise<Finding> {
  let ort: Ort;
  try {
    ort = await loadOnnxRuntime();
  } catch (error) {
    return obstructed(AppError.from(error).message);
  }
  const listed = ort.listSupportedBackends().find(({ name }) => name === provider);
  if (!listed || !(listed.bundled || hasLibrary(provider))) return obstructed(absences[provider]);
  if (provider === 'cpu') return obstructed('');
  const g = new GraphBuilder('probe');
  g.output('y', g.unary('Neg', g.input('x', 'float32', [1])));
  const before = openGpuDevices();
  try {
    const options = { executionProviders: [provider], logSeverityLevel: 4 as const };
    const session = await ort.InferenceSession.create(writeOnnx(g.graph), options);
    const software = provider === 'webgpu' ? softwareAdapter(before) : null;
    await session.release();
    return { obstacle: '', software };
  } catch {
    return obstructed(`no ${devices[provider]} could be started: there is none, or its driver is missing`);
  }
}

/** A GPU is started once in a process, to see whether there is one; the answer is kept. */
const known = new Map<OrtProvider, Promise<Finding>>();

export async function providerStatus(provider: OrtProvider): Promise<BackendStatus> {
  if (!known.has(provider)) known.set(provider, find(provider));
  const { obstacle, software } = await known.get(provider)!;
  const device = software ? `${devices.cpu}, as the software adapter ${software}` : devices[provider];
  const status = { name: 'ort', provider, ready: obstacle === '', device, reason: obstacle };
  return software ? { ...status, software } : status;
}

/** What ONNX Runtime offers on this machine, and for each provider that is absent, why. */
export async function ortProviders(): Promise<BackendStatus[]> {
  const statuses: BackendStatus[] = [];
  // One after the other: what a provider opens is told from what was open before.
  for (const provider of Object.keys(devices) as OrtProvider[]) statuses.push(await providerStatus(provider));
  return statuses;
}
