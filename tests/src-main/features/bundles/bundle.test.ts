/** Case bundles: there and back without loss, checked without a workspace, and everything that may be wrong with one. */
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { AnalysisRepository } from '#features/analysis/analysis.repository.ts';
import { AnalysisWriter } from '#features/analysis/analysis-writer.ts';
import { BundleService } from '#features/bundles/bundle.service.ts';
import { verifyBundle } from '#features/bundles/verify-bundle.ts';
import { ReviewService } from '#features/reviews/review.service.ts';
import { SettingsService } from '#features/settings/settings.service.ts';
import type { BundleFinding } from '#contract/bundle.ts';
import type { EvidenceItem } from '#contract/evidence.ts';
import { samplePicture } from '#tests/support/sample-files.ts';
import type { Workspace } from '#storage/workspace.ts';
import { failureOf } from '#tests/support/app-error.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';
import { writeTinyDetector } from '#tests/support/tiny-detector.ts';
import { setUpEvidence, sha256Of, stateOfFolder, writePictures } from '../evidence/evidence-set-up.ts';
import {
  changeRow,
  filesOf,
  manifestOf,
  replaceBytes,
  sealAgain,
  writeZip,
  type Files,
} from './rewrite-bundle.ts';

async function setUp() {
  const services = await setUpEvidence();
  const { workspace, cases, jobs, result } = services;
  const bundles = new BundleService({ workspace, cases, jobs, programVersion: '1.2.3' });
  const exported = (target: string, hashesOnly = false) =>
    result('bundle-export', bundles.export({ case: 'Doe', path: target, hashesOnly }));
  const imported = (source: string) => result('bundle-import', bundles.import({ path: source }));
  return { ...services, bundles, exported, imported };
}
/** What an analysis might say of an item, with a map and a file. */
async function analyse(
  workspace: Workspace,
  { id, sha256, caseId, sourcePath }: EvidenceItem,
): Promise<void> {
  const writer = new AnalysisWriter(workspace, new AnalysisRepository(workspace.db));
  const png = await samplePicture(16, 16, 3).greyscale().png().toBuffer();
  const map = {
    ...{ name: 'noise', title: 'Noise', width: 16, height: 16, bits: 8 as const },
    ...{ min: 0, max: 1, unit: 'share', covers: null },
  };
  const result = {
    ...{ id: 'analysis-1', path: sourcePath, sha256, evidence: id, analysis: 'noise', title: 'Noise' },
    ...{
      version: 1,
      programVersion: '1.2.3',
      libraries: [],
      parameters: { block: 8 },
      state: 'ran' as const,
    },
    ...{ reason: null, details: {}, ms: 1, createdAt: Date.now() },
    findings: [{ code: 'noise-differs', severity: 'notice' as const, sentence: 'It differs.', data: {} }],
    maps: [{ ...map, png }],
    files: [{ name: 'note', title: 'Note', mediaType: 'text/plain', bytes: Buffer.from('found') }],
  };
  await writer.write([result], caseId);
}
/** Two examiners conclude of an item, and one of another, whose review stays sealed. */
async function review({ workspace, cases, items }: Awaited<ReturnType<typeof setUp>>, id: string) {
  const reviews = new ReviewService({ workspace, cases });
  const settings = new SettingsService(workspace);
  const [one] = await cases
    .list({}, { offset: 0, limit: 9 })
    .then((page) => page.cases.filter(({ name }) => name === 'Doe'));
  const other = (await items(one!.id)).find((item) => item.id !== id)!;
  await settings.change({ examiner: 'Ada' });
  await reviews.record({ evidence: id, verdict: 'real', reasons: 'No trace.' });
  await reviews.record({ evidence: other.id, verdict: 'simulated', reasons: 'A secret for now.' });
  await settings.change({ examiner: 'Ben' });
  await reviews.record({ evidence: id, verdict: 'simulated', reasons: 'Two light sources.' });
}

