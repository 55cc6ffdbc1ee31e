import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { DatasetFinding } from '#contract/dataset.ts';
import type { TrainerStart } from '#contract/trainer-messages.ts';
import { runMetric, type RunMetric, type TrainingRun } from '#contract/training-run.ts';
import type { FakeAction } from '#tests/support/fake-trainer.ts';
import { failureOf } from '#tests/support/app-error.ts';
import { recordedActions, recordedEntries } from '#tests/support/recorded-entries.ts';
import {
  openTrainingWorkspace,
  photographsOf,
  scripted,
  type TrainingWorkspace,
} from '#tests/support/training-workspace.ts';

let folder: string;
let open: TrainingWorkspace;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pentimento-runs-'));
  open = await openTrainingWorkspace(folder);
});
afterEach(async () => {
  await open.close();
  rmSync(folder, { recursive: true, force: true });
});

async function train(script: FakeAction[], resumed?: FakeAction[]): Promise<TrainingRun> {
  const { id } = await open.runs.start(scripted(script, resumed));
  return open.runs.settled(id);
}
async function resume(id: string): Promise<TrainingRun> {
  await open.runs.resume(id);
  return open.runs.settled(id);
}
const runFile = (id: string, name: string): string => join(folder, 'runs', id, name);
const startMessage = (id: string): TrainerStart =>
  JSON.parse(readFileSync(runFile(id, 'start.json'), 'utf8')) as TrainerStart;
/** Waits until the run says `type`, e.g. that a checkpoint was written. */
async function heard(id: string, type: string): Promise<void> {
  for await (const event of open.runs.watch(id)) if (event.type === type) return;
}
const checkpoint = (step: number): FakeAction => ({ do: 'checkpoint', step });
const metric = (step: number): FakeAction => ({ do: 'metric', step });
const ready: FakeAction = { do: 'ready' };
const done: FakeAction = { do: 'done', step: 20 };
const kill: FakeAction = { do: 'signal', signal: 'SIGKILL' };

const finding = (change: Partial<DatasetFinding> = {}): DatasetFinding => ({
  ...{
    code: 'conflicting_labels',
    severity: 'error',
    blocking: true,
    message: 'Two labels.',
    remedy: 'Choose.',
  },
  ...{ items: ['i'], actions: [], ...change },
});

test('a run names the version of the dataset that it froze', async () => {
  const run = await train([ready, done]);
  expect(run.datasetVersion).toEqual({ number: 1, contentHash: 'd'.repeat(64) });
  expect(startMessage(run.id).datasetVersion).toEqual(run.datasetVersion);
});

test('no run starts on a dataset with a grave finding, and nothing of it is kept', async () => {
  open.findings = [finding(), finding({ code: 'too_few_items', blocking: false })];
  const before = recordedActions(open.workspace);
  const failure = await failureOf(open.runs.start(scripted([ready, done])));
  expect(failure).toMatchObject({
    code: 'dataset_findings',
    message: expect.stringContaining('Two labels.'),
    details: { findings: [{ code: 'conflicting_labels' }] },
  });
  expect(await open.runs.list()).toEqual([]);
  expect(recordedActions(open.workspace)).toEqual(before);
});

test('with a reason it starts all the same; the findings and the reason stand in its log, its row and the audit log', async () => {
  open.findings = [finding(), finding({ code: 'near_duplicates', severity: 'info', blocking: false })];
  const despiteFindings = 'a trial of the check itself';
  const { id } = await open.runs.start({ ...scripted([ready, done]), despiteFindings });
  const run = await open.runs.settled(id);
  expect(run).toMatchObject({ state: 'done', request: { despiteFindings } });
  expect((await open.runs.log(id)).slice(0, 3)).toMatchObject([
    { level: 'warning', code: 'conflicting_labels', message: 'Two labels.' },
    { level: 'info', code: 'near_duplicates' },
    { level: 'warning', code: 'despite_findings', message: expect.stringContaining(despiteFindings) },
  ]);
  const started = recordedEntries(open.workspace).find(({ action }) => action === 'run.started')!;
  expect(started.payload).toMatchObject({
    dataset: { version: 1 },
    findings: [{ code: 'conflicting_labels', blocking: true, items: 1 }, {}],
    request: { despiteFindings },
  });
});

