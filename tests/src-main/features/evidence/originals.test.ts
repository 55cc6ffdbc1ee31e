/** Originals: hashed again before they are judged, and anything but the bytes that were taken in blocks. */
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { AnalysisService } from '#features/analysis/analysis.service.ts';
import { ImportedListService } from '#features/imported-lists/imported-list.service.ts';
import { BundleService } from '#features/bundles/bundle.service.ts';
import { verifyBundle } from '#features/bundles/verify-bundle.ts';
import { EvaluationService } from '#features/evaluation/evaluation.service.ts';
import { EvidenceChecks } from '#features/evidence/evidence-checks.ts';
import { evidenceSubject } from '#features/evidence/evidence-detection.ts';
import { EvidenceRepository } from '#features/evidence/evidence.repository.ts';
import { ReportService } from '#features/reports/report.service.ts';
import { ReviewService } from '#features/reviews/review.service.ts';
import { TriageService } from '#features/triage/triage.service.ts';
import { VerificationService } from '#features/verification/verification.service.ts';
import { recordedEntries } from '#tests/support/recorded-entries.ts';
import { samplePicture } from '#tests/support/sample-files.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';
import { writeTinyDetector } from '#tests/support/tiny-detector.ts';
import { echoingPrinter } from '../reports/report-set-up.ts';
import { setUpEvidence, stateOfFolder, writePictures } from './evidence-set-up.ts';

async function setUp(storage: 'copy' | 'reference', count = 1) {
  const services = await setUpEvidence();
  const { cases, takeIn, models, items, workspace, evidence, result } = services;
  const { id } = await cases.create({ name: 'Doe' });
  const folder = temporaryFolder();
  const files = await writePictures(folder, count);
  await takeIn([folder], storage);
  const tools = temporaryFolder();
  await models.import(await writeTinyDetector(path.join(tools, 'tiny.onnx')));
  const detect = () => result('detection', evidence.detect({ case: 'Doe' }));
  const check = () => result('evidence-check', evidence.check({ case: 'Doe' }));
  const taken = await items(id);
  /** Where the first item's bytes lie. */
  const original = storage === 'copy' ? workspace.blobs.pathOf(taken[0]!.sha256) : files[0]!;
  const first = async () => (await items(id))[0]!;
  return { ...services, id, folder, files, detect, check, original, first };
}

test.each(['copy', 'reference'] as const)(
  'evidence by %s is judged, its verdict attached and its derived files labelled, and nothing is written to it',
  async (storage) => {
    const { detect, first, evidence, folder, detection, workspace } = await setUp(storage, 2);
    const before = stateOfFolder(folder);
    const report = await detect();
    expect(report.failed).toEqual([]);
    expect(stateOfFolder(folder)).toEqual(before);
    const item = await first();
    const { derived, verdicts } = await evidence.get(item.id);
    expect(verdicts).toHaveLength(1);
    expect(verdicts[0]).toMatchObject({ evidence: item.id, sha256: item.sha256, path: item.sourcePath });
    expect(item).toMatchObject({ verdict: verdicts[0]?.verdict, score: verdicts[0]?.score });
    expect(await detection.get(verdicts[0]!.id)).toEqual(verdicts[0]);
    expect(derived.map((file) => file.purpose)).toEqual([
      ...['thumbnail', 'preview', 'map of simulation', 'map of kernel 1', 'map of kernel 2'],
      ...['map of the low-rank residual', 'map of the local block spectrum', 'map of the global spectrum'],
      'map of tile scores',
    ]);
    for (const file of derived) {
      expect(file.sourceSha256).toBe(item.sha256);
      expect((await workspace.blobs.find(file.blob))?.kind).toBe('derived');
    }
    const model = verdicts[0]!.model.sha256;
    expect(derived[2]).toMatchObject({
      toolVersion: '1.2.3',
      parameters: { verdict: verdicts[0]!.id, model },
    });
    expect((await workspace.blobs.find(item.sha256)) === null).toBe(storage === 'reference');
  },
);