/** A case with judged, analysed and reviewed evidence, tags and notes, and its bundle. */
async function setUpBundle(storage: 'copy' | 'reference' = 'copy', hashesOnly = false) {
  const services = await setUp();
  const { cases, takeIn, items, evidence, models, result, exported } = services;
  const { id } = await cases.create({ name: 'Doe', number: 'K 7', notes: 'line\nbreak', tags: ['fraud'] });
  await cases.create({ name: 'Roe' });
  const originals = temporaryFolder();
  const files = await writePictures(originals, 3);
  await takeIn([originals], storage);
  await takeIn(await writePictures(temporaryFolder(), 2, 50), 'copy', 'Roe');
  const [first] = await items(id);
  await evidence.edit([first!.id], { addTags: ['face'], removeTags: [], notes: 'looked at' });
  await models.import(await writeTinyDetector(path.join(temporaryFolder(), 'tiny.onnx')));
  await result('detection', evidence.detect({ case: 'Doe', items: [first!.id] }));
  await analyse(services.workspace, first!);
  await review(services, first!.id);
  const folder = temporaryFolder();
  const bundle = path.join(folder, 'doe.zip');
  const before = stateOfFolder(originals);
  const report = await exported(bundle, hashesOnly);
  expect(stateOfFolder(originals)).toEqual(before);
  return { ...services, id, originals, files, bundle, folder, report };
}

/** Every row of a case, without the numbers that only order them. */
async function rowsOf({ db }: Workspace, caseId: string) {
  const unnumbered = (rows: object[]) =>
    rows.map((row) => Object.fromEntries(Object.entries(row).filter(([name]) => name !== 'sequence')));
  const of = (table: 'evidence_items' | 'derived_files') =>
    db.selectFrom(table).selectAll().where('case_id', '=', caseId).orderBy('sequence').execute();
  const verdicts = await db
    .selectFrom('verdicts')
    .selectAll()
    .where('evidence_id', 'is not', null)
    .orderBy('sequence')
    .execute();
  return {
    cases: await db.selectFrom('cases').selectAll().where('id', '=', caseId).execute(),
    evidence: unnumbered(await of('evidence_items')),
    derived: unnumbered(await of('derived_files')),
    verdicts: unnumbered(verdicts),
    analyses: unnumbered(await db.selectFrom('analyses').selectAll().orderBy('sequence').execute()),
    reviews: unnumbered(
      await db
        .selectFrom('reviews')
        .selectAll()
        .where('opened_at', 'is not', null)
        .orderBy('sequence')
        .execute(),
    ),
    models: (await db.selectFrom('models').selectAll().execute()).map((model) => ({
      ...model,
      is_current: 0,
    })),
    blobs: await db
      .selectFrom('blobs')
      .select(['hash', 'bytes', 'media_type', 'kind'])
      .orderBy('hash')
      .execute(),
  };
}

test('a case goes into another workspace and every row and every byte is there again', async () => {
  const there = await setUpBundle();
  const here = await setUp();
  const report = await here.imported(there.bundle);
  expect(report).toMatchObject({ caseId: there.id, absent: [], mapped: [], counts: there.report.counts });
  const [left, right] = [await rowsOf(there.workspace, there.id), await rowsOf(here.workspace, there.id)];
  // The import adds the entries of the log that came with the bundle as a derived file of the case.
  const extract = right.derived.pop()!;
  expect(extract).toMatchObject({ purpose: 'audit extract', source_sha256: there.report.manifestSha256 });
  const { blobs: leftBlobs, ...leftRows } = left;
  const { blobs: rightBlobs, ...rightRows } = right;
  expect(rightRows).toEqual(leftRows);
  expect([leftRows.verdicts, leftRows.analyses, leftRows.reviews].map((rows) => rows.length)).toEqual([
    1, 1, 2,
  ]);
  expect(leftRows.derived.length).toBeGreaterThan(8);
  const copied = rightBlobs.filter((blob) => blob.hash !== extract['blob']);
  expect(leftBlobs).toEqual(expect.arrayContaining(copied));
  for (const { hash } of rightBlobs) await here.workspace.blobs.verify(hash);
  expect((await here.actions()).slice(1)).toEqual(['case.imported']);
  // What came over is evidence like any other.
  const judged = await here.result(
    'detection',
    here.evidence.detect({ case: 'Doe', model: right.models[0]!.id }),
  );
  expect([judged.verdicts.length, judged.failed.length]).toEqual([3, 0]);
});

