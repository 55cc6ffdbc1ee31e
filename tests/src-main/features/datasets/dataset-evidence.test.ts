/** Evidence of a case enters a dataset only where someone decides it, and the decision is recorded. */
import { expect, test } from 'vitest';
import { recordedEntries } from '#tests/support/recorded-entries.ts';
import { patchPicture, write } from '#tests/support/sample-files.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';
import { setUpDatasets } from './dataset-set-up.ts';

type SetUp = Awaited<ReturnType<typeof setUpDatasets>>;

/** Makes a picture evidence of the case "Doe", number 17. */
function makeEvidence({ workspace: { sqlite } }: SetUp, sha256: string, thumbnail: string): void {
  sqlite.exec(`INSERT OR IGNORE INTO cases (id, name, number, examiner, notes, tags, status, created_at, updated_at)
    VALUES ('c', 'Doe', '17', '', '', '[]', 'open', 1, 1)`);
  sqlite
    .prepare(
      `INSERT INTO evidence_items (id, case_id, sha256, storage, source_path, name, name_key, search_text, format, media_type,
         bytes, width, height, pixels, reading_notes, embedded_dates, thumbnail, perceptual_hash, rendered, tags, notes, state,
         checked_at, taken_at)
       VALUES ('e', 'c', ?, 'reference', '/e.png', 'e.png', 'e.png', '', 'png', 'image/png', 9, 96, 80, 7680, '[]', '[]', ?,
         '0123456789abcdef', 0, '[]', '', 'intact', 1, 1)`,
    )
    .run(sha256, thumbnail);
}
async function folderOf(...seeds: number[]): Promise<string> {
  const folder = temporaryFolder();
  for (const seed of seeds) write(folder, `${seed}.png`, await patchPicture(seed).png().toBuffer());
  return folder;
}
/** A workspace in which the picture of seed 1 is evidence. */
async function withEvidence(): Promise<SetUp & { sha256: string }> {
  const set = await setUpDatasets();
  const { dataset } = await set.imported({ paths: [await folderOf(1)], dataset: 'Before' });
  const { items } = await set.datasets.reading.items(dataset.id, {}, { offset: 0, limit: 1 });
  makeEvidence(set, items[0]!.sha256, items[0]!.thumbnail);
  return { ...set, sha256: items[0]!.sha256 };
}

test('evidence is refused with the case that it belongs to, from folders, lists and other workspaces, and the rest goes on', async () => {
  const set = await withEvidence();
  const folder = await folderOf(1, 2);
  const refusal = [
    {
      error: {
        code: 'evidence_refused',
        message: expect.stringMatching(/evidence of the case "Doe" \(17\)/),
      },
    },
  ];
  const { report } = await set.imported({ paths: [folder] });
  expect(report).toMatchObject({ refused: refusal, added: [{ path: expect.stringMatching(/2\.png$/) }] });

  const manifest = write(folder, 'list.csv', 'path,label\n1.png,real\n');
  const listed = await set.jobs.wait(
    (await set.datasets.transfer.importManifest({ manifest, dataset: 'Listed' })).jobId,
  );
  expect(listed).toMatchObject({ state: 'done', result: { refused: refusal, added: [] } });

  // What is evidence of a case there is evidence here, too.
  const { folder: there } = set.workspace;
  await set.workspace.close();
  const other = await setUpDatasets();
  const request = { workspace: there, from: 'Before', dataset: 'Taken over' };
  const taken = await other.jobs.wait((await other.datasets.transfer.importWorkspace(request)).jobId);
  expect(taken).toMatchObject({ state: 'done', result: { refused: refusal, added: [] } });
});

test('with a reason it is taken in, and the reason stands with the item and in the audit log', async () => {
  const set = await withEvidence();
  const reason = 'released for training by the court, file 3';
  const { report, dataset } = await set.imported({
    paths: [await folderOf(1, 2)],
    allowEvidence: { reason },
  });
  expect(report.refused).toEqual([]);
  const { items } = await set.datasets.reading.items(dataset.id, {}, { offset: 0, limit: 9 });
  expect(items.map(({ evidenceReason }) => evidenceReason)).toEqual([reason, null]);
  const entries = recordedEntries(set.workspace).filter(({ action }) => action === 'dataset.item-added');
  expect(entries.at(-2)!.payload).toMatchObject({
    sha256: set.sha256,
    evidenceOf: 'the case "Doe" (17)',
    evidenceReason: reason,
  });
  expect(entries.at(-1)!.payload).not.toHaveProperty('evidenceReason');
  expect((await set.procedures.check({ dataset: dataset.id })).map(({ code }) => code)).not.toContain(
    'evidence_in_dataset',
  );
});

test('a picture that became evidence later blocks training until it is removed or allowed with a reason', async () => {
  const set = await withEvidence();
  const find = async () =>
    (await set.procedures.check({ dataset: 'Before' })).find(({ code }) => code === 'evidence_in_dataset');
  const finding = (await find())!;
  expect(finding).toMatchObject({
    severity: 'error',
    blocking: true,
    message: expect.stringContaining('"Doe"'),
  });
  expect(finding.items).toHaveLength(1);
  const { items, change } = finding.actions[0]!;
  await set.datasets.editing.edit({ dataset: 'Before', items: { ids: items }, change });
  expect(await find()).toBeUndefined();
  await set.datasets.editing.undo('Before');
  expect(await find()).toEqual(finding);
  await set.datasets.editing.edit({
    dataset: 'Before',
    items: { ids: items },
    change: { kind: 'allow-evidence', reason: 'the court agreed' },
  });
  expect(await find()).toBeUndefined();
  expect(recordedEntries(set.workspace).at(-1)).toMatchObject({
    action: 'dataset.edited',
    payload: { kind: 'allow-evidence', summary: expect.stringContaining('the court agreed') },
  });
});