test('a second verdict on an item is the one that it shows, and both stay', async () => {
  const { detect, first, evidence, models } = await setUp('copy');
  await detect();
  const [one] = (await evidence.get((await first()).id)).verdicts;
  await models.use(
    (await models.import(await writeTinyDetector(path.join(temporaryFolder(), 'b.onnx'), { gain: -10 }))).id,
  );
  await detect();
  const item = await first();
  const { verdicts } = await evidence.get(item.id);
  expect(verdicts).toHaveLength(2);
  expect(verdicts[1]).toEqual(one);
  expect(item.score).toBe(verdicts[0]!.score);
  expect(item.score).not.toBe(one!.score);
});

const spoilt = [
  { state: 'changed', code: 'evidence_changed', spoil: flipOneBit },
  { state: 'missing', code: 'evidence_missing', spoil: (file: string) => rmSync(file) },
  { state: 'unreadable', code: 'evidence_unreadable', spoil: intoFolder },
] as const;

/** Changes one bit and puts the time of the last change back. */
function flipOneBit(file: string): void {
  const bytes = readFileSync(file);
  bytes[bytes.length >> 1]! ^= 1;
  chmodSync(file, 0o644);
  writeFileSync(file, bytes);
  utimesSync(file, 1, 1);
}
function intoFolder(file: string): void {
  rmSync(file);
  mkdirSync(file);
}

test.each(
  spoilt.flatMap((how) => [
    { ...how, storage: 'copy' as const },
    { ...how, storage: 'reference' as const },
  ]),
)(
  'an original by $storage that is $state blocks its detection, shows that state, and is not judged',
  async ({ state, code, spoil, storage }) => {
    const { detect, first, original, evidence, workspace } = await setUp(storage);
    spoil(original);
    const report = await detect();
    expect(report.verdicts).toEqual([]);
    expect(report.failed).toMatchObject([{ path: (await first()).sourcePath, error: { code } }]);
    expect(await first()).toMatchObject({ state, verdict: null });
    expect((await first()).stateReason).toBeTruthy();
    expect((await evidence.get((await first()).id)).verdicts).toEqual([]);
    const entry = workspace.sqlite
      .prepare(`SELECT payload FROM audit_log WHERE action = 'evidence.state-changed'`)
      .pluck()
      .all() as string[];
    expect(entry.map((payload) => JSON.parse(payload) as unknown)).toMatchObject([
      { from: 'intact', to: state },
    ]);
  },
);

test('an original by reference that was moved is followed where the same bytes are found, missed or not', async () => {
  const { first, takeIn, check, files, folder, workspace } = await setUp('reference', 2);
  for (const missed of [true, false]) {
    const before = await first();
    const moved = path.join(folder, missed ? 'moved.png' : 'moved-again.png');
    renameSync(before.sourcePath, moved);
    if (missed) await check();
    const listing = stateOfFolder(folder);
    expect(await takeIn([moved], 'reference')).toMatchObject({ added: 0, duplicates: 1, refused: 0 });
    expect(stateOfFolder(folder)).toEqual(listing);
    expect(await first()).toMatchObject({ id: before.id, state: 'intact', sourcePath: moved });
    expect(recordedEntries(workspace).at(-1)).toMatchObject({
      action: 'evidence.restored',
      payload: { was: missed ? 'missing' : 'intact', before: before.sourcePath, from: moved },
    });
  }
  // A copy beside an original that is where it was is only a duplicate.
  const { sourcePath } = await first();
  copyFileSync(sourcePath, files[0]!);
  await takeIn([files[0]!], 'reference');
  expect((await first()).sourcePath).toBe(sourcePath);
});

test('exporting a bundle, checking it, verifying the workspace and taking it in elsewhere leave originals as they were', async () => {
  const { folder, workspace, jobs, cases, result } = await setUp('reference', 2);
  const before = stateOfFolder(folder);
  const bundles = new BundleService({ workspace, cases, jobs, programVersion: '1.2.3' });
  const bundle = path.join(temporaryFolder(), 'case.zip');
  const { name } = (await cases.list({}, { offset: 0, limit: 1 })).cases[0]!;
  await result('bundle-export', bundles.export({ case: name, path: bundle, hashesOnly: false }));
  expect((await verifyBundle(bundle)).ok).toBe(true);
  expect((await new VerificationService({ workspace, jobs }).verify()).ok).toBe(true);
  const other = await setUpEvidence();
  const there = new BundleService({ ...other, programVersion: '1.2.3' });
  await other.result('bundle-import', there.import({ path: bundle }));
  expect(stateOfFolder(folder)).toEqual(before);
});

