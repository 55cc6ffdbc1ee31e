/** Judging in bulk: what waits, what ends, in which order, and what a kill leaves. */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { parse } from 'csv-parse/sync';
import { forkChild } from '#compute/child-process.ts';
import { createJudgeHost } from '#compute/judging/judge-host.ts';
import { DetectionService } from '#features/detection/detection.service.ts';
import { JobRepository } from '#features/jobs/job.repository.ts';
import { JobService } from '#features/jobs/job.service.ts';
import { ModelService } from '#features/models/model.service.ts';
import { notLookedAt, type TriageItem } from '#features/triage/triage-outcome.ts';
import { TriageService } from '#features/triage/triage.service.ts';
import { Workspace } from '#storage/workspace.ts';
import { failureOf } from '#tests/support/app-error.ts';
import { recordedEntries } from '#tests/support/recorded-entries.ts';
import { runAndKill, supportProgram } from '#tests/support/start-program.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';
import { temporaryWorkspace } from '#tests/support/temporary-workspace.ts';
import { writeTinyDetector } from '#tests/support/tiny-detector.ts';

let pictures: string;
let model: string;
beforeEach(async () => {
  pictures = temporaryFolder();
  model = await writeTinyDetector(path.join(temporaryFolder(), 'tiny.onnx'));
});

function servicesOf(workspace: Workspace) {
  const jobs = new JobService(new JobRepository(workspace.db));
  onTestFinished(() => jobs.close());
  const models = new ModelService(workspace);
  const detection = new DetectionService({ workspace, jobs, models, programVersion: '1.2.3' });
  return { jobs, models, detection, triage: new TriageService({ workspace, jobs, models }) };
}
/** Grey of so much red that the tiny detector scores it ten times its share. */
async function picture(
  name: string,
  red: number,
  exif?: Record<string, Record<string, string>>,
): Promise<string> {
  const file = path.join(pictures, name);
  mkdirSync(path.dirname(file), { recursive: true });
  const create = { width: 80, height: 72, channels: 3 as const, background: { r: red, g: 0, b: 0 } };
  await sharp({ create })
    .withExif(exif ?? {})
    .jpeg()
    .toFile(file);
  return file;
}

test('every picture of every folder is judged or listed with its failure, and told as it ends', async () => {
  const workspace = await temporaryWorkspace();
  const { jobs, triage, detection, models } = servicesOf(workspace);
  const first = await picture('a/1.jpg', 10);
  await picture('a/2.jpg', 100);
  writeFileSync(path.join(pictures, 'a/3.jpg'), 'no picture at all');
  await picture('b/4.jpg', 200);
  const told: TriageItem[] = [];
  const folders = ['a', 'b', 'gone'].map((name) => ({ path: path.join(pictures, name), priority: 0 }));
  const { run, jobId } = await triage.start(
    { folders, model, rules: [] },
    { tell: (item) => told.push(item) },
  );
  const job = await jobs.wait(jobId);
  expect(job).toMatchObject({
    kind: 'triage',
    state: 'done',
    result: { run, judged: 3, failed: 2, waiting: 0 },
  });
  const { results, total } = await triage.results({ run, order: 'score', offset: 0, limit: 100 });
  expect(total).toBe(3);
  expect(results.map(({ path: file }) => path.basename(file))).toEqual(['4.jpg', '2.jpg', '1.jpg']);
  expect(results.at(-1)).toMatchObject({
    path: first,
    category: 'a',
    sha256: createHash('sha256').update(readFileSync(first)).digest('hex'),
    format: 'jpeg',
    pile: null,
  });
  const { failures } = await triage.failures(run, { offset: 0, limit: 10 });
  expect(failures.map(({ path: file, error }) => [path.basename(file), error.code]).sort()).toEqual([
    ['3.jpg', 'not_an_image'],
    ['gone', 'file_not_found'],
  ]);
  expect(told).toHaveLength(5);
  // The score, the ratio and the verdict are those of a full judgement; what it leaves out stands beside a verdict.
  for await (const item of detection.judge([first], await models.resolve(), { stability: 'never' })) {
    if (item.kind !== 'verdict') throw new Error(JSON.stringify(item));
    const { score, verdict, reason, llr } = item.verdict;
    expect(verdict).toBe('real');
    expect(results.at(-1)).toMatchObject({ score, verdict, llr, reason: `${reason} ${notLookedAt}` });
  }
});

