/** Versions: a run freezes what it is trained on; the database itself keeps it so, and it is read exactly as it was. */
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { failureOf } from '#tests/support/app-error.ts';
import { recordedEntries } from '#tests/support/recorded-entries.ts';
import { patchPicture, write } from '#tests/support/sample-files.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';
import { setUpDatasets } from './dataset-set-up.ts';

async function folderOf(...seeds: number[]): Promise<string> {
  const folder = temporaryFolder();
  for (const seed of seeds) write(folder, `${seed}.png`, await patchPicture(seed).png().toBuffer());
  return folder;
}
const page = { offset: 0, limit: 99 };

test('what a run used stays a version of its own, and the next change makes another', async () => {
  const { datasets, imported } = await setUpDatasets();
  const { reading, editing } = datasets;
  const { dataset } = await imported({ paths: [await folderOf(1, 2, 3)], licence: 'CC0' });
  expect(dataset.version).toEqual({ number: 1, frozen: false });
  const { version } = await reading.freeze(dataset.id);
  expect((await reading.freeze(dataset.id)).version, 'the same content is the same version').toEqual(version);
  expect((await reading.get(dataset.id)).version).toEqual({ number: 1, frozen: true });

  const before = await reading.items(dataset.id, {}, page);
  expect(before.items.map(({ licence }) => licence)).toEqual(['CC0', 'CC0', 'CC0']);
  const [first, second] = before.items.map(({ id }) => id);
  const { dataset: changed } = await editing.edit({
    dataset: dataset.id,
    items: { ids: [first!] },
    change: { kind: 'label', label: 'simulated' },
  });
  expect(changed.version).toEqual({ number: 2, frozen: false });
  await editing.edit({ dataset: dataset.id, items: { ids: [second!] }, change: { kind: 'remove' } });
  await imported({ paths: [await folderOf(4)] });

  expect(await reading.items(dataset.id, {}, page, 1)).toEqual(before);
  expect((await reading.items(dataset.id, { label: 'simulated' }, page, 1)).total).toBe(0);
  expect((await reading.items(dataset.id, { ids: [second!] }, page, 1)).items[0]).toEqual(before.items[1]);
  expect(await failureOf(reading.items(dataset.id, {}, page, 2))).toMatchObject({ code: 'not_found' });

  const comparison = await reading.compareVersions(dataset.id, 1);
  expect(comparison).toMatchObject({
    from: 1,
    to: null,
    added: [{ sourcePath: expect.stringMatching(/4\.png$/) }],
    removed: [{ sha256: before.items[1]!.sha256 }],
    changed: [
      { sha256: before.items[0]!.sha256, fields: [{ field: 'label', from: 'real', to: 'simulated' }] },
    ],
  });
  const { version: second2 } = await reading.freeze(dataset.id);
  expect(second2.number).toBe(2);
  expect(await reading.compareVersions(dataset.id, 1, 2)).toEqual({ ...comparison, to: 2 });
  expect(await reading.versions(dataset.id)).toMatchObject([
    { number: 2, items: 3, labels: { simulated: 1 } },
    { number: 1, items: 3, labels: { simulated: 0 }, contentHash: version.contentHash, runs: [] },
  ]);
});

test('a change that no training sees, such as a group or a licence, makes another version of the same manifest', async () => {
  const { datasets, imported } = await setUpDatasets();
  const { dataset } = await imported({ paths: [await folderOf(1, 2, 3)] });
  const { version: first } = await datasets.reading.freeze(dataset.id);
  await datasets.editing.edit({
    dataset: dataset.id,
    items: {},
    change: { kind: 'licence', licence: 'MIT' },
  });
  const { version: second } = await datasets.reading.freeze(dataset.id);
  expect(second).toMatchObject({ number: 2, manifestHash: first.manifestHash });
  expect(second.contentHash).not.toBe(first.contentHash);
});

test('freezing is recorded, with a seal over every row of the version', async () => {
  const { datasets, imported, workspace } = await setUpDatasets();
  const { dataset } = await imported({ paths: [await folderOf(1, 2)] });
  const { version } = await datasets.reading.freeze(dataset.id);
  const entry = recordedEntries(workspace).at(-1)!;
  expect(entry).toMatchObject({
    action: 'dataset.version-frozen',
    subject: { kind: 'dataset', id: dataset.id },
    payload: { version: 1, contentHash: version.contentHash, items: 2 },
  });
  expect(JSON.stringify(entry.payload)).toContain('dataset_version_items');
});