test('a long history comes thinned: means of equal shares, with what was validated in them', async () => {
  const { id } = await train([ready, ...Array.from({ length: 100 }, (_, i) => metric(i + 1)), done]);
  const all = await open.runs.metrics(id);
  expect(all).toHaveLength(100);
  expect(await open.runs.metrics(id, 0, 200)).toEqual(all);
  const thinned = await open.runs.metrics(id, 41, 6);
  expect(thinned.map(({ step }) => step)).toEqual([50, 60, 70, 80, 90, 100]);
  for (const [i, point] of thinned.entries()) {
    const share = all.slice(40 + 10 * i, 50 + 10 * i);
    const mean = (of: (one: RunMetric) => number): number =>
      share.reduce((sum, one) => sum + of(one), 0) / 10;
    expect(point.losses.cls).toBeCloseTo(
      mean(({ losses }) => losses.cls),
      9,
    );
    expect(point.imagesPerSecond).toBeCloseTo(
      mean(({ imagesPerSecond }) => imagesPerSecond),
      9,
    );
    runMetric.parse(point);
  }
});

test('a run goes from its request to a model, and everything that it told is kept', async () => {
  const run = await train([
    ready,
    metric(1),
    metric(2),
    { do: 'log', message: 'halfway' },
    { do: 'samples', step: 2 },
    checkpoint(2),
    done,
  ]);
  expect(run).toMatchObject({
    state: 'done',
    step: 20,
    config: { batch: 32 },
    backend: { name: 'fake', provider: 'none', device: 'nothing' },
    checkpointStep: 2,
    latest: { step: 2 },
    error: null,
    programVersion: '1.2.3',
  });
  expect(run.endedAt).toBeGreaterThanOrEqual(run.startedAt!);
  expect((await open.runs.metrics(run.id)).map(({ step }) => step)).toEqual([1, 2]);
  expect((await open.runs.metrics(run.id, 2)).map(({ step }) => step)).toEqual([2]);
  expect(await open.runs.log(run.id)).toEqual([{ at: 1, level: 'info', code: 'note', message: 'halfway' }]);
  expect(await open.models.list()).toMatchObject([{ id: run.modelId, runId: run.id, current: true }]);
});

test('samples become blobs, and their files in the run folder are removed', async () => {
  const run = await train([{ do: 'samples', step: 2 }, done]);
  expect(await open.runs.sampleSteps(run.id)).toEqual([2]);
  const [sample] = await open.runs.samples(run.id, 2);
  expect(sample).toMatchObject({
    step: 2,
    index: 0,
    logitBlended: 1.5,
    masks: [{ unit: 'P' }, { unit: 'P' }],
  });
  for (const hash of [sample!.reference, sample!.fusedMask.blob, sample!.maps[1]!.blob])
    expect((await open.workspace.blobs.read(hash)).length).toBeGreaterThan(20);
  expect(readdirSync(runFile(run.id, 'samples'))).toEqual([]);
});

test('the trainer is told the photographs, the seed and the folder of the run, and none set aside for tests', async () => {
  open.photographs.push({ ...open.photographs[0]!, sha256: 'd'.repeat(64), split: 'test' });
  open.photographs.push({ ...open.photographs[0]!, sha256: 'e'.repeat(64), label: 'unlabelled' });
  const run = await train([done]);
  const message = startMessage(run.id);
  expect(message).toMatchObject({ runId: run.id, seed: 0, stop: { steps: 100 }, resumeFrom: null });
  expect(message.directory).toBe(join(folder, 'runs', run.id));
  expect(message.photographs).toEqual(open.photographs.slice(0, 12));
});

