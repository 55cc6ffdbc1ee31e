/** The command line as other programs use it: real child processes on real workspaces. */
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { RowStore } from '#features/method-study/row-store.ts';
import { startProgram } from '#tests/support/start-program.ts';
import { studyRowOf } from '#tests/support/study-row.ts';
import { writeTinyDetector } from '#tests/support/tiny-detector.ts';

const cli = resolve(import.meta.dirname, '../../../../src-main/hosts/node/cli.ts');
let folder: string;
let workspace: string;

interface Ended {
  status: number | null;
  stdout: string;
  stderr: string;
}
async function pentimento(...args: string[]): Promise<Ended> {
  const child = startProgram([cli, ...args]);
  const ended: Ended = { status: null, stdout: '', stderr: '' };
  child.stdout.on('data', (text: Buffer) => (ended.stdout += String(text)));
  child.stderr.on('data', (text: Buffer) => (ended.stderr += String(text)));
  [ended.status] = (await once(child, 'close')) as [number | null];
  return ended;
}
/** With JSON lines parsed; stdout must hold nothing else. */
async function json(...args: string[]): Promise<Ended & { lines: Record<string, unknown>[] }> {
  const ended = await pentimento(...args, '--json', '--data-dir', workspace);
  const lines = ended.stdout.split('\n').filter((line) => line !== '');
  return { ...ended, lines: lines.map((line) => JSON.parse(line) as Record<string, unknown>) };
}
const picture = (name: string, red: number): Promise<unknown> =>
  sharp({ create: { width: 128, height: 128, channels: 3, background: { r: red, g: 9, b: 9 } } })
    .png()
    .toFile(join(folder, 'pictures', name));

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pentimento-cli-'));
  workspace = join(folder, 'workspace');
  await mkdir(join(folder, 'pictures'));
  await picture('a b.png', 10);
  await picture('ü"c.png', 120);
  await writeFile(join(folder, 'pictures', 'text.jpg'), 'no picture');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('arguments', () => {
  test('help goes to stdout and names every verb, with status 0', async () => {
    const { status, stdout, stderr } = await pentimento('--help');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    for (const verb of [
      'demo',
      'import',
      'datasets',
      'cases',
      'intake',
      'bundle',
      'train',
      'runs',
      'export',
      'models',
      'detect',
      'triage',
      'evaluate',
      'bench',
      'serve',
      'doctor',
    ])
      expect(stdout).toMatch(new RegExp(`^  ${verb} `, 'm'));
  });

  test('a wrong argument ends with status 2, the code and what to do', async () => {
    const { status, stdout, stderr } = await pentimento('import', 'x', '--dataset', 'd', '--label', 'fake');
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(/^invalid_input: .*--label.*fake.*real, reference, simulated, unlabelled/);
    expect(stderr.trim().split('\n')).toHaveLength(2);
  });

  test.each([
    [['nope'], /unknown command 'nope'/],
    [['train', '--steps', '2', '--minutes', '3'], /--steps.*--minutes/],
    [['train', '--dataset', 'd', '--steps', '1.5'], /whole number/],
    [['train'], /--dataset/],
    [['train', '--resume', 'r', '--seed', '3'], /--seed cannot be changed/],
    [['import', '--dataset', 'd'], /Name folders or files/],
    [['import', '--manifest', 'x.csv', '--workspace', 'y'], /--manifest.*--workspace/],
    [['import', 'x', '--manifest', 'x.csv', '--dataset', 'd'], /do not go with/],
    [['datasets', 'd', '--label', 'real'], /--items, --where or --all/],
    [['datasets', 'd', '--label', 'real', '--remove', '--all'], /one change at a time/],
    [['datasets', 'd', '--remove', '--where', 'colour=red'], /label=/],
    [['train', '--resume', 'r', '--until-loss', '3'], /--until-loss cannot be changed/],
    [['train', '--resume', 'r', '--cache-mb', '64'], /--cache-mb cannot be changed/],
    [['train', '--dataset', 'd', '--cache-mb', '0'], /--cache-mb.*whole number/],
    [['train', '--dataset', 'd', '--until-loss', '0'], /above 0/],
    [['train', '--dataset', 'd', '--patience', '0'], /whole number/],
    [['detect'], /missing required argument 'path'/],
    [['bench'], /Name a benchmark/],
    [['bench', 'method', '--rows', 'a,z'], /There is no row "z"/],
    [['bench', 'training', '--backend', 'auto'], /--backend.*auto.*ort, cuda, wasm/],
    [['bench', 'training', '--seconds', '0'], /--seconds.*whole number/],
    [['bench', 'method', '--seeds', '0,x'], /--seeds.*whole number/],
    [['bench', 'method', '--with', 'jpegShare=1'], /--with and --name go together/],
    [['bench', 'method', '--stored', '--again'], /--stored.*--again/],
  ])('%j in JSON mode is one error on stdout and nothing on stderr', async (args, message) => {
    const { status, stderr, lines } = await json(...args);
    expect({ status, stderr }).toEqual({ status: 2, stderr: '' });
    expect(lines).toEqual([
      { error: { code: 'invalid_input', message: expect.stringMatching(message), hint: expect.any(String) } },
    ]);
  });
});

