import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import {
  createTrainerHost,
  explainCrash,
  type TrainerEvent,
  type TrainerSession,
} from '#compute/trainer-host.ts';
import type { TrainerStart } from '#contract/trainer-messages.ts';
import type { FakeAction } from '#tests/support/fake-trainer.ts';

const entry = join(import.meta.dirname, '../../support/fake-trainer.ts');
const folders: string[] = [];
afterEach(() => folders.splice(0).forEach((folder) => rmSync(folder, { recursive: true, force: true })));

function startMessage(script: FakeAction[]): TrainerStart {
  const directory = mkdtempSync(join(tmpdir(), 'pentimento-trainer-'));
  folders.push(directory);
  return {
    type: 'start',
    runId: 'run',
    photographs: [],
    datasetName: 'test',
    datasetManifestHash: 'a'.repeat(64),
    rendered: true,
    programVersion: '0.0.0',
    seed: 0,
    stop: { steps: 10 },
    backend: 'auto',
    overrides: { script },
    directory,
    resumeFrom: null,
    trainedSeconds: 0,
  };
}
const train = (...script: FakeAction[]): TrainerSession =>
  createTrainerHost(entry).start(startMessage(script));

async function collect(session: TrainerSession): Promise<TrainerEvent[]> {
  const events: TrainerEvent[] = [];
  for await (const event of session.events) events.push(event);
  return events;
}
const summary = (events: TrainerEvent[]): string[] =>
  events.map((event) => ('step' in event ? `${event.type} ${event.step}` : event.type));

test('messages arrive in order and the last word is the outcome', async () => {
  const session = train(
    { do: 'ready' },
    { do: 'metric', step: 1 },
    { do: 'checkpoint', step: 2 },
    { do: 'done', step: 3 },
  );
  const events = await collect(session);
  expect(summary(events)).toEqual(['ready', 'metric', 'checkpoint 2']);
  expect(await session.outcome).toMatchObject({ kind: 'done', message: { step: 3 } });
});

test('a thousand messages just before the end are all delivered', async () => {
  const metrics = Array.from({ length: 1000 }, (_, step): FakeAction => ({ do: 'metric', step }));
  const session = train(...metrics, { do: 'exit', code: 0 });
  const steps = (await collect(session)).map((event) => (event.type === 'metric' ? event.metric.step : -1));
  expect(steps).toEqual(metrics.map((_, step) => step));
});

test.each<{ moment: string; before: FakeAction[] }>([
  { moment: 'before its first message', before: [] },
  { moment: 'while it trains', before: [{ do: 'ready' }, { do: 'metric', step: 1 }] },
  { moment: 'after a checkpoint', before: [{ do: 'ready' }, { do: 'checkpoint', step: 5 }] },
])(
  'killed by SIGKILL $moment, it is a crash that says so, and nothing sent before is lost',
  async ({ before }) => {
    const session = train(...before, { do: 'signal', signal: 'SIGKILL' });
    expect(await collect(session)).toHaveLength(before.length);
    const outcome = await session.outcome;
    expect(outcome).toMatchObject({
      kind: 'crashed',
      error: { code: 'trainer_crashed', details: { signal: 'SIGKILL' } },
    });
    expect(outcome.kind === 'crashed' && outcome.error.message).toContain('killed from outside (SIGKILL)');
  },
);

test('an exception that nobody caught is a crash whose explanation names the exception', async () => {
  const outcome = await train({ do: 'throw', message: 'the tensor is cold' }).outcome;
  expect(outcome).toMatchObject({ kind: 'crashed', error: { details: { exitCode: 1 } } });
  expect(outcome.kind === 'crashed' && outcome.error.message).toContain(
    'It printed: Error: the tensor is cold',
  );
});

