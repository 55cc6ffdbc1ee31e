/**
 * Trains a few iterations on ONNX Runtime's WebGPU provider and prints the losses as JSON; a program of its own because a
 * graphics driver is chosen by the environment, once for a process, and may end it.
 */
import { ortProviders } from '#compute/backends/ort-providers.ts';
import { createOrtBackend } from '#compute/backends/ort.ts';
import type { IterationMetrics } from '#engine/training/iteration-metrics.ts';
import { curve } from './training-curves.ts';

/** A software adapter takes seconds for each. */
const ITERATIONS = 3;

/** `absent` says why there is no adapter. */
export interface WebgpuCurve {
  absent?: string;
  losses?: IterationMetrics['losses'][];
}

async function report(): Promise<WebgpuCurve> {
  const status = (await ortProviders()).find(({ provider }) => provider === 'webgpu')!;
  if (!status.ready) return { absent: status.reason };
  return { losses: await curve(await createOrtBackend({ provider: 'webgpu', threads: 1 }), ITERATIONS) };
}

if (import.meta.main) {
  const result = JSON.stringify(await report());
  process.stdout.write(result, () => process.exit(0));
}