describe('the verbs in one workspace', () => {
  test('import says what was added and refused, and ends with 3 where some failed', async () => {
    const { status, lines } = await json(
      'import',
      join(folder, 'pictures'),
      '--dataset',
      'mine',
      '--label',
      'real',
    );
    expect(status).toBe(3);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatchObject({ state: 'done', dataset: 'mine', duplicates: [] });
    expect(lines[0]!['added']).toHaveLength(2);
    expect(lines[0]!['refused']).toMatchObject([{ error: { code: 'not_an_image' } }]);
  });

  test('datasets shows it', async () => {
    const { status, lines } = await json('datasets');
    expect(status).toBe(0);
    expect(lines[0]).toMatchObject({
      datasets: [{ name: 'mine', items: 2, rendered: false, manifest_hash: expect.any(String) }],
    });
    expect((await json('datasets', 'other')).lines[0]).toMatchObject({ error: { code: 'not_found' } });
  });

  test('datasets changes pictures in bulk, takes that back, and says what was done', async () => {
    const changed = await json(
      'datasets',
      'mine',
      '--label',
      'simulated',
      '--where',
      'label=real,split=train',
    );
    expect(changed.lines[0]).toMatchObject({
      edit: { action: 'label', items: 1, undone_at: null },
      dataset: { labels: { real: 1, simulated: 1 }, version: { number: 1, frozen: false } },
    });
    expect((await json('datasets', 'mine', '--undo')).lines[0]).toMatchObject({
      edit: { action: 'label' },
      dataset: { labels: { real: 2, simulated: 0 } },
    });
    const { lines } = await json('datasets', 'mine', '--history');
    expect(lines[0]!['edits']).toMatchObject([
      { action: 'label', undone_at: expect.any(Number) },
      { action: 'import', items: 2, undone_at: null },
    ]);
    expect((await json('datasets', 'mine', '--apply', 'nothing')).lines[0]).toMatchObject({
      error: { code: 'not_found' },
    });
  });

  test('datasets exports a list that import reads back, here and from another workspace', async () => {
    const out = join(folder, 'exported');
    const exported = await json('datasets', 'mine', '--export', out);
    expect(exported.lines[0]).toMatchObject({
      dataset: 'mine',
      items: 2,
      manifest: join(out, 'manifest.csv'),
    });
    const other = join(folder, 'other workspace');
    const there = async (...args: string[]): Promise<Record<string, unknown>> =>
      JSON.parse((await pentimento(...args, '--json', '--data-dir', other)).stdout) as Record<
        string,
        unknown
      >;
    expect(
      await there('import', '--manifest', join(out, 'manifest.csv'), '--dataset', 'listed'),
    ).toMatchObject({
      state: 'done',
      added: [{}, {}],
      refused: [],
      moved: [],
    });
    expect(await there('import', '--workspace', workspace, '--from', 'mine')).toMatchObject({
      dataset: 'mine',
      added: [{}, {}],
    });
    const hashOf = async (name: string): Promise<unknown> => (await there('datasets', name))['manifest_hash'];
    const { lines } = await json('datasets', 'mine');
    expect([await hashOf('listed'), await hashOf('mine')]).toEqual([
      lines[0]!['manifest_hash'],
      lines[0]!['manifest_hash'],
    ]);
  });

  test('without a model, detect says so', async () => {
    const { status, lines } = await json('detect', join(folder, 'pictures'));
    expect(status).toBe(1);
    expect(lines).toMatchObject([{ error: { code: 'model_missing' } }]);
  });

  test('detect takes an ONNX file and writes one line a picture, and its maps', async () => {
    const model = await writeTinyDetector(join(folder, 'tiny.onnx'));
    const maps = join(folder, 'maps');
    const { status, lines } = await json(
      'detect',
      join(folder, 'pictures'),
      '--model',
      model,
      '--maps',
      maps,
    );
    expect(status).toBe(3);
    expect(lines).toHaveLength(3);
    const failed = lines.find(({ error }) => error !== undefined)!;
    expect(failed).toMatchObject({
      path: join(folder, 'pictures', 'text.jpg'),
      error: { code: 'not_an_image' },
    });
    const real = lines.find(({ path }) => path === join(folder, 'pictures', 'a b.png'))!;
    const simulated = lines.find(({ path }) => path === join(folder, 'pictures', 'ü"c.png'))!;
    expect(real).toMatchObject({ verdict: 'real', width: 128, height: 128, tiles: 4 });
    expect(real['llr']).toBeCloseTo(-Math.log(40), 6);
    expect(real['score']).toBeCloseTo(10 * (10 / 255), 4);
    expect(simulated).toMatchObject({ verdict: 'simulated' });
    expect(Object.keys(real).slice(0, 12)).toEqual([
      ...[
        'path',
        'sha256',
        'width',
        'height',
        'verdict',
        'reason',
        'score',
        'llr',
        'tiles',
        'maps',
        'model',
        'ms',
      ],
    ]);
    expect(Object.keys(real['ms'] as object)).toEqual(['decode', 'infer', 'total']);
    const written = real['maps'] as { simulation: string; local_spectrum: string };
    expect(await sharp(written.simulation).metadata()).toMatchObject({
      format: 'png',
      width: 32,
      height: 32,
    });
    expect(await readdir(maps)).toContain(written.local_spectrum.slice(maps.length + 1));
  });

  test('evaluate answers figures with intervals, and why a figure is null', async () => {
    const manifest = join(folder, 'pictures', 'list.csv');
    await writeFile(manifest, 'path,label,category\na b.png,real,\n"ü""c.png",simulated,spot\n');
    const { status, lines } = await json('evaluate', '--manifest', manifest);
    expect(status).toBe(0);
    expect(lines).toMatchObject([
      {
        pictures: 2,
        counts: { real: 1, simulated: 1 },
        ...{ auc: 1, ap: 1, eer: 0, accuracy: 1, fpr: 0, fnr: 0, cllr_min: 0, pixel_auc: null },
        cllr: expect.closeTo(Math.log2(1 + 1 / 40), 6),
        // One picture a class bounds nothing.
        intervals: { auc: null },
        reasons: { pixel_auc: expect.stringMatching(/mask/) },
        categories: [{ category: 'spot', auc: 1 }],
        failed: [],
      },
    ]);
  });

  test('models lists it, export of what is absent fails, doctor names the workspace', async () => {
    expect((await json('models')).lines[0]).toMatchObject({ models: [{ name: 'tiny', current: true }] });
    const missing = await json('export', 'none', '--out', join(folder, 'x.onnx'));
    expect(missing).toMatchObject({ status: 1, lines: [{ error: { code: 'not_found' } }] });
    const { status, lines } = await json('doctor');
    expect(status).toBe(0);
    expect(lines[0]).toMatchObject({ version: expect.any(String), storage: { workspace, writable: true } });
    const backends = lines[0]!['backends'] as { name: string; ready: boolean; reason: string }[];
    expect(backends.some(({ name, ready }) => name === 'wasm' && ready)).toBe(true);
    for (const { ready, reason } of backends) expect(ready || reason !== '').toBe(true);
  });
});

