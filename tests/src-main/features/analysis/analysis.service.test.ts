/** Analyses of files and of evidence: what is kept of them, and what is recorded. */
import { appendFileSync, existsSync, readFileSync, renameSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import {
  comparedWith,
  type AnalysisResult,
  type ComparedWith,
  type ReferenceSource,
} from '#contract/analysis.ts';
import { AnalysisService } from '#features/analysis/analysis.service.ts';
import { ImportedListService } from '#features/imported-lists/imported-list.service.ts';
import { writeResults } from '#features/analysis/write-results.ts';
import { renderScenes } from '#features/samples/scene-renderer.ts';
import { VerificationService } from '#features/verification/verification.service.ts';
import { setUpEvidence, writePictures, type EvidenceSetUp } from '../evidence/evidence-set-up.ts';
import { hashFile } from '#storage/hash-file.ts';
import { recordedEntries } from '#tests/support/recorded-entries.ts';
import { write } from '#tests/support/sample-files.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';

async function setUp(): Promise<EvidenceSetUp & { analyses: AnalysisService; caseId: string }> {
  const open = await setUpEvidence();
  const { workspace, jobs, evidence, datasets, cases } = open;
  const analyses = new AnalysisService({
    ...{
      workspace,
      jobs,
      evidence,
      datasets: datasets.reading,
      lists: new ImportedListService(workspace),
      programVersion: '1.2.3',
    },
  });
  const { id: caseId } = await cases.create({ name: 'Doe' });
  return { ...open, analyses, caseId };
}
const only = ['error-level'];

test('the results of a case are kept with version, parameters and labelled maps, and sealed in the log', async () => {
  const { analyses, takeIn, items, result, workspace, evidence, caseId } = await setUp();
  await takeIn(await writePictures(temporaryFolder(), 2));
  const parameters = { 'error-level': { quality: 70 } };
  const report = await result('analysis', analyses.start({ case: 'Doe', only, parameters }));
  expect(report).toEqual({ pictures: 2, states: { ran: 2, 'not-run': 0, failed: 0 }, failed: [] });
  const [first] = await items(caseId);
  const [found] = await analyses.ofEvidence(first!.id);
  expect(found).toMatchObject({
    ...{ analysis: 'error-level', version: 1, programVersion: '1.2.3', state: 'ran', reason: null },
    ...{ parameters: { quality: 70, scale: 20, cell: 8 }, sha256: first!.sha256, evidence: first!.id },
  });
  expect(await analyses.get(found!.id)).toEqual(found);
  expect(await workspace.blobs.find(found!.maps[0]!.blob)).toMatchObject({ kind: 'derived' });
  const { derived } = await evidence.get(first!.id);
  expect(derived.map(({ purpose }) => purpose)).toContain('map: Change of each cell when saved again');
  expect(recordedEntries(workspace).at(-2)).toMatchObject({
    action: 'analysis.recorded',
    subject: { kind: 'analysis', id: found!.id },
    payload: {
      analysis: 'error-level',
      state: 'ran',
      seals: [
        { table: 'analyses', id: found!.id },
        { table: 'derived_files', id: first!.id },
      ],
    },
  });
  expect(await analyses.lastChoice(caseId)).toEqual({
    parameters: { 'error-level': found!.parameters },
    references: {},
  });
});

test('a result that was edited in the database is no longer what the log recorded', async () => {
  const { analyses, workspace, jobs, result } = await setUp();
  const [file] = await writePictures(temporaryFolder(), 1);
  await analyses.analyseFile(file!, { only, parameters: {} });
  const verification = new VerificationService({ workspace, jobs });
  const before = await result('verification', verification.start());
  expect(before.findings).toEqual([]);
  workspace.sqlite.exec(`UPDATE analyses SET findings = '[]'`);
  const after = await result('verification', verification.start());
  expect(JSON.stringify(after.findings)).toContain('analyses');
});

test('evidence that changed is not analysed, and the others go on', async () => {
  const { analyses, takeIn, result } = await setUp();
  const files = await writePictures(temporaryFolder(), 2);
  await takeIn(files, 'reference');
  appendFileSync(files[0]!, 'x');
  const report = await result('analysis', analyses.start({ case: 'Doe', only, parameters: {} }));
  expect(report.pictures).toBe(1);
  expect(report.failed).toMatchObject([{ path: files[0], error: { code: 'evidence_changed' } }]);
});

test('a file that is no picture is analysed as far as its bytes go; one that is gone is refused', async () => {
  const { analyses } = await setUp();
  const text = write(temporaryFolder(), 'a.txt', 'Dear diary');
  const [found] = await analyses.analyseFile(text, { only, parameters: {} });
  expect(found).toMatchObject({ state: 'not-run', reason: expect.stringContaining('text') });
  const gone = analyses.analyseFile(`${text}.none`, { only, parameters: {} });
  await expect(gone).rejects.toMatchObject({ code: 'file_not_found' });
});

test('what is asked for must exist, and parameters must belong to it', async () => {
  const { analyses } = await setUp();
  const ask = (choice: Parameters<AnalysisService['analyseFile']>[1]) =>
    analyses.analyseFile('a.png', choice);
  await expect(ask({ only: ['none'], parameters: {} })).rejects.toMatchObject({ code: 'not_found' });
  await expect(ask({ only, parameters: { none: {} } })).rejects.toMatchObject({ code: 'invalid_input' });
  await expect(ask({ only, parameters: { 'error-level': { quality: 7 } } })).rejects.toMatchObject({
    code: 'invalid_input',
  });
});

test('maps are written as files named by picture, analysis and map', async () => {
  const { analyses, workspace } = await setUp();
  const [file] = await writePictures(temporaryFolder(), 1);
  const results = await analyses.analyseFile(file!, { only, parameters: {} });
  const folder = path.join(temporaryFolder(), 'out', 'here');
  const written = await writeResults(workspace.blobs, results, folder);
  const map = written.maps['error-level.error-level']!;
  expect(path.dirname(map)).toBe(folder);
  expect(readFileSync(map)).toEqual(readFileSync(workspace.blobs.pathOf(results[0]!.maps[0]!.blob)));
  expect(existsSync(`${written.stem}.error-level.error-level.png`)).toBe(true);
});

test('the catalogue describes every analysis, and the presets name only analyses that there are', async () => {
  const { analyses } = await setUp();
  const catalogue = await analyses.catalogue();
  const names = catalogue.analyses.map(({ name }) => name);
  expect(catalogue.analyses[0]!.parameters).toMatchObject({ type: 'object' });
  for (const preset of catalogue.presets) expect(names).toEqual(expect.arrayContaining(preset.analyses));
});

const compare = ['camera-pattern'];
/** Six and one scenes of 160 x 128 as files, the last one to be analysed. */
async function writeScenes(): Promise<{ folder: string; references: string[]; questioned: string }> {
  const folder = temporaryFolder();
  const references: string[] = [];
  for await (const { name, bytes } of renderScenes({ count: 7, seed: 3, width: 160, height: 128 }))
    references.push(write(folder, name, bytes));
  const questioned = path.join(temporaryFolder(), 'questioned.jpg');
  renameSync(references.pop()!, questioned);
  return { folder, references, questioned };
}
const comparedIn = (result: AnalysisResult): ComparedWith =>
  comparedWith.parse(result.parameters['references']);

test('what a picture is compared with is recorded by hash, from a folder, from evidence and from a dataset', async () => {
  const { analyses, takeIn, items, result, datasets, jobs, caseId } = await setUp();
  const { folder, references, questioned } = await writeScenes();
  const hashes = await Promise.all(references.map((file) => hashFile(file)));
  const analyse = async (source: ReferenceSource): Promise<AnalysisResult> =>
    (await analyses.analyseFile(questioned, { only: compare, references: { 'camera-pattern': source } }))[0]!;

  const fromFolder = await analyse({ kind: 'files', paths: [folder] });
  expect(fromFolder).toMatchObject({ state: 'ran', parameters: { threshold: 60 } });
  expect(comparedIn(fromFolder)).toEqual({
    ...{ source: { kind: 'files', paths: [folder] }, available: 6 },
    pictures: hashes.toSorted().map((sha256) => ({ path: references[hashes.indexOf(sha256)]!, sha256 })),
  });

  await takeIn(references);
  const ids = (await items(caseId)).map(({ id }) => id);
  const fromEvidence = comparedIn(await analyse({ kind: 'evidence', items: ids }));
  expect(fromEvidence.pictures.map(({ sha256 }) => sha256)).toEqual(hashes.toSorted());

  const { jobId } = await datasets.transfer.import({
    ...{ paths: [folder], dataset: 'Camera', label: 'real', allowEvidence: { reason: 'a test' } },
  });
  await jobs.wait(jobId);
  const first = comparedIn(await analyse({ kind: 'dataset', dataset: 'Camera' }));
  expect(first).toMatchObject({ source: { version: 1 }, available: 6 });
  expect(comparedIn(await analyse({ kind: 'dataset', dataset: 'Camera', version: 1 }))).toEqual(first);
  await expect(analyse({ kind: 'dataset', dataset: 'Camera', version: 2 })).rejects.toMatchObject({
    code: 'not_found',
  });
  expect(
    await result(
      'analysis',
      analyses.start({
        ...{ case: 'Doe', items: [ids[0]!], only: compare },
        references: { 'camera-pattern': { kind: 'files', paths: [folder] } },
      }),
    ),
  ).toMatchObject({ states: { ran: 0, 'not-run': 1, failed: 0 } });
});

test('a picture is never compared with itself, and without pictures to compare with it is not run', async () => {
  const { analyses } = await setUp();
  const { folder, references } = await writeScenes();
  const choice = {
    only: compare,
    references: { 'camera-pattern': { kind: 'files' as const, paths: [folder] } },
  };
  const [itself] = await analyses.analyseFile(references[0]!, choice);
  expect(comparedIn(itself!)).toMatchObject({ available: 5 });
  expect(itself).toMatchObject({
    state: 'not-run',
    reason: expect.stringContaining('there are 5 besides it'),
  });
  const [alone] = await analyses.analyseFile(references[0]!, { only: compare });
  expect(alone).toMatchObject({ state: 'not-run', reason: expect.stringContaining('none was named') });
});

test('references that are gone, are none, or belong to no analysis that compares, are refused', async () => {
  const { analyses } = await setUp();
  const [file] = await writePictures(temporaryFolder(), 1);
  const ask = (names: string[], references: Record<string, ReferenceSource>) =>
    analyses.analyseFile(file!, { only: names, references });
  const folder = temporaryFolder();
  const from = (where: string): Record<string, ReferenceSource> => ({
    'camera-pattern': { kind: 'files', paths: [where] },
  });
  await expect(ask(compare, from(`${folder}/none`))).rejects.toMatchObject({ code: 'file_not_found' });
  await expect(ask(compare, from(folder))).rejects.toMatchObject({ code: 'invalid_input' });
  await expect(ask(only, from(folder))).rejects.toMatchObject({ code: 'invalid_input' });
  const evidence = { 'camera-pattern': { kind: 'evidence' as const, items: ['0123456789abcdefgh'] } };
  await expect(ask(compare, evidence)).rejects.toMatchObject({ code: 'not_found' });
});

test('what an analysis compared with in a case is remembered by where it came from', async () => {
  const { analyses, takeIn, result, caseId } = await setUp();
  const { folder, questioned } = await writeScenes();
  await takeIn([questioned]);
  const references = { 'camera-pattern': { kind: 'files' as const, paths: [folder] } };
  await result('analysis', analyses.start({ case: 'Doe', only: compare, references }));
  expect(await analyses.lastChoice(caseId)).toEqual({
    parameters: { 'camera-pattern': { threshold: 60, reach: 3 } },
    references,
  });
});
