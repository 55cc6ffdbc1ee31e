/** That verify finds evidence, cases and items of datasets which were edited, removed or slipped in behind the program's back. */
import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import BetterSqlite from 'better-sqlite3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { VerificationReport } from '#contract/verification.ts';
import { VerificationService } from '#features/verification/verification.service.ts';
import { entryHash } from '#storage/audit-log.ts';
import { Workspace } from '#storage/workspace.ts';
import { recordedEntries } from '#tests/support/recorded-entries.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';
import { evidenceServices, writePictures } from '../evidence/evidence-set-up.ts';

async function open(folder: string) {
  const workspace = await Workspace.open(folder, { holder: 'the tests' });
  const services = evidenceServices(workspace);
  const { jobs } = services;
  return { workspace, verification: new VerificationService({ workspace, jobs }), ...services };
}

/** A case with three items, one of them with notes and one by reference; a dataset with three items. */
let template: string;
beforeAll(async () => {
  template = mkdtempSync(path.join(tmpdir(), 'pentimento-sealed-'));
  const folders = ['evidence', 'pictures'].map((name) => path.join(template, name)) as [string, string];
  for (const folder of folders) mkdirSync(folder);
  const program = await open(path.join(template, 'workspace'));
  const { cases, evidence, takeIn, items, result, datasets, jobs } = program;
  const { id } = await cases.create({ name: 'Doe' });
  await cases.edit(id, { notes: 'from the estate' });
  await takeIn(await writePictures(folders[0], 2));
  await takeIn(await writePictures(folders[0], 1, 2), 'reference');
  const [first] = await items(id);
  await evidence.edit([first!.id], { addTags: ['night'], removeTags: [], notes: 'blurred' });
  await result('evidence-check', evidence.check({ case: id }));
  const all = { dataset: 'Photographs', items: {} };
  await writePictures(folders[1], 3, 10);
  const { jobId } = await datasets.transfer.import({ ...all, label: 'real', paths: [folders[1]] });
  await jobs.wait(jobId);
  await datasets.editing.edit({ ...all, change: { kind: 'label', label: 'simulated' } });
  await datasets.editing.edit({ ...all, change: { kind: 'remove' } });
  await datasets.editing.undo('Photographs');
  await program.workspace.close();
});
afterAll(() => rmSync(template, { recursive: true, force: true }));

/** A copy of it. */
function worked(): string {
  const folder = path.join(temporaryFolder(), 'workspace');
  cpSync(path.join(template, 'workspace'), folder, { recursive: true });
  return folder;
}
async function verify(folder: string): Promise<VerificationReport> {
  const { verification, workspace } = await open(folder);
  const report = await verification.verify();
  await workspace.close();
  return report;
}
function change(folder: string, sql: string): void {
  const database = new BetterSqlite(path.join(folder, 'workspace.sqlite'));
  database.pragma('foreign_keys = OFF');
  database.exec(sql);
  database.close();
}

test('rows that the program itself wrote, edited and put back are what the log recorded', async () => {
  const report = await verify(worked());
  expect(report).toMatchObject({ ok: true, findings: [] });
  // A case, three items of evidence with what was made from each, three of a dataset.
  expect(report.checked.results).toBe(10);
});

