/** What `auto` measured, remembered in one JSON file beside the workspace's database, by machine and by shapes. */
import { readFile } from 'node:fs/promises';
import os from 'node:os';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { backendMeasurement, type BackendMeasurement, type BackendStatus } from '#contract/system.ts';
import type { TrainingConfig } from '#engine/training/training-config.ts';
import { gpus } from '../backends/graphics-adapter.ts';
import { writeFileWhole } from '../write-file.ts';

type Machine = BackendMeasurement['machine'];
type Shapes = BackendMeasurement['shapes'];

/** Measurements beyond these are forgotten, the oldest first. */
const MOST = 50;

const computer = (): Pick<Machine, 'processor' | 'threads' | 'gpus'> => ({
  processor: os.cpus()[0]?.model ?? '',
  threads: os.availableParallelism(),
  gpus: gpus(),
});

/** What a measurement depends on besides the shapes. */
export const thisMachine = (programVersion: string, ready: readonly BackendStatus[]): Machine => ({
  ...computer(),
  programVersion,
  ready: ready.map(({ name, provider }) => `${name}/${provider}`),
});

/** The fields that decide how much an iteration computes. */
export function shapesOf(config: TrainingConfig): Shapes {
  const { crop, kernels, rank, subspacePasses, frequencyBands, realPerBatch, blendsPerBatch } = config;
  const { stylePerBatch, generatorMode, replayShare, detectorSteps, generatorSteps } = config;
  return {
    ...{ crop, kernels, rank, subspacePasses, frequencyBands, realPerBatch, blendsPerBatch },
    ...{ stylePerBatch, generatorMode, replayShare, detectorSteps, generatorSteps },
  };
}

/** All that is remembered, the latest first; nothing where the file is absent or is no such file. */
export async function readMeasurements(file: string): Promise<BackendMeasurement[]> {
  try {
    return z.array(backendMeasurement).parse(JSON.parse(await readFile(file, 'utf8')));
  } catch {
    return [];
  }
}

/** What is remembered of this computer, whatever the program's version. */
export async function measurementsHere(file: string): Promise<BackendMeasurement[]> {
  const here = computer();
  return (await readMeasurements(file)).filter(({ machine: { processor, threads, gpus } }) =>
    isDeepStrictEqual({ processor, threads, gpus }, here),
  );
}

const sameSubject = (a: BackendMeasurement, machine: Machine, shapes: Shapes): boolean =>
  isDeepStrictEqual(a.machine, machine) && isDeepStrictEqual(a.shapes, shapes);

export async function recall(
  file: string,
  machine: Machine,
  shapes: Shapes,
): Promise<BackendMeasurement | null> {
  return (await readMeasurements(file)).find((found) => sameSubject(found, machine, shapes)) ?? null;
}

/** In place of what was remembered of the same machine and shapes. */
export async function remember(file: string, measurement: BackendMeasurement): Promise<void> {
  const others = (await readMeasurements(file)).filter(
    (found) => !sameSubject(found, measurement.machine, measurement.shapes),
  );
  const kept = [measurement, ...others].slice(0, MOST);
  await writeFileWhole(file, new TextEncoder().encode(`${JSON.stringify(kept, null, 2)}\n`));
}
