import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import sharp from 'sharp';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { decodeMap } from '#compute/map-image.ts';
import { verdict as verdictSchema, type Verdict } from '#contract/detection.ts';
import {
  DetectionService,
  type DetectionContext,
  type DetectionItem,
} from '#features/detection/detection.service.ts';
import { JobRepository } from '#features/jobs/job.repository.ts';
import { JobService } from '#features/jobs/job.service.ts';
import { ModelService } from '#features/models/model.service.ts';
import { SettingsService } from '#features/settings/settings.service.ts';
import { Workspace } from '#storage/workspace.ts';
import { drawnState, exportedBytes } from '#tests/support/exported-detector.ts';
import { recordedEntries } from '#tests/support/recorded-entries.ts';
import { writeTinyDetector } from '#tests/support/tiny-detector.ts';

let folder: string;
let workspace: Workspace;
let jobs: JobService;
let models: ModelService;
let detection: DetectionService;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pentimento-detection-'));
  mkdirSync(join(folder, 'pictures'));
  workspace = await Workspace.open(join(folder, 'workspace'), { holder: 'a test' });
  jobs = new JobService(new JobRepository(workspace.db));
  models = new ModelService(workspace);
  detection = new DetectionService({ workspace, models, jobs, programVersion: '1.2.3' });
});
afterEach(async () => {
  await jobs.close();
  await workspace.close();
  rmSync(folder, { recursive: true, force: true });
});

const picture = (name: string): string => join(folder, 'pictures', name);
/** A red ramp from left to right, so that the tiny detector's map is known. */
async function ramp(name: string, width = 200, height = 130): Promise<string> {
  const data = Buffer.alloc(width * height * 3);
  for (let i = 0; i < width * height; i++) data[i * 3] = i % width;
  await sharp(data, { raw: { width, height, channels: 3 } })
    .png()
    .toFile(picture(name));
  return picture(name);
}
const importModel = async (): Promise<string> =>
  (await models.import(await writeTinyDetector(join(folder, 'tiny.onnx')))).id;

async function judge(paths: string | string[], context: DetectionContext = {}): Promise<DetectionItem[]> {
  const items: DetectionItem[] = [];
  for await (const item of detection.judge([paths].flat(), await models.resolve(), context)) items.push(item);
  return items;
}
async function verdictOn(path: string, context: DetectionContext = {}): Promise<Verdict> {
  const [item] = await judge(path, context);
  if (item?.kind !== 'verdict') throw new Error(JSON.stringify(item));
  return item.verdict;
}

test('a verdict names its picture, its model, its counts and how the pixels were read, and is stored', async () => {
  const id = await importModel();
  const file = await ramp("Ærlig 'quoted' 名前.png", 203, 130);
  const verdict = await verdictOn(file);
  expect(verdictSchema.parse(verdict)).toEqual(verdict);
  expect(verdict).toMatchObject({
    path: file,
    sha256: createHash('sha256').update(readFileSync(file)).digest('hex'),
    width: 203,
    height: 130,
    format: 'png',
    rendered: false,
    tiles: 8,
    llr: Math.log(40),
    statement: { tier: 'lossless', cut: true, propositions: { simulated: 'It was forged.' } },
    model: { id, name: 'tiny' },
    provider: 'cpu',
    notes: [expect.stringContaining('the last 3 columns and the last 2 rows')],
  });
  // The brightest tile begins at column 136: mean red (136 + 199) / 2, gain 10.
  expect(verdict.score).toBeCloseTo((10 * 167.5) / 255, 3);
  expect(verdict.verdict).toBe('simulated');
  expect(await detection.get(verdict.id)).toEqual(verdict);
  expect(await detection.list({ offset: 0, limit: 10 })).toEqual({ verdicts: [verdict], total: 1 });
});

test('the same picture, model and build give the same verdict and the same bytes, but for its id and what its clocks say', async () => {
  const network = join(folder, 'network.onnx');
  writeFileSync(network, await exportedBytes(drawnState()));
  await models.import(network);
  const file = await ramp('a.png', 203, 187);
  /** The files of maps and of the preview are named by their hashes. */
  const untimed = async (): Promise<unknown> => {
    const { id, createdAt, ms, stability, ...rest } = await verdictOn(file, { stability: 'always' });
    expect([id, createdAt, ms.total, stability!.ms]).not.toContain(undefined);
    return { ...rest, stability: { ...stability, ms: 0 } };
  };
  const first = await untimed();
  expect(first).toMatchObject({
    tiles: 12,
    maps: { simulation: { blob: expect.any(String) } },
    stability: { rows: { length: 18 } },
  });
  expect(await untimed()).toEqual(first);
});