test('a bundle of a case that was imported holds all of it again, the first log included', async () => {
  const there = await setUpBundle();
  const here = await setUp();
  await here.imported(there.bundle);
  const second = path.join(there.folder, 'second.zip');
  await here.exported(second);
  expect(await verifyBundle(second)).toMatchObject({ ok: true, findings: [] });
  const [before, after] = [await filesOf(there.bundle), await filesOf(second)];
  for (const kind of ['case', 'evidence', 'verdicts', 'analyses', 'reviews', 'models'])
    expect(String(after.get(`rows/${kind}.ndjson`)), kind).toBe(
      String(before.get(`rows/${kind}.ndjson`)).replace('"is_current":1', '"is_current":0'),
    );
  const log = before.get('rows/audit.ndjson')!;
  expect([...after.values()].some((bytes) => bytes.equals(log))).toBe(true);
});

test('the bundle says what is in it, and its log is that of the case alone', async () => {
  const { bundle, report, id } = await setUpBundle();
  const check = await verifyBundle(bundle);
  expect(check).toMatchObject({
    ok: true,
    findings: [],
    case: { id, name: 'Doe' },
    contents: 'originals',
    counts: { evidence: 3, verdicts: 1, analyses: 1, reviews: 2 },
    manifestSha256: report.manifestSha256,
  });
  const files = await filesOf(bundle);
  const log = String(files.get('rows/audit.ndjson')).trimEnd().split('\n');
  const actions = log.map((line) => (JSON.parse(line) as { action: string }).action);
  expect(actions).toEqual([
    'case.created',
    ...Array<string>(3).fill('evidence.taken-in'),
    ...['evidence.edited', 'verdict.given', 'analysis.recorded'],
    ...['review.recorded', 'review.recorded', 'review.recorded', 'review.opened'],
  ]);
  expect(readdirSync(path.dirname(bundle))).toEqual(['doe.zip']);
  for (const [file, bytes] of files)
    expect([file, bytes.includes('A secret for now.')]).toEqual([file, false]);
});