test('stability is looked at where the run asks for it, also when it is gone on with, and every result says whether it was', async () => {
  const workspace = await temporaryWorkspace();
  const { jobs, triage } = servicesOf(workspace);
  const redUpTo = async (column: number, name: string): Promise<string> => {
    const data = Buffer.alloc(256 * 256 * 3);
    for (let i = 0; i < 256 * 256; i++) data[i * 3] = i % 256 < column ? 255 : 0;
    const file = path.join(pictures, name);
    await sharp(data, { raw: { width: 256, height: 256, channels: 3 } })
      .png()
      .toFile(file);
    return file;
  };
  const sure = await redUpTo(256, 'sure.png');
  // Red in the first column of tiles alone: cut by seven pixels the score falls from 12 to -9.9.
  const edge = await redUpTo(64, 'edge.png');
  const steep = await writeTinyDetector(path.join(temporaryFolder(), 'steep.onnx'), {
    gain: 200,
    bias: -188,
  });
  const folders = [{ path: pictures, priority: 0 }];
  const judged = async (run: string) => {
    const { results } = await triage.results({ run, order: 'category', offset: 0, limit: 9 });
    return new Map(results.map((result) => [result.path, result]));
  };
  const plain = await triage.start({ folders, model: steep, rules: [] });
  await jobs.wait(plain.jobId);
  expect((await triage.get(plain.run)).stability).toBe('never');
  for (const result of (await judged(plain.run)).values()) {
    expect(result).toMatchObject({ verdict: 'simulated', stability: null });
    expect(result.reason).toContain(notLookedAt);
  }

  const looked = await triage.start({ folders, model: steep, rules: [], stability: 'verdicts' });
  await jobs.wait(looked.jobId);
  const first = await judged(looked.run);
  expect(first.get(edge)).toMatchObject({ verdict: 'inconclusive', stability: { stable: false } });
  expect(first.get(edge)!.reason).toContain(first.get(edge)!.stability!.reason);
  expect(first.get(edge)!.stability!.rows).toHaveLength(18);
  expect(first.get(sure)).toMatchObject({ verdict: 'simulated', stability: { stable: true } });
  expect(first.get(sure)!.reason).toContain('Nothing spoke against the verdict after');
  expect(first.get(sure)!.reason).not.toContain(notLookedAt);

  // What it looks at belongs to the run: a picture that comes later is looked at as well.
  const late = await redUpTo(256, 'late.png');
  await workspace.db.updateTable('triage_runs').set({ listed: 0 }).where('id', '=', looked.run).execute();
  await jobs.wait((await triage.resume(looked.run)).jobId);
  expect((await judged(looked.run)).get(late)).toMatchObject({ stability: { stable: true } });

  const csv = path.join(temporaryFolder(), 'out.csv');
  await triage.export(looked.run, csv, 'csv');
  const lines: { path: string; stability: string }[] = parse(readFileSync(csv, 'utf8'), { columns: true });
  expect(Object.fromEntries(lines.map((line) => [path.basename(line.path), line.stability]))).toEqual({
    ...{ 'sure.png': 'stable', 'edge.png': 'unstable', 'late.png': 'stable' },
  });
  await triage.export(plain.run, csv, 'csv');
  const before: { stability: string }[] = parse(readFileSync(csv, 'utf8'), { columns: true });
  expect(new Set(before.map(({ stability }) => stability))).toEqual(new Set(['not looked at']));
});

test('pictures that end the process that decodes them are failures with their reason, and the run goes on', async () => {
  const workspace = await temporaryWorkspace();
  const { jobs, models } = servicesOf(workspace);
  for (const name of ['1.jpg', '2.jpg', '3.jpg']) await picture(name, 100);
  await picture('deadly.jpg', 100);
  // 300 million pixels at most: 867 MB of them in a file of less than a megabyte.
  const create = { width: 17_000, height: 17_000, channels: 3 as const, background: '#808080' };
  await sharp({ create, limitInputPixels: false }).png().toFile(path.join(pictures, 'bomb.png'));
  const judging = createJudgeHost({
    limits: { memory: 420 * 2 ** 20 },
    spawn: (...how) => {
      const child = forkChild(...how);
      const send: typeof child.send = (message) =>
        JSON.stringify(message).includes('deadly.jpg') ? child.kill() : child.send(message);
      return { ...child, send };
    },
  });
  const triage = new TriageService({ workspace, jobs, models, judging });
  const { run, jobId } = await triage.start({ folders: [{ path: pictures, priority: 0 }], model, rules: [] });
  expect(await jobs.wait(jobId)).toMatchObject({
    state: 'done',
    result: { judged: 3, failed: 2, waiting: 0 },
  });
  const { failures } = await triage.failures(run, { offset: 0, limit: 10 });
  expect(failures.map(({ path: file, error }) => [path.basename(file), error.code]).sort()).toEqual([
    ['bomb.png', 'memory_limit'],
    ['deadly.jpg', 'judge_crashed'],
  ]);
});