test('the original lies in the workspace unchanged, and the file itself is untouched', async () => {
  await importModel();
  const file = await ramp('a.png');
  const before = { bytes: readFileSync(file), modified: statSync(file).mtimeMs };
  const { sha256 } = await verdictOn(file);
  expect(Buffer.from(await workspace.blobs.read(sha256))).toEqual(before.bytes);
  expect(await workspace.blobs.find(sha256)).toMatchObject({ kind: 'original', mediaType: 'image/png' });
  expect({ bytes: readFileSync(file), modified: statSync(file).mtimeMs }).toEqual(before);
});

test('the stored maps hold what the detector said, in the units that they name', async () => {
  await importModel();
  const { maps } = await verdictOn(await ramp('a.png'));
  const read = async (map: Verdict['maps']['simulation']) =>
    decodeMap(await workspace.blobs.read(map.blob), map);
  expect(maps.simulation).toMatchObject({ width: 50, height: 32, bits: 16, min: 0, max: 1, unit: 'P' });
  expect(maps.kernels).toHaveLength(2);
  expect(maps.globalSpectrum).toMatchObject({ width: 64, height: 64 });
  expect(maps.localSpectrum).toMatchObject({ width: 25, height: 16, min: 0, max: 0 });
  expect(maps.blockSpectrum).toMatchObject({ width: 25, height: 16, unit: 'RMS of A' });
  expect(maps.tileScores).toMatchObject({ width: 25, height: 16, unit: 'logit' });
  expect(maps.covers).toEqual({ width: 200, height: 128 });
  const expected = (i: number): number => (4 * (i % 50) + 1.5) / 255;
  (await read(maps.simulation)).data.forEach((v, i) => expect(Math.abs(v - expected(i))).toBeLessThan(1e-4));
  (await read(maps.kernels[0]!)).data.forEach((v, i) =>
    expect(Math.abs(v - expected(i))).toBeLessThan(1 / 255),
  );
  const scores = await read(maps.tileScores);
  // The first block of the tile at 64 is nearly all of the tile at 32, by the window over both.
  const weight = Math.sin(Math.PI / 16) ** 2;
  expect(scores.data[8]! - scores.data[0]!).toBeCloseTo(((1 - weight) * 320 + weight * 640) / 255, 2);
});

test('a model whose file gives no local block spectrum judges without it, and verdicts from before it was kept can be read', async () => {
  await models.import(await writeTinyDetector(join(folder, 'older.onnx'), { without: ['block_spectrum'] }));
  const without = await verdictOn(await ramp('a.png'));
  expect(without.maps.blockSpectrum).toBeNull();
  const { blockSpectrum, ...older } = without.maps;
  expect(verdictSchema.parse({ ...without, maps: older }).maps.blockSpectrum).toBe(blockSpectrum);
  const written = await detection.writeMaps(without, join(folder, 'maps'));
  expect(written.blockSpectrum).toBeNull();
});

test('the preview shows the pixels unscaled, and only a very large picture is reduced', async () => {
  await importModel();
  const small = await verdictOn(await ramp('a.png'));
  const shown = await sharp(await workspace.blobs.read(small.preview))
    .raw()
    .toBuffer();
  const original = await sharp(picture('a.png')).raw().toBuffer();
  expect(shown.equals(original)).toBe(true);
  const wide = await verdictOn(await ramp('wide.png', 3000, 64));
  expect(await sharp(await workspace.blobs.read(wide.preview)).metadata()).toMatchObject({
    width: 2560,
    height: 55,
  });
});