test('a dataset with too few photographs is refused with what there is, and no run is left behind', async () => {
  for (const counts of [
    { train: 7, validation: 2 },
    { train: 10, validation: 0 },
  ]) {
    open.photographs = photographsOf(counts);
    await expect(open.runs.start(scripted([done]))).rejects.toMatchObject({
      code: 'dataset_too_small',
      message: expect.stringContaining(
        `${counts.train} real photographs to train on and ${counts.validation}`,
      ),
    });
  }
  expect(await open.runs.list()).toEqual([]);
});

test('settings that do not exist are refused before a run is made', async () => {
  const request = { ...scripted([done]), overrides: { unknown: 1 } };
  await expect(open.runs.start(request)).rejects.toMatchObject({ code: 'invalid_input' });
  expect(await open.runs.list()).toEqual([]);
});

test('one run trains at a time; the next one waits for its turn', async () => {
  const first = await open.runs.start(scripted([ready, { do: 'wait' }]));
  const second = await open.runs.start(scripted([ready, done]));
  const third = await open.runs.start(scripted([ready, done]));
  expect(second.state).toBe('queued');
  await heard(first.id, 'run');
  expect(existsSync(runFile(second.id, 'start.json'))).toBe(false);
  await open.runs.stop(second.id);
  expect((await open.runs.settled(second.id)).state).toBe('interrupted');
  await open.runs.stop(first.id);
  expect((await open.runs.settled(first.id)).state).toBe('interrupted');
  expect((await open.runs.settled(third.id)).state).toBe('done');
  expect(existsSync(runFile(second.id, 'start.json'))).toBe(false);
});

test('a stopped run keeps its last checkpoint and goes on from it', async () => {
  const { id } = await open.runs.start(
    scripted([ready, checkpoint(5), metric(9), { do: 'wait' }], [metric(10), done]),
  );
  await heard(id, 'metric');
  expect((await open.runs.stop(id)).id).toBe(id);
  const stopped = await open.runs.settled(id);
  expect(stopped).toMatchObject({ state: 'interrupted', error: null, checkpointStep: 9 });
  expect(await resume(id)).toMatchObject({ state: 'done', endedAt: expect.any(Number) });
  expect(startMessage(id)).toMatchObject({
    resumeFrom: runFile(id, 'checkpoints/9.safetensors'),
    trainedSeconds: 0.9,
  });
});

test('a paused run gives its place to the next one, is paused still after the program was ended, and goes on', async () => {
  const { id } = await open.runs.start(
    scripted([ready, metric(9), checkpoint(9), { do: 'wait' }], [metric(20), done]),
  );
  await heard(id, 'checkpoint');
  await open.runs.pause(id);
  expect(await open.runs.settled(id)).toMatchObject({ state: 'paused', endedAt: null, checkpointStep: 9 });
  expect(await train([ready, done])).toMatchObject({ state: 'done' });
  await open.close();
  open = await openTrainingWorkspace(folder);
  expect(await open.runs.get(id)).toMatchObject({ state: 'paused' });
  expect(recordedActions(open.workspace).filter(([action]) => action === 'run.paused')).toHaveLength(1);
  expect(await resume(id)).toMatchObject({ state: 'done', step: 20 });
});

test('a paused run that is stopped is interrupted, and cannot be paused again', async () => {
  const { id } = await open.runs.start(scripted([ready, metric(9), checkpoint(9), { do: 'wait' }]));
  await heard(id, 'checkpoint');
  await open.runs.pause(id);
  await open.runs.settled(id);
  expect(await open.runs.stop(id)).toMatchObject({ state: 'interrupted', endedAt: expect.any(Number) });
  await expect(open.runs.pause(id)).rejects.toMatchObject({ code: 'run_not_active' });
});