describe('cases and intake', () => {
  test('a case is made, takes evidence in, and says what is in it', async () => {
    const made = await json('cases', '--create', 'Doe', '--number', 'K 7', '--tags', 'fraud,face');
    expect(made.lines).toMatchObject([{ name: 'Doe', number: 'K 7', tags: ['fraud', 'face'], items: 0 }]);
    const named = ['a b.png', 'ü"c.png', 'text.jpg'].map((name) => join(folder, 'pictures', name));
    const taken = await json('intake', ...named, '--case', 'Doe');
    expect(taken.status).toBe(3);
    expect(taken.lines).toMatchObject([
      { state: 'done', case: 'Doe', added: 2, duplicates: 0, refused: 1, duplicate_list: [] },
    ]);
    expect(taken.lines[0]!['refused_list']).toMatchObject([
      { path: named[2], error: { code: 'not_an_image' } },
    ]);
    const again = await json('intake', ...named, '--case', 'Doe', '--reference');
    expect(again.lines).toMatchObject([{ added: 0, duplicates: 2, refused: 1 }]);
    const checked = await json('cases', 'Doe', '--check');
    expect(checked).toMatchObject({ status: 0, lines: [{ checked: 2, states: { intact: 2 } }] });
    const model = await writeTinyDetector(join(folder, 'judge.onnx'));
    const judged = await json('cases', 'Doe', '--judge', '--model', model);
    expect(judged).toMatchObject({ status: 0, lines: [{ state: 'done', failed: [] }] });
    const shown = await json('cases', 'Doe');
    expect(shown.lines).toMatchObject([{ items: 2, states: { intact: 2 }, verdicts: { none: 0 } }]);
    expect((await json('cases')).lines).toMatchObject([{ cases: [{ name: 'Doe' }] }]);
  });

  test('a bundle is written, checked without a workspace, and taken into another one', async () => {
    const bundle = join(folder, 'doe.zip');
    const written = await json('bundle', 'Doe', '--out', bundle);
    expect(written).toMatchObject({
      status: 0,
      lines: [{ case: 'Doe', counts: { evidence: 2 }, absent: [] }],
    });
    const manifest = written.lines[0]!['manifest_sha256'];
    const again = await json('bundle', 'Doe', '--out', bundle);
    expect(again).toMatchObject({ status: 2, lines: [{ error: { code: 'invalid_input' } }] });
    const none = join(folder, 'no workspace');
    const checked = await pentimento('verify', bundle, '--json', '--data-dir', none);
    expect(checked.status).toBe(0);
    expect(JSON.parse(checked.stdout)).toMatchObject({ ok: true, findings: [], manifest_sha256: manifest });
    expect((await readdir(folder)).includes('no workspace')).toBe(false);
    const other = ['--json', '--data-dir', join(folder, 'other')];
    const taken = await pentimento('bundle', '--import', bundle, ...other);
    expect(taken.status).toBe(0);
    expect(JSON.parse(taken.stdout)).toMatchObject({ case: 'Doe', manifest_sha256: manifest, mapped: [] });
    expect((await pentimento('verify', '--workspace', ...other)).status).toBe(0);
    await writeFile(bundle, 'spoilt');
    expect(await json('verify', bundle)).toMatchObject({
      status: 1,
      lines: [{ error: { code: 'bundle_invalid' } }],
    });
    expect((await json('verify')).status).toBe(2);
  });

  test('a closed case takes nothing in, and says what to do', async () => {
    expect((await json('cases', 'Doe', '--status', 'closed')).lines).toMatchObject([{ status: 'closed' }]);
    const refused = await json('intake', join(folder, 'pictures'), '--case', 'Doe');
    expect(refused).toMatchObject({ status: 1, lines: [{ error: { code: 'case_not_open' } }] });
    const unnamed = await json('cases', '--check');
    expect(unnamed).toMatchObject({ status: 2, lines: [{ error: { code: 'invalid_input' } }] });
  });
});