test.each<[string, string, string]>([
  [
    'an original was exchanged for another',
    `UPDATE evidence_items SET sha256 = '${'e'.repeat(64)}', blob = NULL WHERE sequence = 1`,
    'evidence_items',
  ],
  ['a source path was edited', `UPDATE evidence_items SET source_path = '/elsewhere'`, 'evidence_items'],
  ['a date was edited', `UPDATE evidence_items SET taken_at = 1`, 'evidence_items'],
  [
    'notes were edited',
    `UPDATE evidence_items SET notes = 'clear' WHERE notes = 'blurred'`,
    'evidence_items',
  ],
  [
    'a state was edited',
    `UPDATE evidence_items SET state = 'missing', state_reason = 'So.'`,
    'evidence_items',
  ],
  [
    'evidence was removed',
    'DELETE FROM derived_files; DELETE FROM evidence_items',
    'evidence_items|derived_files',
  ],
  ['the tool of a derived file was edited', `UPDATE derived_files SET tool = 'Other'`, 'derived_files'],
  [
    'a derived file was given to other bytes',
    `UPDATE derived_files SET source_sha256 = '${'e'.repeat(64)}'`,
    'derived_files',
  ],
  [
    'the label of a derived file was removed',
    'DELETE FROM derived_files WHERE sequence = 1',
    'derived_files',
  ],
  [
    'a derived file was slipped in',
    `CREATE TABLE copy AS SELECT * FROM derived_files WHERE sequence = 1; UPDATE copy SET sequence = 99;
     INSERT INTO derived_files SELECT * FROM copy; DROP TABLE copy`,
    'derived_files',
  ],
  ['a case was renamed', `UPDATE cases SET name = 'Roe'`, 'cases'],
  ['a status was edited', `UPDATE cases SET status = 'closed'`, 'cases'],
  ['a label was edited', `UPDATE dataset_items SET label = 'real'`, 'dataset_items'],
  ['a split was edited', `UPDATE dataset_items SET split = 'test'`, 'dataset_items'],
  ['an item was removed', 'DELETE FROM dataset_items WHERE sequence = 1', 'dataset_items'],
])('%s: the table and the entry are named', async (_, sql, table) => {
  const folder = worked();
  change(folder, sql);
  const report = await verify(folder);
  expect(report).toMatchObject({ ok: false, firstWrongEntry: null });
  for (const finding of report.findings)
    expect(finding).toMatchObject({
      ...{ severity: 'error', area: 'results', entry: expect.any(Number) },
      message: expect.stringMatching(`What the table (${table}) holds of`),
    });
});

test('an item that was slipped in is found, and so is a verdict that an item only shows', async () => {
  const folder = worked();
  change(
    folder,
    `UPDATE evidence_items SET verdict = 'real', score = 3 WHERE sequence = 1;
     CREATE TABLE copy AS SELECT * FROM evidence_items WHERE sequence = 2;
     UPDATE copy SET id = 'slipped-in', sequence = 99, sha256 = '${'e'.repeat(64)}', blob = NULL;
     INSERT INTO evidence_items SELECT * FROM copy; DROP TABLE copy`,
  );
  const { findings } = await verify(folder);
  expect(findings.map(({ message }) => message)).toEqual([
    'The table evidence_items holds slipped-in, which no entry of the log recorded.',
    expect.stringMatching(/shows real with a score that is not that of its latest verdict \(none\)/),
  ]);
});

test('a file that only the undo of a dataset needs is missed', async () => {
  const folder = worked();
  const hash = 'ab'.repeat(32);
  change(
    folder,
    `UPDATE dataset_edit_items SET before = json_set(before, '$.mask', '${hash}') WHERE before IS NOT NULL`,
  );
  const { findings } = await verify(folder);
  expect(findings).toEqual([
    expect.objectContaining({
      area: 'references',
      message: expect.stringContaining(`of dataset_edit_items name the file ${hash} (in before)`),
    }),
  ]);
});

test('what stood in the tables before they were sealed is sealed when the workspace is opened next', async () => {
  const folder = worked();
  // As an earlier version left it: a log that seals none of these, and says so nowhere.
  const database = new BetterSqlite(path.join(folder, 'workspace.sqlite'));
  const [created] = recordedEntries({ sqlite: database });
  const old = { ...created!, payload: {} };
  database.exec('DROP TRIGGER audit_log_not_updated; DROP TRIGGER audit_log_not_deleted');
  database.exec('DELETE FROM audit_log WHERE sequence > 1');
  database.prepare(`UPDATE audit_log SET payload = '{}', hash = ?`).run(entryHash(old));
  for (const what of ['updated BEFORE UPDATE', 'deleted BEFORE DELETE'])
    database.exec(`CREATE TRIGGER audit_log_not_${what} ON audit_log
      BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END`);
  database.close();
  const { AuditHeadFile } = await import('#storage/audit-head.ts');
  new AuditHeadFile(folder).prepare({ entries: 1, hash: entryHash(old) })();

  const { workspace } = await open(folder);
  const [, begun] = recordedEntries(workspace);
  expect(begun).toMatchObject({
    action: 'workspace.seals-begun',
    payload: { sealed: expect.arrayContaining(['cases', 'evidence_items', 'dataset_items']) },
  });
  await workspace.close();
  const entries = await verify(folder);
  expect(entries).toMatchObject({ ok: true, findings: [], checked: { entries: 2, results: 10 } });
  change(folder, `UPDATE cases SET number = '7'`);
  expect((await verify(folder)).findings).toEqual([expect.objectContaining({ area: 'results', entry: 2 })]);
});