test.each<{ moment: string; before: FakeAction[]; from: number | null }>([
  { moment: 'before it said anything', before: [], from: null },
  { moment: 'before its first checkpoint', before: [ready, metric(1), metric(2)], from: null },
  { moment: 'just after its first checkpoint', before: [ready, metric(1), checkpoint(1)], from: 1 },
  {
    moment: 'between two checkpoints',
    before: [ready, checkpoint(1), metric(3), { do: 'samples', step: 3 }],
    from: 1,
  },
])(
  'a trainer killed $moment leaves an interrupted run that says why and goes on',
  async ({ before, from }) => {
    const run = await train([...before, { ...kill, once: true }, done], [metric(from ?? 0), done]);
    expect(run).toMatchObject({ state: 'interrupted', error: { code: 'trainer_crashed' } });
    expect(run.error!.message).toContain('SIGKILL');
    const resumed = await resume(run.id);
    expect(resumed).toMatchObject({ state: 'done', error: null });
    expect(startMessage(run.id).resumeFrom).toBe(from && runFile(run.id, `checkpoints/${from}.safetensors`));
  },
);

test('going on from a checkpoint forgets what came after it', async () => {
  const before: FakeAction[] = [checkpoint(2), metric(2), metric(4), { do: 'samples', step: 4 }];
  const run = await train([...before, kill], [{ do: 'wait' }]);
  expect(run.step).toBe(4);
  const resumed = await open.runs.resume(run.id);
  expect(resumed).toMatchObject({ step: 2, trainedSeconds: 0.2, latest: { step: 2 } });
  expect(await open.runs.sampleSteps(run.id)).toEqual([]);
});

test('a run is as far as its last checkpoint, even where no metric tells of that step', async () => {
  const run = await train([metric(4), checkpoint(7), kill]);
  expect(run).toMatchObject({ step: 7, trainedSeconds: 0.7, latest: { step: 4 }, checkpointStep: 7 });
});

test('only the last three checkpoints are kept', async () => {
  const run = await train([1, 2, 3, 4, 5].map(checkpoint).concat(done));
  expect(readdirSync(runFile(run.id, 'checkpoints')).sort()).toEqual(
    [3, 4, 5].map((i) => `${i}.safetensors`),
  );
});

test('a damaged newest checkpoint is passed over with an entry in the log', async () => {
  const run = await train([checkpoint(1), checkpoint(2), checkpoint(3), kill], [done]);
  const newest = runFile(run.id, 'checkpoints/3.safetensors');
  writeFileSync(newest, readFileSync(newest, 'utf8').replace('weights', 'wEights'));
  rmSync(runFile(run.id, 'checkpoints/2.safetensors'));
  expect(await resume(run.id)).toMatchObject({ state: 'done' });
  expect(startMessage(run.id).resumeFrom).toBe(runFile(run.id, 'checkpoints/1.safetensors'));
  const warnings = (await open.runs.log(run.id)).filter(({ code }) => code === 'checkpoint_damaged');
  expect(warnings.map(({ message }) => message)).toEqual([
    expect.stringMatching(/step 3 .* no longer those that were written/),
    expect.stringMatching(/step 2 .* gone/),
  ]);
});

test('a run whose every checkpoint is damaged cannot go on, and stays interrupted', async () => {
  const run = await train([checkpoint(1), kill]);
  writeFileSync(runFile(run.id, 'checkpoints/1.safetensors'), '');
  await expect(open.runs.resume(run.id)).rejects.toMatchObject({ code: 'run_not_resumable' });
  expect(await open.runs.get(run.id)).toMatchObject({ state: 'interrupted' });
});

test('a run goes on with the photographs that it began with, although the dataset has grown, and not without them', async () => {
  const run = await train([checkpoint(1), kill], [done]);
  const { photographs } = startMessage(run.id);
  open.photographs = photographsOf({ train: 50, validation: 9 });
  await resume(run.id);
  expect(startMessage(run.id).photographs).toEqual(photographs);
  const other = await train([kill]);
  rmSync(runFile(other.id, 'photographs.json'));
  await expect(open.runs.resume(other.id)).rejects.toMatchObject({ code: 'run_not_resumable' });
});