describe('the database itself refuses', () => {
  const attempts: [what: string, statement: string][] = [
    ['another number', 'UPDATE dataset_versions SET number = 9'],
    ['opening it again', 'UPDATE dataset_versions SET sealed = 0'],
    ['its removal', 'DELETE FROM dataset_versions'],
    [
      'another one in its place',
      `INSERT OR REPLACE INTO dataset_versions SELECT id, dataset_id, number, manifest_hash, content_hash, 0, created_at, 0
       FROM dataset_versions`,
    ],
    ['another label of an item', "UPDATE dataset_version_items SET label = 'simulated'"],
    ['the removal of an item', 'DELETE FROM dataset_version_items'],
    [
      'one more item',
      `INSERT INTO dataset_version_items SELECT version_id, position + 1, item_id, sha256, label, split, group_key, category,
       mask, source_path, added_at, licence, evidence_reason FROM dataset_version_items`,
    ],
    [
      'an item in place of another',
      `INSERT OR REPLACE INTO dataset_version_items SELECT version_id, position, item_id, sha256, 'simulated', split,
       group_key, category, mask, source_path, added_at, licence, evidence_reason FROM dataset_version_items`,
    ],
  ];
  test.each(attempts)('%s of a version that a run used', async (_, statement) => {
    const { datasets, imported, workspace } = await setUpDatasets();
    const { dataset } = await imported({ paths: [await folderOf(1)] });
    await datasets.reading.freeze(dataset.id);
    const read = (): unknown => [
      workspace.sqlite.prepare('SELECT * FROM dataset_versions').all(),
      workspace.sqlite.prepare('SELECT * FROM dataset_version_items').all(),
    ];
    const before = read();
    expect(() => workspace.sqlite.exec(statement)).toThrow(/a version of a dataset never changes/);
    expect(read()).toEqual(before);
  });

  test('a version that is sealed before all its items are in', async () => {
    const { datasets, imported, workspace } = await setUpDatasets();
    const { dataset } = await imported({ paths: [await folderOf(1)] });
    await datasets.reading.freeze(dataset.id);
    workspace.sqlite
      .exec(`INSERT INTO dataset_versions SELECT 'half', dataset_id, 2, manifest_hash, content_hash, 1,
      created_at, 0 FROM dataset_versions`);
    expect(() => workspace.sqlite.exec("UPDATE dataset_versions SET sealed = 1 WHERE id = 'half'")).toThrow(
      /sealed when all its items are in/,
    );
  });

  test('that a run was trained on another version than it was', async () => {
    const { datasets, imported, workspace } = await setUpDatasets();
    const { dataset } = await imported({ paths: [await folderOf(1)] });
    const { version } = await datasets.reading.freeze(dataset.id);
    workspace.sqlite
      .prepare(
        `INSERT INTO training_runs (id, dataset_id, dataset_name, rendered, dataset_manifest_hash, dataset_version_id, state,
         created_at, request, config, program_version) VALUES ('r', ?, 'x', 0, ?, ?, 'queued', 1, '{}', '{}', '1')`,
      )
      .run(dataset.id, version.manifestHash, version.id);
    for (const change of ['dataset_version_id = NULL', `dataset_manifest_hash = '${'a'.repeat(64)}'`])
      expect(() => workspace.sqlite.exec(`UPDATE training_runs SET ${change}`)).toThrow(/never changes/);
    workspace.sqlite.exec("UPDATE training_runs SET state = 'running'");
    expect((await datasets.reading.versions(dataset.id))[0]!.runs).toEqual(['r']);
  });
});

test('the files of a version are those of its items, masks and licences included', async () => {
  const { datasets, imported, workspace } = await setUpDatasets();
  const folder = await folderOf(1);
  const masks = temporaryFolder();
  write(masks, '1_mask.png', await patchPicture(50).greyscale().png().toBuffer());
  const { dataset } = await imported({ paths: [folder], label: 'simulated', masks, licence: 'own work' });
  const { photographs } = await datasets.reading.freeze(dataset.id);
  const [photograph] = photographs;
  expect(photograph).toMatchObject({ label: 'simulated', split: 'train', licence: 'own work' });
  expect(photograph!.path).toBe(workspace.blobs.pathOf(photograph!.sha256));
  expect(path.basename(photograph!.maskPath!)).toBe(photograph!.maskSha256);
});
