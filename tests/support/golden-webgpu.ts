/**
 * Runs the golden cases on ONNX Runtime's WebGPU provider and prints the result as JSON. It is a program of its own because
 * a graphics driver is chosen by the environment, once for a process, and may end it.
 */
import { createOrtBackend } from '#compute/backends/ort.ts';
import { ortProviders } from '#compute/backends/ort-providers.ts';
import { disagreements, goldenCases } from './golden-cases.ts';

/** `absent` says why there is no adapter; otherwise `wrong` lists by case what differs. */
export interface WebgpuReport {
  absent?: string;
  wrong?: Record<string, string[]>;
}

async function report(): Promise<WebgpuReport> {
  const status = (await ortProviders()).find(({ provider }) => provider === 'webgpu')!;
  if (!status.ready) return { absent: status.reason };
  const backend = await createOrtBackend({ provider: 'webgpu', threads: 1 });
  const wrong: Record<string, string[]> = {};
  for (const one of goldenCases) wrong[one.name] = await disagreements(backend, one);
  await backend.dispose();
  return { wrong };
}

if (import.meta.main) {
  const result = JSON.stringify(await report());
  process.stdout.write(result, () => process.exit(0));
}