test('analysing, triaging, evaluating, reviewing and reporting leave originals as they were', async () => {
  const { folder, files, workspace, jobs, cases, evidence, models, datasets, items, id, detect, result } =
    await setUp('reference', 2);
  const manifest = path.join(folder, 'manifest.csv');
  writeFileSync(manifest, 'path,label\n0.png,real\n1.png,simulated\n');
  const before = stateOfFolder(folder);
  const shared = { workspace, jobs, cases, evidence, models, programVersion: '1.2.3' };
  await detect();

  const analyses = new AnalysisService({
    ...{ ...shared, datasets: datasets.reading, lists: new ImportedListService(workspace) },
  });
  const found = await result('analysis', analyses.start({ case: 'Doe', parameters: {} }));
  expect(found).toMatchObject({ pictures: 2, failed: [] });
  const alone = await analyses.analyseFile(files[0]!, { only: ['metadata'], parameters: {} });
  expect(alone).toHaveLength(1);

  const triage = new TriageService(shared);
  const request = { folders: [{ path: folder, priority: 0 }], rules: [] };
  const judged = await result('triage', triage.start(request));
  expect(judged).toMatchObject({ judged: 2 });

  const options = { signal: new AbortController().signal, progress: () => undefined };
  const measured = await new EvaluationService(shared).evaluate({ manifest, seed: 0 }, options);
  expect(measured).toMatchObject({ pictures: 2, failed: [] });

  const [item] = await items(id);
  const reviews = new ReviewService(shared);
  await reviews.record({ evidence: item!.id, verdict: 'real', reasons: 'Nothing seen.' });
  const reports = new ReportService({ ...shared, printer: echoingPrinter });
  const subject = { case: 'Doe', items: [item!.id] };
  expect(await result('report', reports.start({ subject, format: 'pdf' }))).toMatchObject({ pictures: 1 });
  expect(stateOfFolder(folder)).toEqual(before);
});

test('one item that is blocked does not keep the others from being judged', async () => {
  const { detect, original } = await setUp('reference', 3);
  flipOneBit(original);
  const report = await detect();
  expect([report.verdicts.length, report.failed.length]).toEqual([2, 1]);
});

test('a check finds every state, and a file that is put back is intact again', async () => {
  const { check, original, first, actions } = await setUp('reference', 3);
  const aside = path.join(temporaryFolder(), 'aside.png');
  renameSync(original, aside);
  expect(await check()).toMatchObject({
    checked: 3,
    states: { intact: 2, missing: 1 },
    found: [{ path: original, state: 'missing', reason: `There is no file at ${original}.` }],
  });
  renameSync(aside, original);
  expect(await check()).toMatchObject({ states: { intact: 3, missing: 0 }, found: [] });
  expect(await first()).toMatchObject({ state: 'intact', stateReason: null });
  expect((await actions()).filter((action) => action === 'evidence.state-changed')).toHaveLength(2);
});

test('bytes that are exchanged after they were hashed and before they were read are not judged', async () => {
  const { original, first, detection, models, workspace } = await setUp('reference');
  const { sourcePath, id } = await first();
  const repository = new EvidenceRepository(workspace.db);
  const checks = new EvidenceChecks(workspace, repository);
  const tools = { blobs: workspace.blobs, checks, programVersion: '1' };
  const subject = evidenceSubject((await repository.find(id))!, tools);
  const exchanged = {
    ...subject,
    async open(limits: Parameters<typeof subject.open>[0]) {
      const opened = await subject.open(limits);
      writeFileSync(original, await samplePicture(96, 80, 77).png().toBuffer());
      return opened;
    },
  };
  const outcome = detection.judgeSubjects([exchanged], 1, await models.resolve());
  expect((await outcome.next()).value).toMatchObject({
    kind: 'failure',
    refusal: { path: sourcePath, error: { code: 'evidence_changed' } },
  });
  expect(await first()).toMatchObject({ state: 'changed', verdict: null });
});
