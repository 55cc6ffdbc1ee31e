import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { RunEvent } from '#contract/training-run.ts';
import type { FakeAction } from '#tests/support/fake-trainer.ts';
import {
  openTrainingWorkspace,
  scripted,
  type TrainingWorkspace,
} from '#tests/support/training-workspace.ts';

let folder: string;
let open: TrainingWorkspace;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pentimento-watch-'));
  open = await openTrainingWorkspace(folder);
});
afterEach(async () => {
  await open.close();
  rmSync(folder, { recursive: true, force: true });
});

const ended = (event: RunEvent): boolean => event.type === 'run' && event.run.endedAt !== null;
const stepsOf = (events: RunEvent[]): number[] =>
  events.flatMap((event) => (event.type === 'metric' ? [event.metric.step] : []));

async function untilEnd(events: AsyncIterable<RunEvent>): Promise<RunEvent[]> {
  const seen: RunEvent[] = [];
  for await (const event of events) {
    seen.push(event);
    if (ended(event)) break;
  }
  return seen;
}
const metrics = (count: number): FakeAction[] =>
  Array.from({ length: count }, (_, step): FakeAction => ({ do: 'metric', step }));

test('many subscribers that come at different times each miss nothing from then on', async () => {
  const { id } = await open.runs.start(
    scripted([{ do: 'ready' }, ...metrics(200), { do: 'done', step: 200 }]),
  );
  const whole = untilEnd(open.runs.watch(id));
  const late: Promise<{ held: number; events: RunEvent[] }>[] = [];
  for await (const event of open.runs.watch(id)) {
    if (event.type === 'metric' && event.metric.step % 50 === 25)
      late.push(
        untilEnd(open.runs.watch(id)).then((events) => {
          const first = events[0]!;
          return { held: first.type === 'run' ? (first.run.latest?.step ?? -1) : NaN, events };
        }),
      );
    if (ended(event)) break;
  }
  expect(stepsOf(await whole)).toEqual(Array.from({ length: 200 }, (_, step) => step));
  expect(late).toHaveLength(4);
  for (const { held, events } of await Promise.all(late)) {
    expect(events[0]!.type).toBe('run');
    // What the first state holds already may be told again; after it comes every step to the last.
    const after = stepsOf(events).filter((step) => step > held);
    expect(after).toEqual(Array.from({ length: 199 - held }, (_, i) => held + 1 + i));
  }
});

test('the first event is the run as it is now, the last one its end', async () => {
  const { id } = await open.runs.start(
    scripted([{ do: 'ready' }, { do: 'checkpoint', step: 1 }, { do: 'done', step: 2 }]),
  );
  const events = await untilEnd(open.runs.watch(id));
  expect(events[0]).toMatchObject({ type: 'run', run: { id } });
  expect(events.at(-1)).toMatchObject({ type: 'run', run: { state: 'done', modelId: expect.any(String) } });
  expect(events.filter((event) => event.type === 'checkpoint')).toMatchObject([{ runId: id, step: 1 }]);
});

test('a subscriber that leaves ends neither the run nor the other subscriptions', async () => {
  const { id } = await open.runs.start(scripted([{ do: 'ready' }, ...metrics(20), { do: 'done', step: 20 }]));
  const staying = untilEnd(open.runs.watch(id));
  const controller = new AbortController();
  const aborting = open.runs.watch(id, controller.signal)[Symbol.asyncIterator]();
  expect((await aborting.next()).done).toBe(false);
  controller.abort();
  while (!(await aborting.next()).done);
  const leaving = open.runs.watch(id)[Symbol.asyncIterator]();
  await leaving.next();
  await leaving.return?.();
  expect(stepsOf(await staying)).toHaveLength(20);
  expect((await open.runs.settled(id)).state).toBe('done');
});

test('without an id all runs are told of, those that begin later too', async () => {
  const first = await open.runs.start(scripted([{ do: 'done', step: 1 }]));
  await open.runs.settled(first.id);
  const events = open.runs.watch(undefined)[Symbol.asyncIterator]();
  expect((await events.next()).value).toMatchObject({ run: { id: first.id, state: 'done' } });
  const next = events.next();
  const second = await open.runs.start(scripted([{ do: 'done', step: 1 }]));
  expect((await next).value).toMatchObject({ run: { id: second.id, state: 'queued' } });
  await events.return?.();
});

test('one run is told of without the others', async () => {
  const first = await open.runs.start(scripted([{ do: 'wait' }]));
  const second = await open.runs.start(
    scripted([
      { do: 'metric', step: 1 },
      { do: 'done', step: 1 },
    ]),
  );
  const watched = untilEnd(open.runs.watch(second.id));
  await open.runs.stop(first.id);
  const ids = (await watched).map((event) => (event.type === 'run' ? event.run.id : event.runId));
  expect(new Set(ids)).toEqual(new Set([second.id]));
});

test('watching a run that does not exist is an error', async () => {
  await expect(untilEnd(open.runs.watch('none'))).rejects.toMatchObject({ code: 'not_found' });
});
