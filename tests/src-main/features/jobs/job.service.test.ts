/** Jobs: their states, who watches them, how they end. */
import { expect, test } from 'vitest';
import type { Job } from '#contract/job.ts';
import { AppError } from '#contract/errors.ts';
import { JobRepository } from '#features/jobs/job.repository.ts';
import { JobService, type JobContext } from '#features/jobs/job.service.ts';
import { ProgressMeter } from '#features/jobs/progress-meter.ts';
import type { Workspace } from '#storage/workspace.ts';
import { failureOf } from '#tests/support/app-error.ts';
import { temporaryWorkspace } from '#tests/support/temporary-workspace.ts';

const report = { verdicts: ['v1'], failed: [] };
const importReport = { datasetId: 'd', dataset: 'D', added: [], duplicates: [], refused: [], moved: [] };

async function setUp(): Promise<{ jobs: JobService; workspace: Workspace }> {
  const workspace = await temporaryWorkspace();
  return { workspace, jobs: new JobService(new JobRepository(workspace.db)) };
}

/** Work that goes on until the test ends it, or until it is aborted and then ends as told. */
function controlled<T>(): {
  work: (context: JobContext) => Promise<T>;
  started: Promise<JobContext>;
  end: (result: T) => void;
} {
  const started = Promise.withResolvers<JobContext>();
  const result = Promise.withResolvers<T>();
  return {
    started: started.promise,
    end: result.resolve,
    work: (context) => {
      started.resolve(context);
      context.signal.addEventListener('abort', () => result.reject(new AppError('cancelled', 'Stopped.')));
      return result.promise;
    },
  };
}

test('a job runs, ends as done, and keeps its result and progress in the database', async () => {
  const { jobs, workspace } = await setUp();
  const id = await jobs.run('detection', 'Judge one picture', async ({ progress }) => {
    progress({ done: 1, total: 1, label: 'a.jpg' });
    return report;
  });
  const job = await jobs.wait(id);
  expect(job).toMatchObject({
    id,
    kind: 'detection',
    title: 'Judge one picture',
    state: 'done',
    result: report,
    error: null,
  });
  expect(job.progress).toMatchObject({ done: 1, total: 1, label: 'a.jpg' });
  expect(job.endedAt).toBeGreaterThanOrEqual(job.createdAt);
  const reopened = new JobService(new JobRepository(workspace.db));
  expect(await reopened.get(id)).toEqual(job);
  expect(await reopened.list()).toEqual([job]);
});

test('a job that throws is failed with its error, and the next job of its lane runs', async () => {
  const { jobs } = await setUp();
  const id = await jobs.run('import', 'Import', async () => {
    throw new AppError('disk_full', 'No space left.');
  });
  const next = await jobs.run('import', 'Import again', async () => importReport);
  expect(await jobs.wait(id)).toMatchObject({
    state: 'failed',
    result: null,
    error: { code: 'disk_full', message: 'No space left.' },
  });
  expect(await jobs.wait(next)).toMatchObject({ state: 'done' });
});

test('jobs of one lane run one after another, jobs of different lanes side by side', async () => {
  const { jobs } = await setUp();
  const first = controlled<typeof importReport>();
  const second = controlled<typeof importReport>();
  const other = controlled<typeof report>();
  const a = await jobs.run('import', 'first', first.work);
  const b = await jobs.run('render-scenes', 'second', second.work);
  const c = await jobs.run('detection', 'other', other.work);
  await first.started;
  await other.started;
  expect((await jobs.get(a)).state).toBe('running');
  expect((await jobs.get(b)).state).toBe('queued');
  other.end(report);
  expect((await jobs.wait(c)).state).toBe('done');
  first.end(importReport);
  await second.started;
  expect((await jobs.get(a)).state).toBe('done');
  second.end(importReport);
  expect((await jobs.wait(b)).state).toBe('done');
  expect((await jobs.list()).map((job) => job.title)).toEqual(['other', 'second', 'first']);
});

test('cancelling a running job aborts its signal and waits for its end', async () => {
  const { jobs } = await setUp();
  const running = controlled<typeof report>();
  const id = await jobs.run('detection', 'Judge', running.work);
  const { signal } = await running.started;
  const cancelled = await jobs.cancel(id);
  expect(signal.aborted).toBe(true);
  expect(cancelled).toMatchObject({ state: 'cancelled', result: null, error: { code: 'cancelled' } });
  expect(await jobs.cancel(id)).toEqual(cancelled);
});

test('work that ends early when it is cancelled keeps what it has', async () => {
  const { jobs } = await setUp();
  const started = Promise.withResolvers<void>();
  const id = await jobs.run('detection', 'Judge', async ({ signal }) => {
    started.resolve();
    await new Promise((resolve) => signal.addEventListener('abort', resolve));
    return report;
  });
  await started.promise;
  expect(await jobs.cancel(id)).toMatchObject({ state: 'cancelled', result: report });
});

