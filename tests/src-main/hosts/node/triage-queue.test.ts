/**
 * Triage carried by a real Redis server to workers that are programs of their own: each picture judged once, none lost,
 * whoever is killed.
 */
import { spawnSync, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';

import path from 'node:path';
import { createInterface } from 'node:readline';
import sharp from 'sharp';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { triageApi } from '#contract/triage.ts';
import { JobRepository } from '#features/jobs/job.repository.ts';
import { JobService } from '#features/jobs/job.service.ts';
import { ModelService } from '#features/models/model.service.ts';
import { connect } from '#features/triage/redis/queue-connection.ts';
import { openRedisCarrier } from '#features/triage/redis/redis-carrier.ts';
import { runWorker } from '#features/triage/redis/worker.ts';
import { TriageService } from '#features/triage/triage.service.ts';
import { programVersion } from '#hosts/program-files.ts';
import { Workspace } from '#storage/workspace.ts';
import { failureOf } from '#tests/support/app-error.ts';
import { recordedEntries } from '#tests/support/recorded-entries.ts';
import { redisServer, startRedis, type RunningRedis } from '#tests/support/redis-server.ts';
import { startProgram } from '#tests/support/start-program.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';
import { writeTinyDetector } from '#tests/support/tiny-detector.ts';

const cli = path.resolve(import.meta.dirname, '../../../../src-main/hosts/node/cli.ts');
const sha256Of = (file: string): string => createHash('sha256').update(readFileSync(file)).digest('hex');
type Line = Record<string, unknown>;

interface Running {
  child: ChildProcess;
  lines: Line[];
  /** Resolves with the first line that fits, or rejects where the program ends before. */
  line(fits: (line: Line) => boolean): Promise<Line>;
  ended: Promise<{ status: number | null; signal: string | null }>;
}

function start(...args: string[]): Running {
  const child = startProgram([cli, ...args, '--json']);
  onTestFinished(() => void child.kill('SIGKILL'));
  let errors = '';
  child.stderr.on('data', (text: Buffer) => (errors += String(text)));
  const lines: Line[] = [];
  const watchers = new Set<(line: Line) => void>();
  const reader = createInterface({ input: child.stdout }).on('line', (text) => {
    const line = JSON.parse(text) as Line;
    lines.push(line);
    for (const watch of watchers) watch(line);
  });
  const ended = Promise.all([once(child, 'exit'), once(reader, 'close')]).then(([[status, signal]]) => ({
    status: status as number | null,
    signal: signal as string | null,
  }));
  const line = (fits: (line: Line) => boolean): Promise<Line> =>
    new Promise((resolve, reject) => {
      const known = lines.find(fits);
      if (known) return resolve(known);
      watchers.add((one) => fits(one) && resolve(one));
      void ended.then(() => reject(new Error(`it ended: ${JSON.stringify(lines)} ${errors}`)));
    });
  return { child, lines, line, ended };
}

const program = redisServer();

describe.skipIf(!program)('over a Redis server (needs redis-server)', () => {
  let redis: RunningRedis;
  let pictures: string;
  let model: string;
  let workspace: string;
  beforeEach(async () => {
    redis = await startRedis(program!);
    pictures = temporaryFolder();
    const folder = temporaryFolder();
    model = await writeTinyDetector(path.join(folder, 'tiny.onnx'));
    workspace = path.join(folder, 'workspace');
  });

  const names = (count: number) => Array.from({ length: count }, (_, i) => `${i}.jpg`);
  async function paint(name: string, red: number, side = 96): Promise<void> {
    const create = { width: side, height: side, channels: 3 as const, background: { r: red, g: 0, b: 0 } };
    await sharp({ create }).jpeg().toFile(path.join(pictures, name));
  }
  const worker = (name: string, ...more: string[]) => {
    const options = ['--queue', redis.address, '--model', model, '--name', name, '--lease', '1'];
    return start('worker', pictures, ...options, ...more);
  };
  const triage = (...args: string[]) =>
    start('triage', ...args, '--queue', redis.address, '--data-dir', workspace);

  /** What the workspace holds of its only run. */
  async function kept() {
    const opened = await Workspace.open(workspace, { holder: 'the tests' });
    try {
      const results = await opened.db
        .selectFrom('triage_results')
        .select(['path', 'provider', 'score', 'sha256'])
        .execute();
      const items = await opened.db
        .selectFrom('triage_items')
        .select(['run_id', 'path', 'state', 'error'])
        .execute();
      const entries = recordedEntries(opened);
      return { results, items, entries };
    } finally {
      await opened.close();
    }
  }

  test('two workers judge each picture once, and none is lost when one is killed in the middle of a picture', async () => {
    for (const [i, name] of names(24).entries()) await paint(name, i * 10, 1500);
    writeFileSync(path.join(pictures, 'bad.jpg'), 'no picture');
    const first = worker('first');
    const second = worker('second');
    for (const one of [first, second]) await one.line(({ event }) => event === 'ready');
    const run = triage(pictures, '--model', model);
    const of = (what: string) =>
      first.lines.filter(({ event }) => event === what).map((line) => line['path']);
    // It has answered one, and has just taken another.
    await first.line(
      (line) =>
        line['event'] === 'taken' && of('answered').length > 0 && !of('answered').includes(line['path']),
    );
    first.child.kill('SIGKILL');
    expect(await first.ended).toMatchObject({ signal: 'SIGKILL' });
    const cutOff = of('taken').filter((file) => !of('answered').includes(file));
    expect(cutOff.length).toBeGreaterThan(0);
    expect(await run.ended).toMatchObject({ status: 3 });

    const { results, items, entries } = await kept();
    expect(results.map((one) => path.basename(one.path)).sort()).toEqual(names(24).sort());
    expect(new Set(results.map(({ provider }) => provider))).toEqual(
      new Set(['cpu on first', 'cpu on second']),
    );
    for (const file of cutOff)
      expect(results.find((one) => one.path === file)?.provider).toBe('cpu on second');
    expect(items.filter(({ state }) => state === 'waiting')).toEqual([]);
    expect(items.filter(({ state }) => state === 'failed')).toMatchObject([
      { path: path.join(pictures, 'bad.jpg'), error: expect.stringContaining('not_an_image') },
    ]);
    const judged = entries.filter(({ action }) => action === 'triage.item-judged');
    expect(judged).toHaveLength(24);
    expect(run.lines).toHaveLength(25);
    expect(entries.find(({ action }) => action === 'triage.queue-opened')?.payload).toEqual({
      queue: redis.address,
    });
    second.child.kill('SIGTERM');
    expect(await second.ended).toEqual({ status: 0, signal: null });
  });

  test('a run whose program is killed goes on with what workers answered meanwhile; nothing is judged twice', async () => {
    for (const [i, name] of names(12).entries()) await paint(name, i * 10, 1500);
    const one = worker('one');
    await one.line(({ event }) => event === 'ready');
    const run = triage(pictures, '--model', model);
    await run.line(({ verdict }) => verdict !== undefined);
    run.child.kill('SIGKILL');
    await run.ended;
    const before = run.lines.length;
    // The worker goes on: all twelve are in the queue already.
    await one.line(() => one.lines.filter(({ event }) => event === 'answered').length === 12);
    const { items } = await kept();
    expect(items.filter(({ state }) => state === 'waiting').length).toBeGreaterThan(0);
    const again = triage('--resume', items[0]!.run_id);
    expect(await again.ended).toMatchObject({ status: 0 });
    expect(before + again.lines.length).toBeLessThanOrEqual(12);
    const taken = one.lines.filter(({ event }) => event === 'taken').map((line) => line['path']);
    expect(taken).toHaveLength(12);
    expect(new Set(taken).size).toBe(12);
    const after = await kept();
    expect(after.results).toHaveLength(12);
    expect(after.entries.filter(({ action }) => action === 'triage.item-judged')).toHaveLength(12);
  });

  test('a worker with another model is refused while a run is under way, and takes none of its pictures', async () => {
    await paint('1.jpg', 50);
    const run = triage(pictures, '--model', model);
    const other = await writeTinyDetector(path.join(temporaryFolder(), 'other.onnx'), { gain: 3 });
    const client = await connect(redis.address);
    onTestFinished(() => client.disconnect());
    await expect.poll(() => client.keys('pentimento:triage-run:*'), { timeout: 30_000 }).toHaveLength(1);
    const wrong = start('worker', pictures, '--queue', redis.address, '--model', other);
    expect(await wrong.line(({ error }) => error !== undefined)).toMatchObject({
      error: { code: 'queue_mismatch', message: expect.stringContaining(sha256Of(model)) },
    });
    const right = worker('right');
    expect(await run.ended).toMatchObject({ status: 0 });
    expect(right.lines.filter(({ event }) => event === 'answered')).toHaveLength(1);
  });

  test('a worker of another version of the program is refused while a run is under way, and takes nothing of one that begins later', async () => {
    await paint('1.jpg', 50);
    await paint('2.jpg', 60);
    /** In this process, since a program is of one version only. */
    function workerOf(version: string) {
      const events: string[] = [];
      const controller = new AbortController();
      onTestFinished(() => controller.abort());
      const ready = Promise.withResolvers<string>();
      const folders = [{ there: pictures, here: pictures }];
      const ended = runWorker(
        { ...{ address: redis.address, model, folders, version }, name: version, leaseSeconds: 1 },
        {
          signal: controller.signal,
          ready: ready.resolve,
          taken: (file) => events.push(`taken ${file}`),
          answered: (file) => events.push(`answered ${file}`),
        },
      );
      ended.catch(ready.reject);
      ready.promise.catch(() => undefined);
      return { events, ready: ready.promise, ended, stop: () => controller.abort() };
    }
    const early = workerOf('0.0.1');
    expect(await early.ready).toBe(sha256Of(model));
    const run = triage(pictures, '--model', model);
    const client = await connect(redis.address);
    onTestFinished(() => client.disconnect());
    await expect.poll(() => client.keys('pentimento:triage-run:*'), { timeout: 30_000 }).toHaveLength(1);
    const { code, message } = await failureOf(workerOf('0.0.2').ended);
    expect(code).toBe('queue_mismatch');
    expect(message).toContain(`with version ${programVersion}; this worker has model`);
    expect(message).toContain('with version 0.0.2');
    const right = worker('right');
    expect(await run.ended).toMatchObject({ status: 0 });
    expect((await kept()).results.map(({ provider }) => provider)).toEqual(['cpu on right', 'cpu on right']);
    expect(right.lines.filter(({ event }) => event === 'answered')).toHaveLength(2);
    early.stop();
    await early.ended;
    expect(early.events).toEqual([]);
  });

  test('where a run looks at stability, a worker judges the changed pictures, and what they say stands beside the result', async () => {
    await paint('sure.jpg', 250, 256);
    await paint('unclear.jpg', 38, 256);
    const one = worker('one');
    const run = triage(pictures, '--model', model, '--stability', 'verdicts');
    expect(await run.ended).toMatchObject({ status: 0 });
    const of = (name: string) => run.lines.find((line) => line['path'] === path.join(pictures, name));
    expect(of('sure.jpg')).toMatchObject({
      ...{ verdict: 'simulated', provider: 'cpu on one', stability: { stable: true } },
      reason: expect.stringContaining('Nothing spoke against the verdict after 18 of 18 small changes'),
    });
    expect(of('unclear.jpg')).toMatchObject({ verdict: 'inconclusive', stability: null });
    one.child.kill('SIGTERM');
  });

  test('a worker that may not read the folder ends and gives the picture back; one that sees other bytes answers so', async () => {
    await paint('1.jpg', 50);
    await paint('2.jpg', 60);
    const elsewhere = temporaryFolder();
    const options = ['--queue', redis.address, '--model', model, '--lease', '1'];
    const stranger = start('worker', elsewhere, ...options);
    await stranger.line(({ event }) => event === 'ready');
    const run = triage(pictures, '--model', model);
    expect(await stranger.line(({ error }) => error !== undefined)).toMatchObject({
      error: { code: 'queue_folder' },
    });
    // The same names elsewhere; one of them with other bytes.
    copyFileSync(path.join(pictures, '1.jpg'), path.join(elsewhere, '1.jpg'));
    copyFileSync(path.join(pictures, '1.jpg'), path.join(elsewhere, '2.jpg'));
    start('worker', `${pictures}=${elsewhere}`, ...options);
    expect(await run.ended).toMatchObject({ status: 3 });
    const { items } = await kept();
    expect(items.sort((a, b) => a.path.localeCompare(b.path))).toMatchObject([
      { path: path.join(pictures, '1.jpg'), state: 'judged' },
      { path: path.join(pictures, '2.jpg'), error: expect.stringContaining('evidence_changed') },
    ]);
  });

  test('a run whose server is lost ends with the address and no password, and nothing is lost', async () => {
    await paint('1.jpg', 50);
    const opened = await Workspace.open(workspace, { holder: 'the tests' });
    onTestFinished(() => opened.close());
    const jobs = new JobService(new JobRepository(opened.db));
    onTestFinished(() => jobs.close());
    const service = new TriageService({ workspace: opened, jobs, models: new ModelService(opened) });
    const address = redis.address.replace('//', '//default:secret@');
    const begun = Promise.withResolvers<void>();
    const carried = openRedisCarrier({ address: redis.address, version: '1.2.3', patienceMs: 0 });
    const { run, jobId } = await service.start(
      { folders: [{ path: pictures, priority: 0 }], model, rules: [] },
      {
        open: async (request) => {
          const carrier = await carried(request);
          begun.resolve();
          return carrier;
        },
      },
    );
    await begun.promise;
    await redis.stop();
    expect(await jobs.wait(jobId)).toMatchObject({ state: 'failed', error: { code: 'queue_unreachable' } });
    expect((await service.get(run)).counts).toEqual({ waiting: 1, judged: 0, failed: 0 });
    const { code, message } = await failureOf(connect(address));
    expect(code).toBe('queue_unreachable');
    expect(message).not.toContain('secret');
    expect(message).toContain('127.0.0.1');
  });
});

test('an address that is none of a Redis server is refused before anything is done', async () => {
  for (const address of ['http://host/', 'redis://', 'redis://host/name', 'nonsense']) {
    const run = start('triage', temporaryFolder(), '--queue', address, '--data-dir', temporaryFolder());
    expect(await run.ended).toMatchObject({ status: 2 });
    expect(run.lines).toMatchObject([{ error: { code: 'invalid_input' } }]);
  }
});

test('a call of a window cannot name a queue', () => {
  const request = { folders: [{ path: '/pictures', priority: 0 }], model: 'id', rules: [] };
  expect(triageApi.start.input.safeParse(request).success).toBe(true);
  expect(triageApi.start.input.safeParse({ ...request, queue: 'redis://host' }).success).toBe(false);
});

test('without --queue, neither BullMQ nor its client is loaded', async () => {
  const script = `
    import { createRequire } from 'node:module';
    import { runCommandLine } from ${JSON.stringify(path.join(path.dirname(cli), 'cli/program.ts'))};
    await runCommandLine(process.argv.slice(1));
    const loaded = Object.keys(createRequire(import.meta.url).cache);
    console.log(JSON.stringify({ loaded: loaded.filter((one) => /[/](bullmq|ioredis)[/]/.test(one)).length }));`;
  const pictures = temporaryFolder();
  const folder = temporaryFolder();
  const model = await writeTinyDetector(path.join(folder, 'tiny.onnx'));
  const run = (...more: string[]) => {
    const options = ['--model', model, '--data-dir', path.join(folder, 'workspace'), '--json', ...more];
    const done = spawnSync(
      process.execPath,
      ['--input-type=module', '-e', script, 'triage', pictures, ...options],
      { encoding: 'utf8', cwd: import.meta.dirname, timeout: 50_000, killSignal: 'SIGKILL' },
    );
    return JSON.parse(done.stdout.trim().split('\n').at(-1)!) as { loaded: number };
  };
  expect(run()).toEqual({ loaded: 0 });
  // With it they are; nothing listens there.
  expect(run('--queue', 'redis://127.0.0.1:1/0').loaded).toBeGreaterThan(0);
});