test('folders of a higher priority come first, and one that is raised overtakes those that wait', async () => {
  const workspace = await temporaryWorkspace();
  const { jobs, triage } = servicesOf(workspace);
  for (const name of ['low/1.jpg', 'low/2.jpg', 'low/3.jpg', 'late/4.jpg', 'late/5.jpg', 'high/6.jpg'])
    await picture(name, 50);
  const order: string[] = [];
  const folders = [
    { path: path.join(pictures, 'low'), priority: 1 },
    { path: path.join(pictures, 'late'), priority: 0 },
    { path: path.join(pictures, 'high'), priority: 5 },
  ];
  let raised: Promise<unknown> | undefined;
  const { jobId } = await triage.start(
    { folders, model, rules: [] },
    {
      tell: (item) => {
        if (item.kind === 'result') order.push(path.basename(item.result.path));
        raised ??= triage.list().then(([run]) => triage.setPriority(run!.id, path.join(pictures, 'late'), 9));
      },
    },
  );
  await jobs.wait(jobId);
  await raised;
  // Two are under way at once, and either may end first.
  expect(order.slice(0, 2)).toContain('6.jpg');
  expect(new Set(order).size).toBe(6);
  // Two at most were under way when the folder was raised.
  expect(order.indexOf('5.jpg')).toBeLessThan(order.indexOf('3.jpg'));
  expect(order.indexOf('4.jpg')).toBeLessThan(order.indexOf('3.jpg'));
});

test('rules sort what was judged into piles, by the first that fits; exports hold every picture once', async () => {
  const workspace = await temporaryWorkspace();
  const { jobs, triage } = servicesOf(workspace);
  const exif = (date: string) => ({
    IFD0: { Make: 'Acme', Model: 'Acme One' },
    IFD2: { DateTimeOriginal: date },
  });
  await picture('cats/old, "quoted".jpg', 200, exif('2019:03:01 10:00:00'));
  await picture('cats/new.jpg', 200, exif('2024:03:01 10:00:00'));
  await picture('dogs/plain.jpg', 20);
  await picture('dogs/high.jpg', 240);
  writeFileSync(path.join(pictures, 'dogs/none.jpg'), '');
  const { run, jobId } = await triage.start({ folders: [{ path: pictures, priority: 0 }], model, rules: [] });
  await jobs.wait(jobId);
  await triage.setRules(run, [
    { pile: 'recent acme', camera: 'acme one', takenFrom: '2024' },
    { pile: 'old', takenTo: '2019-03-01' },
    { pile: 'high dogs', category: 'dogs', scoreFrom: 5 },
  ]);
  const { results } = await triage.results({ run, order: 'category', offset: 0, limit: 10 });
  expect(Object.fromEntries(results.map((one) => [path.basename(one.path), one.pile]))).toEqual({
    'old, "quoted".jpg': 'old',
    'new.jpg': 'recent acme',
    'plain.jpg': null,
    'high.jpg': 'high dogs',
  });
  const narrowed = await triage.results({
    ...{ run, category: 'dogs', verdict: 'simulated', order: 'score', offset: 0, limit: 10 },
  });
  expect(narrowed).toMatchObject({ total: 1, results: [{ path: path.join(pictures, 'dogs/high.jpg') }] });
  expect(await triage.summary(run)).toEqual({
    verdicts: { real: 1, simulated: 3, inconclusive: 0 },
    categories: [
      { name: 'cats', count: 2 },
      { name: 'dogs', count: 2 },
    ],
  });
  const pile = await triage.results({ run, pile: 'old', order: 'judged', offset: 0, limit: 10 });
  expect(pile).toMatchObject({ total: 1, results: [{ camera: 'Acme One', taken: '2019-03-01T10:00:00' }] });

  const csv = path.join(temporaryFolder(), 'out.csv');
  expect(await triage.export(run, csv, 'csv')).toEqual({ path: csv, results: 4, failures: 1 });
  const rows: Record<string, string>[] = parse(readFileSync(csv, 'utf8'), { columns: true });
  const json = path.join(temporaryFolder(), 'out.json');
  await triage.export(run, json, 'json');
  const items = JSON.parse(readFileSync(json, 'utf8')) as Record<string, unknown>[];
  for (const list of [rows, items]) {
    expect(list).toHaveLength(5);
    const old = list.find((one) => String(one['path']).endsWith('old, "quoted".jpg'));
    expect(old).toMatchObject({ pile: 'old', camera: 'Acme One' });
    expect(list.find((one) => String(one['path']).endsWith('none.jpg'))).toMatchObject({
      error: 'file_empty',
    });
  }
});