test('a queued job that is cancelled never starts, and does not wait for the one before it', async () => {
  const { jobs } = await setUp();
  const first = controlled<typeof importReport>();
  await jobs.run('import', 'first', first.work);
  await first.started;
  let ran = false;
  const id = await jobs.run('import', 'second', async () => {
    ran = true;
    return importReport;
  });
  expect(await jobs.cancel(id)).toMatchObject({ state: 'cancelled' });
  first.end(importReport);
  const third = await jobs.run('import', 'third', async () => importReport);
  expect((await jobs.wait(third)).state).toBe('done');
  expect(ran).toBe(false);
});

test('closing ends running and queued jobs as interrupted and takes no more', async () => {
  const { jobs } = await setUp();
  const running = controlled<typeof importReport>();
  const a = await jobs.run('import', 'running', running.work);
  const b = await jobs.run('import', 'queued', async () => importReport);
  await running.started;
  await jobs.close();
  expect((await jobs.get(a)).state).toBe('interrupted');
  expect((await jobs.get(b)).state).toBe('interrupted');
  expect((await failureOf(jobs.run('import', 'late', async () => importReport))).code).toBe('cancelled');
});

test('several watchers see a job to its end, and one that leaves does not end it', async () => {
  const { jobs } = await setUp();
  const running = controlled<typeof report>();
  const id = await jobs.run('detection', 'Judge', running.work);
  const collect = async (): Promise<Job[]> => {
    const seen: Job[] = [];
    for await (const job of jobs.watch(id)) seen.push(job);
    return seen;
  };
  const watchers = [collect(), collect()];
  const { progress } = await running.started;
  const leaving = new AbortController();
  const left = jobs.watch(id, leaving.signal);
  await left.next();
  leaving.abort();
  expect((await left.next()).done).toBe(true);
  progress({ done: 1, total: 2, label: 'a.jpg' });
  running.end(report);
  for (const seen of await Promise.all(watchers)) {
    expect(seen.at(-1)).toMatchObject({ state: 'done', result: report });
    expect(seen.slice(0, -1).every((job) => job.endedAt === null)).toBe(true);
  }
});

test('a watcher that waits when it is told to leave is let go, and watching an ended job ends at once', async () => {
  const { jobs } = await setUp();
  const running = controlled<typeof report>();
  const id = await jobs.run('detection', 'Judge', running.work);
  await running.started;
  const leaving = new AbortController();
  const watch = jobs.watch(id, leaving.signal);
  await watch.next();
  const waiting = watch.next();
  leaving.abort();
  expect((await waiting).done).toBe(true);
  running.end(report);
  await jobs.wait(id);
  const seen = [];
  for await (const job of jobs.watch(id)) seen.push(job.state);
  expect(seen).toEqual(['done']);
});

test('watching, getting and cancelling a job that is not there says so', async () => {
  const { jobs } = await setUp();
  for (const action of [jobs.get('none'), jobs.cancel('none'), jobs.watch('none').next()])
    expect((await failureOf(action)).code).toBe('not_found');
});

test('a thousand progress calls write a few rows and wake watchers a few times', async () => {
  const workspace = await temporaryWorkspace();
  const repository = new JobRepository(workspace.db);
  let writes = 0;
  const update = repository.update.bind(repository);
  repository.update = (...change) => {
    writes++;
    return update(...change);
  };
  let now = 1_000_000;
  const jobs = new JobService(repository, () => now);
  const id = await jobs.run('detection', 'Judge', async ({ progress }) => {
    for (let done = 1; done <= 1000; done++) {
      now += 2;
      progress({ done, total: 1000, label: '' });
    }
    return report;
  });
  const job = await jobs.wait(id);
  expect(job.progress).toMatchObject({ done: 1000, total: 1000 });
  expect(writes).toBeLessThanOrEqual(5);
});

test('an ending that the database does not take is still told', async () => {
  const workspace = await temporaryWorkspace();
  const repository = new JobRepository(workspace.db);
  const jobs = new JobService(repository);
  const id = await jobs.run('detection', 'Judge', async () => {
    repository.update = () => Promise.reject(Object.assign(new Error('full'), { code: 'SQLITE_FULL' }));
    return report;
  });
  expect(await jobs.wait(id)).toMatchObject({ state: 'failed', error: { code: 'disk_full' } });
});

test('the rate follows the last seconds, and the time left follows the rate', () => {
  let now = 0;
  const meter = new ProgressMeter(() => now);
  expect(meter.measure({ done: 0, total: 100, label: 'a' })).toEqual({
    done: 0,
    total: 100,
    label: 'a',
    rate: 0,
    etaSeconds: null,
  });
  now = 1000;
  expect(meter.measure({ done: 10, total: 100, label: 'b' })).toMatchObject({ rate: 10, etaSeconds: 9 });
  for (now = 2000; now <= 20_000; now += 1000)
    meter.measure({ done: 10 + (now - 1000) / 1000, total: 100, label: '' });
  expect(meter.measure({ done: 30, total: 100, label: '' }).rate).toBeCloseTo(1, 0);
  expect(meter.measure({ done: 30, total: 0, label: '' }).etaSeconds).toBeNull();
});