describe('bench method --stored', () => {
  test('prints what was measured, and runs nothing', async () => {
    const file = join(folder, 'method.json');
    const store = new RowStore(file);
    const rows = [studyRowOf(), studyRowOf({ seed: 1 }), studyRowOf({ name: 'f', mean_q90: 0.456 })];
    for (const row of rows) await store.put(row);
    const stored = ['bench', 'method', '--stored', '--measurements', file];
    const all = await json(...stored);
    expect(all).toMatchObject({ status: 0, stderr: '' });
    expect(all.lines).toMatchObject([{ protocol: expect.stringContaining('never trained on'), rows }]);
    const some = await json(...stored, '--rows', 'a', '--seeds', '1');
    expect(some.lines).toMatchObject([{ rows: [rows[1]] }]);
    const { status, stdout, stderr } = await pentimento(...stored);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/^f +0 +10 .*0\.910 \[0\.800, 1\.000\] +0\.456 /m);
    expect(stdout).toMatch(/^casia:\n.*\na +0 +10 +3 +2 +0\.900 \[0\.800, 0\.950\] +0\.600 /m);
  });

  test('says that there is nothing where nothing was measured', async () => {
    const none = join(folder, 'none.json');
    const { status, stdout } = await pentimento('bench', 'method', '--stored', '--measurements', none);
    expect({ status, stdout }).toEqual({ status: 0, stdout: 'Nothing was measured yet.\n' });
  });

  test('a folder without pictures is an error that says what to name', async () => {
    const { status, lines } = await json('bench', 'method', '--rows', 'f', '--data', join(folder, 'nowhere'));
    expect(status).toBe(1);
    expect(lines).toMatchObject([
      { error: { code: 'file_not_found', hint: expect.stringContaining('--data') } },
    ]);
  });
});