test('leaving with status 0 but without a last word is a crash as well', async () => {
  const outcome = await train({ do: 'ready' }, { do: 'exit', code: 0 }).outcome;
  expect(outcome).toMatchObject({ kind: 'crashed' });
  expect(outcome.kind === 'crashed' && outcome.error.message).toContain('exit code 0 before it had finished');
});

test('running out of memory is named', async () => {
  const text = 'FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory\n';
  const outcome = await train({ do: 'print', text }, { do: 'signal', signal: 'SIGABRT' }).outcome;
  expect(outcome.kind === 'crashed' && outcome.error.message).toContain('ran out of memory');
});

test('a failure that the trainer explains itself keeps its code', async () => {
  const outcome = await train({ do: 'failed', message: 'The loss is not a number.' }).outcome;
  expect(outcome).toMatchObject({ kind: 'failed', error: { code: 'training_diverged' } });
});

test('messages outside the contract are left out with a warning, and the run goes on', async () => {
  const garbage = [
    null,
    'text',
    42,
    { type: 'metric' },
    { type: 'nonsense' },
    { type: 'checkpoint', step: -0.5 },
    [],
  ];
  const session = train(
    { do: 'ready' },
    ...garbage.map((value): FakeAction => ({ do: 'garbage', value })),
    { do: 'metric', step: 7 },
    { do: 'done', step: 8 },
  );
  const events = await collect(session);
  const warnings = events.filter(
    (event) => event.type === 'log' && event.entry.code === 'trainer_message_invalid',
  );
  expect(warnings).toHaveLength(5);
  expect(summary(events.filter((event) => event.type !== 'log'))).toEqual(['ready', 'metric']);
  expect((await session.outcome).kind).toBe('done');
});

test('garbage as the last word is a crash that counts what could not be understood', async () => {
  const outcome = await train({ do: 'garbage', value: { type: 'done' } }, { do: 'exit', code: 0 }).outcome;
  expect(outcome.kind === 'crashed' && outcome.error.message).toContain(
    '1 of its messages could not be understood',
  );
});

test('stopping asks for a checkpoint and waits for it', async () => {
  const session = train({ do: 'ready' }, { do: 'metric', step: 4 }, { do: 'wait' });
  const seen: TrainerEvent[] = [];
  for await (const event of session.events) {
    seen.push(event);
    if (event.type === 'metric') void session.stop();
  }
  expect(summary(seen)).toEqual(['ready', 'metric', 'checkpoint 4']);
  expect(await session.outcome).toEqual({ kind: 'stopped', step: 4 });
});

test('a trainer that does not listen is killed when its time is over', async () => {
  const session = train({ do: 'ready' }, { do: 'wait-deaf' });
  for await (const event of session.events) if (event.type === 'ready') void session.stop(50);
  const outcome = await session.outcome;
  expect(outcome.kind === 'crashed' && outcome.error.message).toContain('after its time to stop was over');
});

test('killing ends it at once', async () => {
  const session = train({ do: 'wait' });
  expect(await session.kill()).toMatchObject({ kind: 'crashed', error: { details: { signal: 'SIGKILL' } } });
});

test('an entry that is not there is a crash with the reason', async () => {
  const session = createTrainerHost(join(tmpdir(), 'no-such-trainer.js')).start(startMessage([]));
  const outcome = await session.outcome;
  expect(outcome.kind === 'crashed' && outcome.error.message).toContain('Cannot find module');
});

test('a start message outside the contract never reaches a process', () => {
  const broken = { ...startMessage([]), seed: 0.5 };
  expect(() => createTrainerHost(entry).start(broken)).toThrow('does not fit the contract');
});

test('every signal and code has a sentence', () => {
  const explain = (code: number | null, signal: string | null): string =>
    explainCrash({ code, signal }, { output: '', killed: null, invalid: 0 }).message;
  expect(explain(null, 'SIGSEGV')).toContain('fault in native code');
  expect(explain(null, 'SIGXCPU')).toContain('the signal SIGXCPU');
  expect(explain(7, null)).toContain('exit code 7');
});
