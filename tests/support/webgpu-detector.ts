/**
 * Judges tiles with an exported detector on the processor and on ONNX Runtime's WebGPU provider and prints how far they are apart,
 * as JSON. It is a program of its own because a graphics driver is chosen by the environment, once for a process, and may end it.
 */
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { ortProviders } from '#compute/backends/ort-providers.ts';
import { furthest } from '#compute/judging/choose-provider.ts';
import { openDetector } from '#inference/detector-session.ts';
import { drawnState, exportedBytes, tiles } from './exported-detector.ts';

/** `absent` says why there is no adapter; otherwise how far the outputs are apart. */
export interface WebgpuDetectorReport {
  absent?: string;
  difference?: number;
  provider?: string;
}

async function report(): Promise<WebgpuDetectorReport> {
  const status = (await ortProviders()).find(({ provider }) => provider === 'webgpu')!;
  if (!status.ready) return { absent: status.reason };
  const file = path.join(tmpdir(), `pentimento-webgpu-${process.pid}.onnx`);
  writeFileSync(file, await exportedBytes(drawnState({ frequencyBands: 'both', kernels: 2 })));
  const cpu = await openDetector(file);
  const gpu = await openDetector(file, { provider: 'webgpu' });
  const pixels = tiles(2, cpu.passport.tileSize);
  const difference = furthest(await cpu.run(pixels, 2), await gpu.run(pixels, 2));
  return { difference, provider: gpu.provider };
}

if (import.meta.main) {
  const result = JSON.stringify(await report());
  process.stdout.write(result, () => process.exit(0));
}