test('a bundle from before there were analyses and reviews is sound and is taken in', async () => {
  const there = await setUpBundle();
  const files = await filesOf(there.bundle);
  for (const kind of ['analyses', 'reviews']) files.delete(`rows/${kind}.ndjson`);
  const entries = String(files.get('rows/audit.ndjson')).split('\n');
  const kept = entries.filter((line) => !/"action":"(analysis|review)\./.test(line));
  files.set('rows/audit.ndjson', Buffer.from(kept.join('\n')));
  sealAgain(files, (manifest) => {
    const { evidence, derived, verdicts } = manifest.counts;
    Object.assign(manifest, { counts: { evidence, derived, verdicts, audit: kept.length - 1 } });
  });
  const old = await writeZip(path.join(there.folder, 'old.zip'), files);
  expect(await verifyBundle(old)).toMatchObject({
    ok: true,
    findings: [],
    counts: { analyses: 0, reviews: 0 },
  });
  const here = await setUp();
  expect(await here.imported(old)).toMatchObject({ caseId: there.id });
});

test('evidence by reference goes with its bytes, and is a copy where it arrives', async () => {
  const there = await setUpBundle('reference');
  const here = await setUp();
  const { mapped, absent } = await here.imported(there.bundle);
  expect(absent).toEqual([]);
  expect(mapped).toHaveLength(3);
  expect(mapped[0]).toMatchObject({ from: 'reference', to: 'copy' });
  for (const item of await here.items(there.id))
    expect(item).toMatchObject({ storage: 'copy', state: 'intact', sha256: sha256Of(item.sourcePath) });
  const entry = here.workspace.sqlite
    .prepare(`SELECT payload FROM audit_log WHERE action = 'case.imported'`)
    .pluck()
    .get() as string;
  expect((JSON.parse(entry) as { mapped: unknown }).mapped).toEqual(mapped);
});

test('a bundle of hashes only holds no original, and its items are blocked until the bytes are taken in', async () => {
  const there = await setUpBundle('copy', true);
  const files = await filesOf(there.bundle);
  for (const file of there.files) expect(files.has(`files/${sha256Of(file)}`)).toBe(false);
  const here = await setUp();
  const report = await here.imported(there.bundle);
  expect([report.absent.length, report.contents]).toEqual([3, 'hashes-only']);
  expect((await here.items(there.id)).map((item) => item.state)).toEqual(['missing', 'missing', 'missing']);
  const { models } = await rowsOf(here.workspace, there.id);
  const detect = () => here.result('detection', here.evidence.detect({ case: 'Doe', model: models[0]!.id }));
  expect((await detect()).failed.map(({ error }) => error.code)).toEqual(Array(3).fill('evidence_missing'));
  expect(await here.takeIn([there.originals])).toMatchObject({ added: 0, duplicates: 3 });
  expect((await detect()).verdicts).toHaveLength(3);
});

test('an original that is not intact is left out, named, and missing where the bundle arrives', async () => {
  const there = await setUpBundle();
  const [first] = await there.items(there.id);
  writeFileSync(there.workspace.blobs.pathOf(first!.sha256), 'other bytes');
  const bundle = path.join(there.folder, 'second.zip');
  const report = await there.exported(bundle);
  expect(report.absent).toEqual([{ id: first!.id, sha256: first!.sha256, state: 'changed' }]);
  expect(await verifyBundle(bundle)).toMatchObject({ ok: true });
  const here = await setUp();
  expect((await here.imported(bundle)).absent).toMatchObject([{ id: first!.id }]);
  expect((await here.items(there.id))[0]).toMatchObject({ id: first!.id, state: 'missing' });
});

test('a bundle is never written over a file, and one that fails leaves nothing behind', async () => {
  const there = await setUpBundle();
  const before = readFileSync(there.bundle);
  expect(await failureOf(there.exported(there.bundle)).catch(() => null)).toBeNull();
  expect(readFileSync(there.bundle).equals(before)).toBe(true);
  const [first] = await there.items(there.id);
  rmSync(there.workspace.blobs.pathOf(first!.thumbnail));
  const { jobId } = await there.bundles.export({
    case: 'Doe',
    path: path.join(there.folder, 'b.zip'),
    hashesOnly: false,
  });
  expect(await there.jobs.wait(jobId)).toMatchObject({ state: 'failed', error: { code: 'file_not_found' } });
  expect(readdirSync(there.folder)).toEqual(['doe.zip']);
});

test('a case that is here already, or another of its name, is refused and nothing is taken in', async () => {
  const there = await setUpBundle();
  const error = async (bundles: BundleService, jobs: typeof there.jobs) =>
    (await jobs.wait((await bundles.import({ path: there.bundle })).jobId)).error;
  expect(await error(there.bundles, there.jobs)).toMatchObject({ code: 'case_exists' });
  const here = await setUp();
  await here.cases.create({ name: 'Doe' });
  expect(await error(here.bundles, here.jobs)).toMatchObject({
    code: 'case_exists',
    message: 'There is another case "Doe" here.',
  });
  expect(await here.workspace.db.selectFrom('evidence_items').select('id').execute()).toEqual([]);
});

test('a bundle whose files cannot be recorded leaves nothing that still seems to be stored', async () => {
  const there = await setUpBundle();
  const { bundles, jobs, workspace } = await setUp();
  workspace.sqlite.exec(
    `CREATE TRIGGER stop BEFORE INSERT ON blobs BEGIN SELECT RAISE(ABORT, 'stopped'); END`,
  );
  const job = await jobs.wait((await bundles.import({ path: there.bundle })).jobId);
  expect(job).toMatchObject({ state: 'failed', error: { message: 'stopped' } });
  expect(workspace.blobs.unsettled).toBe(0);
  expect(await workspace.db.selectFrom('cases').select('id').execute()).toEqual([]);
});

type Tampering = { what: string; change: (files: Files) => void; finds: BundleFinding['code']; path: RegExp };
const original = (files: Files): string =>
  `files/${(JSON.parse(String(files.get('rows/evidence.ndjson')).split('\n')[0]!) as { sha256: string }).sha256}`;
const flipped = (bytes: Buffer): Buffer => {
  const copy = Buffer.from(bytes);
  copy[copy.length >> 1]! ^= 1;
  return copy;
};
const tamperings: Tampering[] = [
  {
    what: 'a changed original',
    change: (files) => files.set(original(files), flipped(files.get(original(files))!)),
    finds: 'file_changed',
    path: /^files\//,
  },
  {
    what: 'an original that was left out',
    change: (files) => files.delete(original(files)),
    finds: 'file_missing',
    path: /^files\//,
  },
  {
    what: 'an original that was left out, also of the manifest',
    change: (files) => {
      files.delete(original(files));
      sealAgain(files);
    },
    finds: 'row_contradiction',
    path: /^rows\/files/,
  },
  {
    what: 'an added file',
    change: (files) => files.set(`files/${'a'.repeat(64)}`, Buffer.from('x')),
    finds: 'file_unlisted',
    path: /^files\/a/,
  },
  {
    what: 'a file of a name that bundles have not',
    change: (files) => files.set('run-me.exe', Buffer.from('x')),
    finds: 'file_unlisted',
    path: /^run-me\.exe$/,
  },
  {
    what: 'a changed verdict',
    change: (files) => changeRow(files, 'verdicts', (row) => (row['score'] = 9)),
    finds: 'file_changed',
    path: /^rows\/verdicts/,
  },
  {
    what: 'a changed verdict with a manifest that agrees',
    change: (files) => {
      changeRow(
        files,
        'verdicts',
        (row) => (row['verdict'] = row['verdict'] === 'real' ? 'simulated' : 'real'),
      );
      sealAgain(files);
    },
    finds: 'row_contradiction',
    path: /^rows\/audit/,
  },
  {
    what: 'a score that was changed with a manifest that agrees',
    change: (files) => {
      changeRow(files, 'verdicts', (row) => (row['score'] = 9));
      sealAgain(files);
    },
    finds: 'row_contradiction',
    path: /^rows\/audit/,
  },
  ...(['analyses', 'reviews'] as const).map((kind): Tampering => ({
    what: `a changed row of ${kind} with a manifest that agrees`,
    change: (files) => {
      changeRow(files, kind, (row) => (row['created_at'] = Number(row['created_at']) - 1));
      sealAgain(files);
    },
    finds: 'row_contradiction',
    path: /^rows\/audit/,
  })),
  {
    what: 'a changed entry of the log with a manifest that agrees',
    change: (files) => {
      changeRow(files, 'audit', (row) => (row['examiner'] = 'somebody else'));
      sealAgain(files);
    },
    finds: 'row_contradiction',
    path: /^rows\/audit/,
  },
  {
    what: 'a row that is none, with a manifest that agrees',
    change: (files) => {
      changeRow(files, 'evidence', (row) => (row['width'] = '96; DROP TABLE cases'));
      sealAgain(files);
    },
    finds: 'row_invalid',
    path: /^rows\/evidence/,
  },
  {
    what: 'a row with a column too many, with a manifest that agrees',
    change: (files) => {
      changeRow(files, 'case', (row) => (row['sequence'] = 1));
      sealAgain(files);
    },
    finds: 'row_invalid',
    path: /^rows\/case/,
  },
  {
    what: 'a changed manifest',
    change: (files) =>
      files.set('manifest.json', Buffer.from(String(files.get('manifest.json')).replace('"Doe"', '"Joe"'))),
    finds: 'manifest_changed',
    path: /^manifest\.json$/,
  },
  {
    what: 'a manifest of a newer version',
    change: (files) => sealAgain(files, (manifest) => Object.assign(manifest, { version: 2 })),
    finds: 'not_a_bundle',
    path: /^manifest\.json$/,
  },
  {
    what: 'no manifest',
    change: (files) => files.delete('manifest.json'),
    finds: 'not_a_bundle',
    path: /^manifest\.json$/,
  },
];

test('each way of changing a bundle is found and named, and such a bundle is not taken in', async () => {
  const there = await setUpBundle();
  const here = await setUp();
  const whole = await filesOf(there.bundle);
  for (const [index, { what, change, finds, path: where }] of tamperings.entries()) {
    const files = new Map(whole);
    change(files);
    const bundle = await writeZip(path.join(there.folder, `${index}.zip`), files);
    const { ok, findings } = await verifyBundle(bundle);
    expect([what, ok, findings[0]?.code]).toEqual([what, false, finds]);
    expect(findings[0]?.path, what).toMatch(where);
    const { jobId } = await here.bundles.import({ path: bundle });
    expect((await here.jobs.wait(jobId)).error, what).toMatchObject({ code: 'bundle_invalid' });
  }
  expect(await here.workspace.db.selectFrom('cases').select('id').execute()).toEqual([]);
  expect(await here.workspace.db.selectFrom('blobs').select('hash').execute()).toEqual([]);
});

test('the files of a bundle that somebody packed again are still what they were', async () => {
  const { bundle, folder } = await setUpBundle();
  const packed = await writeZip(path.join(folder, 'packed.zip'), await filesOf(bundle), { compress: true });
  expect(await verifyBundle(packed)).toMatchObject({ ok: true, findings: [] });
});

test.each(['../../evil.txt', '/etc/passwd\0\0\0'.replaceAll('\0', 'x'), 'C:\\evil.txt..', 'a/..\\..\\evil.'])(
  'the name %j leads out of a bundle, is refused, and nothing is written',
  async (name) => {
    const folder = temporaryFolder();
    const innocent = 'n'.repeat(name.length);
    const bundle = await writeZip(
      path.join(folder, 'slip.zip'),
      new Map([
        [innocent, Buffer.from('x')],
        ['manifest.json', Buffer.from('{}')],
      ]),
    );
    replaceBytes(bundle, innocent, name);
    const { ok, findings } = await verifyBundle(bundle);
    expect(ok).toBe(false);
    expect(findings[0]).toMatchObject({ code: 'unsafe_name', path: name });
    expect(readdirSync(folder)).toEqual(['slip.zip']);
    expect(existsSync(path.join(folder, '../../evil.txt'))).toBe(false);
  },
);

test('a bomb is named from its directory, and never unpacked', async () => {
  const { bundle, folder } = await setUpBundle();
  const files = await filesOf(bundle);
  files.set(original(files), Buffer.alloc(40 * 1024 * 1024));
  const bomb = await writeZip(path.join(folder, 'bomb.zip'), files, { compress: true });
  const { findings } = await verifyBundle(bomb);
  expect(findings[0]).toMatchObject({ code: 'too_large', path: original(files) });
});

test('a size in the directory that is a lie is found when the file is read', async () => {
  const { bundle, folder } = await setUpBundle();
  const files = await filesOf(bundle);
  const name = 'rows/evidence.ndjson';
  const lie = await writeZip(path.join(folder, 'lie.zip'), files, { compress: true });
  const bytes = readFileSync(lie);
  // The central directory's record of the file: its size when unpacked stands 24 bytes after the signature.
  const record = bytes.lastIndexOf(Buffer.from(name)) - 46;
  expect(bytes.readUInt32LE(record)).toBe(0x02014b50);
  bytes.writeUInt32LE(files.get(name)!.length - 5, record + 24);
  writeFileSync(lie, bytes);
  expect((await verifyBundle(lie)).findings[0]).toMatchObject({ code: 'file_changed', path: name });
});

test('what is no bundle at all is refused with what it is', async () => {
  const folder = temporaryFolder();
  const text = path.join(folder, 'a.zip');
  writeFileSync(text, 'no zip');
  expect(await failureOf(verifyBundle(text))).toMatchObject({ code: 'bundle_invalid' });
  expect(await failureOf(verifyBundle(path.join(folder, 'none.zip')))).toMatchObject({
    code: 'file_not_found',
  });
  const other = await writeZip(path.join(folder, 'b.zip'), new Map([['a.txt', Buffer.from('x')]]));
  const { findings } = await verifyBundle(other);
  expect(findings.map(({ code }) => code)).toEqual(['file_unlisted', 'not_a_bundle', 'not_a_bundle']);
  const { bundle } = await setUpBundle();
  const cut = path.join(folder, 'cut.zip');
  writeFileSync(cut, readFileSync(bundle).subarray(0, -500));
  expect(await failureOf(verifyBundle(cut))).toMatchObject({ code: 'bundle_invalid' });
  expect(manifestOf(await filesOf(bundle)).format).toBe('pentimento-case-bundle');
});
