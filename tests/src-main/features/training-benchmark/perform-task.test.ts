/** The measurements themselves, on a tiny training: rendered scenes, the real trainer, the real backends. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { TrainerPhotograph } from '#contract/trainer-messages.ts';
import type { TrainingConfig } from '#engine/training/training-config.ts';
import {
  comparison,
  rate,
  timesFound,
  workFound,
  type BenchmarkTarget,
} from '#features/training-benchmark/benchmark-messages.ts';
import { performTask } from '#features/training-benchmark/perform-task.ts';
import { writeScenes } from '#features/training-benchmark/scene-files.ts';

const ort: BenchmarkTarget = { backend: 'ort', provider: 'cpu', threads: 1 };
const wasm: BenchmarkTarget = { backend: 'wasm', provider: 'cpu' };
const tiny: Partial<TrainingConfig> = {
  realPerBatch: 2,
  stylePerBatch: 1,
  blendsPerBatch: 2,
  statisticsCrops: 16,
};
/** Without a generator: quick, and each step is a detector's. */
const detectorOnly: Partial<TrainingConfig> = { ...tiny, generatorMode: 'none' };
let folder: string;
let photographs: TrainerPhotograph[];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pentimento-benchmark-test-'));
  photographs = await writeScenes(folder, 2);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const count = async (overrides: Partial<TrainingConfig>) =>
  workFound.parse(await performTask({ task: 'count', overrides: { ...overrides }, photographs }));

test('the work of an iteration is that of its steps, and nothing before them', async () => {
  const one = await count({ ...detectorOnly, detectorSteps: 1 });
  expect(one.matrix).toBeGreaterThan(0);
  expect(await count({ ...detectorOnly, detectorSteps: 3 })).toEqual({
    matrix: 3 * one.matrix,
    other: 3 * one.other,
  });
});

test('the time of an iteration is told apart into data, generator and detector', async () => {
  const found = timesFound.parse(
    await performTask({ task: 'measure', target: ort, overrides: { ...tiny }, photographs, seconds: 0 }),
  );
  expect(found.iterations).toBe(3);
  for (const part of ['data', 'generator', 'detector', 'peakMegabytes'] as const)
    expect(found[part]).toBeGreaterThan(0);
  expect(Math.max(found.data, found.generator, found.detector)).toBeLessThan(found.total);
});

test('without a generator, no time goes there', async () => {
  const overrides = { ...detectorOnly };
  const found = timesFound.parse(
    await performTask({ task: 'measure', target: ort, overrides, photographs, seconds: 0 }),
  );
  expect(found.generator).toBe(0);
});

test('the eight-convolution step has neither data nor a generator', async () => {
  const found = timesFound.parse(
    await performTask({ task: 'measure', target: ort, overrides: null, photographs: [], seconds: 0 }),
  );
  expect(found).toMatchObject({ data: 0, generator: 0, detector: found.total });
});

test('two backends are compared in one process', async () => {
  const found = comparison.parse(
    await performTask({
      task: 'compare',
      first: ort,
      second: wasm,
      overrides: { ...detectorOnly },
      photographs,
      seconds: 0,
    }),
  );
  expect(found.iterations).toBe(3);
  expect(Math.min(found.first, found.second)).toBeGreaterThan(0);
});

test('a ceiling names its device', async () => {
  const found = rate.parse(await performTask({ task: 'ceiling', target: ort }));
  expect(found.gflops).toBeGreaterThan(0);
  expect(found.device).not.toBe('');
});
