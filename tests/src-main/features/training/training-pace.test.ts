/** The pace of a run before it begins, with the fake trainer: probes, and figures of earlier runs. */
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createTrainerHost, type TrainerHost } from '#compute/trainer-host.ts';
import type { TrainerStart } from '#contract/trainer-messages.ts';
import { paceRequest, type PaceRequest, type RunPace, type TrainingRun } from '#contract/training-run.ts';
import { resolveTrainingConfig } from '#engine/training/training-config.ts';
import { paceOfRuns } from '#features/training/run-pace.ts';
import type { FakeAction } from '#tests/support/fake-trainer.ts';
import { failureOf } from '#tests/support/app-error.ts';
import { recordedActions } from '#tests/support/recorded-entries.ts';
import {
  openTrainingWorkspace,
  scripted,
  type TrainingWorkspace,
} from '#tests/support/training-workspace.ts';
import { runExample } from '../../../src-renderer/examples.ts';

const fake = createTrainerHost(join(import.meta.dirname, '../../../support/fake-trainer.ts'));
let folder: string;
let open: TrainingWorkspace;
let started: TrainerStart[];
const watched: TrainerHost = {
  start(start) {
    started.push(start);
    return fake.start(start);
  },
};
beforeEach(async () => {
  started = [];
  folder = mkdtempSync(join(tmpdir(), 'pentimento-pace-'));
  open = await openTrainingWorkspace(folder, { trainer: watched });
});
afterEach(async () => {
  await open.close();
  rmSync(folder, { recursive: true, force: true });
});

const asking = (script: FakeAction[]): PaceRequest =>
  paceRequest.parse({ dataset: 'test set', overrides: { script } });
/** A point of the fake trainer says a tenth of a second for each step. */
const metric = (step: number): FakeAction => ({ do: 'metric', step });
const enough: FakeAction[] = [{ do: 'ready' }, ...[2, 30, 50, 62, 90].map(metric), { do: 'wait' }];
const probe = async (request: PaceRequest): Promise<RunPace> => {
  for await (const pace of open.runs.paces.probe(request)) return pace;
  throw new Error('no pace came');
};

test('a probe tells seconds a step, the memory and on what, and leaves nothing behind', async () => {
  const before = recordedActions(open.workspace);
  expect(await open.runs.paces.pace(asking(enough))).toBeNull();
  const pace = await probe(asking(enough));
  expect(pace).toMatchObject({ source: 'probe', runId: null, steps: 60, peakMegabytes: 300 });
  expect(pace.secondsPerStep).toBeCloseTo(0.1, 9);
  expect(pace.backend).toEqual({ name: 'fake', provider: 'none', device: 'nothing' });
  expect(existsSync(started[0]!.directory)).toBe(false);
  expect(await open.runs.list()).toEqual([]);
  expect(recordedActions(open.workspace)).toEqual(before);
  expect(readdirSync(join(folder, 'runs'))).toEqual([]);
  expect(await open.runs.paces.pace(asking(enough))).toEqual(pace);
});

test('a probe is refused while a run trains, and a run that starts ends a probe', async () => {
  const waiting = asking([{ do: 'ready' }, { do: 'wait' }]);
  const ended = failureOf(probe(waiting));
  await expect.poll(() => started.length).toBe(1);
  const { id } = await open.runs.start(scripted([{ do: 'ready' }, { do: 'wait' }]));
  expect(await ended).toMatchObject({ code: 'cancelled' });
  await expect(probe(waiting)).rejects.toMatchObject({ code: 'run_active' });
  await open.runs.stop(id);
  await open.runs.settled(id);
});

test('what ends the trainer is what the probe says', async () => {
  await expect(probe(asking([{ do: 'failed', message: 'no memory' }]))).rejects.toMatchObject({
    code: 'training_diverged',
    message: 'no memory',
  });
});

const run = (change: Partial<TrainingRun>): TrainingRun => ({
  ...runExample(),
  ...{ config: { ...resolveTrainingConfig() }, step: 400, trainedSeconds: 100 },
  backend: { name: 'ort', provider: 'cpu', device: 'a processor' },
  ...change,
});

test('an earlier run counts where its iterations computed the same on what is asked for, the newest first', () => {
  const request = paceRequest.parse({ dataset: 'd' });
  const config = resolveTrainingConfig();
  const newest = run({ id: 'newest', createdAt: 9, trainedSeconds: 200 });
  const all = [
    run({ id: 'older', createdAt: 5 }),
    newest,
    run({ id: 'short', createdAt: 20, step: 4 }),
    run({ id: 'larger', createdAt: 21, config: { ...config, crop: 128 } }),
  ];
  expect(paceOfRuns(all, request, config)).toMatchObject({
    ...{ source: 'run', runId: 'newest', secondsPerStep: 0.5, peakMegabytes: null },
  });
  expect(paceOfRuns(all, { ...request, backend: 'wasm' }, config)).toBeNull();
  expect(paceOfRuns(all, { ...request, backend: 'ort' }, config)).toMatchObject({ runId: 'newest' });
});