test('results are sent to a case by where their pictures lie, and what is no result of the run is refused', async () => {
  const workspace = await temporaryWorkspace();
  const { jobs, triage } = servicesOf(workspace);
  const sent = await picture('1.jpg', 50);
  await picture('2.jpg', 60);
  const { run, jobId } = await triage.start({ folders: [{ path: pictures, priority: 0 }], model, rules: [] });
  expect((await triage.get(run)).jobId).toBe(jobId);
  await jobs.wait(jobId);
  await expect.poll(async () => (await triage.get(run)).jobId).toBeNull();
  const { results } = await triage.results({ run, order: 'score', offset: 0, limit: 10 });
  const taken: string[][] = [];
  const takeIn = async (paths: string[]) => {
    taken.push(paths);
    return { jobId: 'intake' };
  };
  const request = { run, results: [results.at(-1)!.id, 'another'], case: 'Harbour' };
  expect(await triage.sendToCase(request, takeIn)).toEqual({ jobId: 'intake' });
  expect(taken).toEqual([[sent]]);
  const entries = recordedEntries(workspace).filter(({ action }) => action === 'triage.sent-to-case');
  expect(entries).toMatchObject([{ payload: { case: 'Harbour', results: 1 } }]);
  const nothing = triage.sendToCase({ ...request, results: ['another'] }, takeIn);
  expect((await failureOf(nothing)).code).toBe('not_found');
});

test('failures that are put back are judged again, and what was judged is not', async () => {
  const workspace = await temporaryWorkspace();
  const { jobs, triage } = servicesOf(workspace);
  await picture('1.jpg', 50);
  const bad = path.join(pictures, '2.jpg');
  writeFileSync(bad, '');
  const { run, jobId } = await triage.start({ folders: [{ path: pictures, priority: 0 }], model, rules: [] });
  await jobs.wait(jobId);
  await picture('2.jpg', 60);
  expect((await triage.retry(run)).counts).toEqual({ waiting: 1, judged: 1, failed: 0 });
  const told: TriageItem[] = [];
  await jobs.wait((await triage.resume(run, { tell: (item) => told.push(item) })).jobId);
  expect(told).toMatchObject([{ kind: 'result', result: { path: bad } }]);
  expect((await triage.get(run)).counts).toEqual({ waiting: 0, judged: 2, failed: 0 });
  const sealed = recordedEntries(workspace).filter(({ action }) => action === 'triage.item-judged');
  expect(sealed).toHaveLength(2);
  expect(() => workspace.sqlite.exec('UPDATE triage_results SET score = 0')).toThrow('never changes');
  expect((await failureOf(triage.get('none'))).code).toBe('not_found');
});

test('a run that is killed twice goes on where it was, with each picture judged once and none lost', async () => {
  const names = Array.from({ length: 30 }, (_, i) => `${i}.jpg`);
  for (const [i, name] of names.entries()) await picture(name, i * 5);
  writeFileSync(path.join(pictures, 'bad.jpg'), 'not a picture');
  const folder = path.join(temporaryFolder(), 'workspace');
  const killed = [supportProgram('triage-folder'), folder, model, pictures];
  const said = [
    ...(await runAndKill(killed, { lines: 3 })),
    ...(await runAndKill(killed, { lines: 4 })),
    ...(await runAndKill(killed, { lines: Infinity })),
  ];
  expect(said.length).toBeGreaterThan(7);
  expect(new Set(said).size).toBe(said.length);
  const workspace = await Workspace.open(folder, { holder: 'the tests' });
  onTestFinished(() => workspace.close());
  const { triage } = servicesOf(workspace);
  const [run] = await triage.list();
  expect(run!.counts).toEqual({ waiting: 0, judged: 30, failed: 1 });
  const { results } = await triage.results({ run: run!.id, order: 'judged', offset: 0, limit: 100 });
  expect(results.map((one) => path.basename(one.path)).sort()).toEqual(names.sort());
  const judged = recordedEntries(workspace).filter(({ action }) => action === 'triage.item-judged');
  expect(new Set(judged.map(({ payload }) => payload['file'])).size).toBe(30);
  expect(judged).toHaveLength(30);
});