test('a folder is walked; what cannot be judged is listed with its reason, and the others go on', async () => {
  await importModel();
  await ramp('1 good.png');
  const jpeg = await sharp(picture('1 good.png')).jpeg().toBuffer();
  writeFileSync(picture('2 cut.jpg'), jpeg.subarray(0, jpeg.length / 2));
  writeFileSync(picture('3 text.jpg'), 'Dear diary,\n'.repeat(50));
  writeFileSync(picture('4 empty.png'), '');
  await ramp('5 dot.png', 1, 1);
  await ramp('6 narrow.png', 63, 400);
  await ramp('7 good too.png');
  const items = await judge([join(folder, 'pictures'), picture('gone.png')]);
  const found = items.map((item) =>
    item.kind === 'verdict'
      ? [basename(item.verdict.path), 'verdict']
      : [basename(item.refusal.path), item.refusal.error.code],
  );
  expect(Object.fromEntries(found)).toEqual({
    '1 good.png': 'verdict',
    '2 cut.jpg': 'image_truncated',
    '3 text.jpg': 'not_an_image',
    '4 empty.png': 'file_empty',
    '5 dot.png': 'image_too_small',
    '6 narrow.png': 'image_too_small',
    '7 good too.png': 'verdict',
    'gone.png': 'file_not_found',
  });
});

test('a picture that shows its damage only when decoded is named as the person named it', async () => {
  await importModel();
  await ramp('a.png', 256, 256);
  const bytes = readFileSync(picture('a.png'));
  bytes.fill(0x55, bytes.indexOf('IDAT') + 20, bytes.indexOf('IDAT') + 60);
  writeFileSync(picture('damaged.png'), bytes);
  const [item] = await judge(picture('damaged.png'));
  expect(item).toMatchObject({ kind: 'failure', refusal: { error: { code: 'image_damaged' } } });
  const text = JSON.stringify(item);
  expect(text).toContain('damaged.png');
  expect(text).not.toContain('blobs');
});

test('a job judges in the background and answers with the verdicts and the failures', async () => {
  await importModel();
  const good = await ramp('a.png');
  const { jobId } = await detection.start({ paths: [good, picture('none.png')] });
  const job = await jobs.wait(jobId);
  expect(job).toMatchObject({
    kind: 'detection',
    state: 'done',
    result: { failed: [{ path: picture('none.png') }] },
  });
  const id = job.kind === 'detection' ? job.result!.verdicts[0]! : '';
  expect((await detection.get(id)).path).toBe(good);
});

test('a cancelled job keeps the verdicts that it has', async () => {
  await importModel();
  for (let i = 0; i < 40; i++) await ramp(`${i}.png`, 64 + i, 64);
  const { jobId } = await detection.start({ paths: [join(folder, 'pictures')] });
  for await (const job of jobs.watch(jobId)) if ((job.progress?.done ?? 0) > 0) break;
  const job = await jobs.cancel(jobId);
  expect(job.state).toBe('cancelled');
  const kept = job.kind === 'detection' ? job.result!.verdicts.length : 0;
  expect(kept).toBeLessThan(40);
  expect(kept).toBe((await detection.list({ offset: 0, limit: 100 })).total);
});

test('without a model nothing starts, and an unknown one is named', async () => {
  const paths = [await ramp('a.png')];
  await expect(detection.start({ paths })).rejects.toMatchObject({ code: 'model_missing' });
  await importModel();
  await expect(detection.start({ paths, model: 'other' })).rejects.toMatchObject({ code: 'model_missing' });
  await expect(detection.get('none')).rejects.toMatchObject({ code: 'not_found' });
});

test('maps are written as files with their ranges beside them', async () => {
  await importModel();
  const verdict = await verdictOn(await ramp('a b/c.png'.replace('/', '：')));
  const written = await detection.writeMaps(verdict, join(folder, 'maps', 'here'));
  const ranges = JSON.parse(readFileSync(written.ranges, 'utf8')) as Record<
    string,
    Verdict['maps']['simulation']
  >;
  const files = [
    written.simulation,
    ...written.kernels,
    written.localSpectrum,
    written.blockSpectrum!,
    written.globalSpectrum,
    written.tileScores,
  ];
  expect(files.every(existsSync)).toBe(true);
  expect(Object.keys(ranges).sort()).toEqual(files.map((file) => basename(file)).sort());
  expect(ranges[basename(written.simulation)]).toMatchObject({
    width: 50,
    height: 32,
    bits: 16,
    min: 0,
    max: 1,
  });
  const { data } = await decodeMap(written.simulation, ranges[basename(written.simulation)]!);
  expect(data[10]).toBeCloseTo(41.5 / 255, 3);
});