test('a failure that the trainer explains makes the run failed, with its code', async () => {
  const run = await train([ready, { do: 'failed', message: 'The loss is not a number.' }]);
  expect(run).toMatchObject({ state: 'failed', error: { code: 'training_diverged' } });
  expect(await open.runs.log(run.id)).toMatchObject([{ level: 'error', code: 'training_diverged' }]);
});

test('an exported model that cannot be opened makes the run failed, and no model', async () => {
  const run = await train([{ do: 'done', step: 3, brokenModel: true }]);
  expect(run).toMatchObject({ state: 'failed', modelId: null, error: { code: 'model_invalid' } });
  expect(await open.models.list()).toEqual([]);
});

test('what the tables refuse becomes a warning, and the run goes on', async () => {
  const impossible = {
    type: 'metric',
    trainedSeconds: 1,
    metric: {
      step: 3,
      losses: { cls: 1, sim: 0, div: 0, totalGenerator: 1, totalDetector: 1 },
      accuracy: 7,
      maskArea: 0.2,
      imagesPerSecond: 10,
      dataWaitShare: 0,
      etaSeconds: null,
    },
  };
  const lost: FakeAction = {
    do: 'garbage',
    value: { type: 'checkpoint', step: 4, path: '/nowhere', trainedSeconds: 1 },
  };
  const run = await train([{ do: 'garbage', value: impossible }, lost, metric(5), done]);
  expect(run).toMatchObject({ state: 'done', checkpointStep: null });
  expect((await open.runs.metrics(run.id)).map(({ step }) => step)).toEqual([5]);
  expect((await open.runs.log(run.id)).map(({ level }) => level)).toEqual(['warning', 'warning']);
});

test('only what makes sense can be stopped or resumed', async () => {
  await expect(open.runs.resume('none')).rejects.toMatchObject({ code: 'not_found' });
  await expect(open.runs.stop('none')).rejects.toMatchObject({ code: 'not_found' });
  const finished = await train([done]);
  await expect(open.runs.stop(finished.id)).rejects.toMatchObject({ code: 'run_not_active' });
  await expect(open.runs.resume(finished.id)).rejects.toMatchObject({ code: 'run_not_resumable' });
  const active = await open.runs.start(scripted([{ do: 'wait' }]));
  await expect(open.runs.resume(active.id)).rejects.toMatchObject({ code: 'run_active' });
});

test('closing ends the run in training and those that wait as interrupted', async () => {
  const first = await open.runs.start(scripted([ready, checkpoint(3), { do: 'wait' }]));
  const second = await open.runs.start(scripted([done]));
  await heard(first.id, 'checkpoint');
  await open.close();
  open = await openTrainingWorkspace(folder);
  expect(await open.runs.get(first.id)).toMatchObject({ state: 'interrupted', checkpointStep: 3 });
  expect(await open.runs.get(second.id)).toMatchObject({ state: 'interrupted', startedAt: null });
});

test('the start, the end, the resumption and the model of a run are recorded, in their order', async () => {
  const run = await train([ready, metric(1), checkpoint(1), kill], [ready, metric(2), done]);
  expect(run.state).toBe('interrupted');
  const { modelId } = await resume(run.id);
  expect(recordedActions(open.workspace)).toEqual([
    ['dataset.version-frozen', 'dataset'],
    ['run.started', run.id],
    ['run.ended', run.id],
    ['run.resumed', run.id],
    ['model.trained', modelId],
    ['run.ended', run.id],
  ]);
});

test('a run whose start cannot be recorded does not start', async () => {
  open.workspace.sqlite.exec(
    `CREATE TRIGGER full BEFORE INSERT ON audit_log BEGIN SELECT RAISE(ABORT, 'no'); END`,
  );
  await expect(open.runs.start(scripted([ready, done]))).rejects.toThrow();
  expect(await open.runs.list()).toEqual([]);
});
