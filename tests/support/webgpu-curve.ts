/**
 * Trains a few iterations on ONNX Runtime's WebGPU provider and prints the losses as JSON; a program of its own because a
 * graphics driver is chosen by the environment, once for a process, and may end it. By hand, with the environment of
 * `software-gpu.ts` where there is no GPU: `node tests/support/webgpu-curve.ts 20 --compare` also prints the largest
 * relative difference from WASM.
 */
import { ortProviders } from '#compute/backends/ort-providers.ts';
import { createOrtBackend } from '#compute/backends/ort.ts';
import { createWasmBackend } from '#compute/backends/wasm.ts';
import type { IterationMetrics } from '#engine/training/iteration-metrics.ts';
import { curve, largestDifference } from './training-curves.ts';

/** A software adapter takes seconds for each. */
const iterations = Number(process.argv[2] ?? 3);

/** `absent` says why there is no adapter. */
export interface WebgpuCurve {
  absent?: string;
  losses?: IterationMetrics['losses'][];
  /** Where it was asked for. */
  differenceFromWasm?: number;
}

async function report(): Promise<WebgpuCurve> {
  const status = (await ortProviders()).find(({ provider }) => provider === 'webgpu')!;
  if (!status.ready) return { absent: status.reason };
  const losses = await curve(await createOrtBackend({ provider: 'webgpu', threads: 1 }), iterations);
  if (!process.argv.includes('--compare')) return { losses };
  return {
    losses,
    differenceFromWasm: largestDifference(losses, await curve(await createWasmBackend(), iterations)),
  };
}

if (import.meta.main) {
  const result = JSON.stringify(await report());
  process.stdout.write(result, () => process.exit(0));
}