test('a verdict is recorded with the hash of its picture, and one whose entry cannot be written is not given', async () => {
  await importModel();
  const verdict = await verdictOn(await ramp('one.png'));
  expect(recordedEntries(workspace).at(-1)).toMatchObject({
    action: 'verdict.given',
    subject: { kind: 'verdict', id: verdict.id },
    payload: {
      sha256: verdict.sha256,
      verdict: verdict.verdict,
      score: verdict.score,
      model: verdict.model,
      program: '1.2.3',
      seals: [{ table: 'verdicts', id: verdict.id, digest: expect.stringMatching(/^[0-9a-f]{64}$/) }],
    },
  });
  const kept = workspace.sqlite.prepare('SELECT program_version FROM verdicts WHERE id = ?').pluck();
  expect(kept.get(verdict.id)).toBe('1.2.3');
  workspace.sqlite.exec(
    `CREATE TRIGGER full BEFORE INSERT ON audit_log BEGIN SELECT RAISE(ABORT, 'no'); END`,
  );
  expect((await judge(await ramp('two.png')))[0]?.kind).toBe('failure');
  expect((await detection.list({ offset: 0, limit: 9 })).total).toBe(1);
});

/** Red in the first column of tiles alone, so that a cut of a few pixels takes much of the score. */
async function redEdge(name: string): Promise<string> {
  const data = Buffer.alloc(256 * 256 * 3);
  for (let i = 0; i < 256 * 256; i++) data[i * 3] = i % 256 < 64 ? 255 : 0;
  await sharp(data, { raw: { width: 256, height: 256, channels: 3 } })
    .png()
    .toFile(picture(name));
  return picture(name);
}

test('a verdict that a cut of a few pixels turns over is inconclusive, with that reason and every change beside it', async () => {
  // The score is 12 of the picture as it is, and -9.9 of the one that lost seven of the 64 red columns.
  await models.import(await writeTinyDetector(join(folder, 'tiny.onnx'), { gain: 200, bias: -188 }));
  const verdict = await verdictOn(await redEdge('edge.png'));
  expect(verdict).toMatchObject({ verdict: 'inconclusive', llr: Math.log(40), stability: { stable: false } });
  expect(verdict.reason).toContain(verdict.stability!.reason);
  expect(verdict.statement!.obstacles).toEqual([verdict.stability!.reason]);
  const after = (kind: string, level: number) =>
    verdict.stability!.rows.find((row) => row.kind === kind && row.level === level);
  expect(after('crop', 7)).toMatchObject({ outcome: 'opposite', llr: -Math.log(40) });
  expect(after('crop', 7)!.score).toBeCloseTo((200 * 57) / 64 - 188, 2);
  expect(after('noise', 2)).toMatchObject({ outcome: 'holds' });
  expect(await detection.get(verdict.id)).toEqual(verdict);
});

test('stability is looked at where there would be a verdict, always or never, as the settings or the caller say', async () => {
  await models.import(await writeTinyDetector(join(folder, 'tiny.onnx'), { gain: 0, bias: 1.5 }));
  const file = await redEdge('even.png');
  expect((await verdictOn(file)).stability).toBeNull();
  expect((await verdictOn(file, { stability: 'always' })).stability).toMatchObject({ stable: null });
  await new SettingsService(workspace).change({ stability: 'always' });
  expect((await verdictOn(file)).stability!.rows).toHaveLength(18);
  await models.import(await writeTinyDetector(join(folder, 'sure.onnx'), { gain: 0, bias: 5 }));
  await models.use((await models.list()).find(({ name }) => name === 'sure')!.id);
  const unlooked = await verdictOn(file, { stability: 'never' });
  expect(unlooked).toMatchObject({ verdict: 'simulated', stability: null });
  expect(unlooked.statement!.limits.join(' ')).toContain('was not looked at');
  const looked = await verdictOn(file, { stability: 'verdicts' });
  expect(looked).toMatchObject({ verdict: 'simulated', stability: { stable: true } });
  expect(looked.statement!.limits.join(' ')).not.toContain('was not looked at');
});
