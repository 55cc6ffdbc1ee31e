/** Bulk changes: what each does, that each is undone and done again exactly, and that the stack survives a restart. */
import { describe, expect, onTestFinished, test } from 'vitest';
import type { DatasetChange, DatasetItem, ItemSelection } from '#contract/dataset.ts';
import { createDatasets, type Datasets } from '#features/datasets/create-datasets.ts';
import { JobRepository } from '#features/jobs/job.repository.ts';
import { JobService } from '#features/jobs/job.service.ts';
import { RetentionService } from '#features/retention/retention.service.ts';
import { Workspace } from '#storage/workspace.ts';
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
async function itemsOf({ reading }: Datasets, dataset: string): Promise<DatasetItem[]> {
  return (await reading.items(dataset, {}, { offset: 0, limit: 500 })).items;
}

/** Six pictures: the first three real, the others simulated with masks. */
async function setUp() {
  const set = await setUpDatasets();
  const masks = temporaryFolder();
  for (const seed of [4, 5, 6])
    write(
      masks,
      `${seed}.png`,
      await patchPicture(seed + 90)
        .greyscale()
        .png()
        .toBuffer(),
    );
  await set.imported({ paths: [await folderOf(1, 2, 3)], category: 'street' });
  const { dataset } = await set.imported({ paths: [await folderOf(4, 5, 6)], label: 'simulated', masks });
  const items = await itemsOf(set.datasets, dataset.id);
  return { ...set, dataset, items, ids: items.map(({ id }) => id) };
}

describe('each change does what it says to the chosen pictures, and undo and redo are exact', () => {
  const otherMasks = async (): Promise<string> => {
    const folder = temporaryFolder();
    for (const seed of [1, 4])
      write(
        folder,
        `${seed}_gt.png`,
        await patchPicture(seed + 70)
          .greyscale()
          .png()
          .toBuffer(),
      );
    return folder;
  };
  const cases: {
    change: () => DatasetChange | Promise<DatasetChange>;
    selection?: ItemSelection;
    touched: number;
    expected: object;
  }[] = [
    { change: () => ({ kind: 'label', label: 'unlabelled' }), touched: 2, expected: { label: 'unlabelled' } },
    { change: () => ({ kind: 'category', category: 'night' }), touched: 2, expected: { category: 'night' } },
    { change: () => ({ kind: 'category', category: null }), touched: 1, expected: { category: null } },
    {
      change: () => ({ kind: 'licence', licence: 'CC BY 4.0' }),
      touched: 2,
      expected: { licence: 'CC BY 4.0' },
    },
    { change: () => ({ kind: 'group', group: 'camera 7' }), touched: 2, expected: { group: 'camera 7' } },
    { change: () => ({ kind: 'drop-masks' }), touched: 1, expected: { mask: null } },
    {
      change: async () => ({ kind: 'masks', folder: await otherMasks() }),
      touched: 2,
      expected: { mask: expect.stringMatching(/^[0-9a-f]{64}$/) },
    },
    {
      change: () => ({ kind: 'allow-evidence', reason: 'released by the court' }),
      touched: 2,
      expected: { evidenceReason: 'released by the court' },
    },
  ];
  test.each(cases)('$expected', async ({ change, touched, expected }) => {
    const { datasets, dataset, items, ids } = await setUp();
    const chosen = [ids[0]!, ids[3]!];
    const { edit } = await datasets.editing.edit({
      dataset: dataset.id,
      items: { ids: chosen },
      change: await change(),
    });
    expect(edit).toMatchObject({ items: touched, undoneAt: null });
    const after = await itemsOf(datasets, dataset.id);
    for (const item of after)
      if (chosen.includes(item.id)) expect(item).toMatchObject(expected);
      else expect(item).toEqual(items.find(({ id }) => id === item.id));
    expect((await datasets.editing.undo(dataset.id)).edit).toMatchObject({
      id: edit.id,
      undoneAt: expect.any(Number),
    });
    expect(await itemsOf(datasets, dataset.id)).toEqual(items);
    expect((await datasets.editing.redo(dataset.id)).edit).toMatchObject({ id: edit.id, undoneAt: null });
    expect(await itemsOf(datasets, dataset.id)).toEqual(after);
  });

  test('taking masks away, or pictures with them, leaves every file there that the undo needs', async () => {
    const { workspace, datasets, dataset, items } = await setUp();
    const retention = new RetentionService(workspace);
    const all = { dataset: dataset.id, items: { label: 'simulated' } } as const;
    await datasets.editing.edit({ ...all, change: { kind: 'drop-masks' } });
    await datasets.editing.edit({ ...all, change: { kind: 'remove' } });
    const forgotten = await workspace.blobs.put(Buffer.from('forgotten'), 'text/plain', 'derived');
    workspace.sqlite.exec('UPDATE blobs SET created_at = 1');
    const plan = retention.plan();
    expect(plan.listed.map(({ hash }) => hash)).toEqual([forgotten.hash]);
    await retention.collect(plan.digest);
    await datasets.editing.undo(dataset.id);
    await datasets.editing.undo(dataset.id);
    expect(await itemsOf(datasets, dataset.id)).toEqual(items);
    for (const { mask } of items) if (mask !== null) await workspace.blobs.verify(mask);
  });

  test('removal, by a filter', async () => {
    const { datasets, dataset, items } = await setUp();
    const { edit, dataset: after } = await datasets.editing.edit({
      dataset: dataset.id,
      items: { label: 'simulated' },
      change: { kind: 'remove' },
    });
    expect(edit.summary).toBe('3 pictures: removed');
    expect(after).toMatchObject({ items: 3, labels: { simulated: 0 } });
    await datasets.editing.undo(dataset.id);
    expect(await itemsOf(datasets, dataset.id)).toEqual(items);
    await datasets.editing.redo(dataset.id);
    expect((await datasets.reading.get(dataset.id)).items).toBe(3);
  });

  test('a move to another split, of all that belongs to a chosen picture', async () => {
    const { datasets, dataset, items, ids } = await setUp();
    const train = items.filter(({ split }) => split === 'train').map(({ id }) => id);
    expect(train).toHaveLength(2);
    const { editing } = datasets;
    await editing.edit({
      dataset: dataset.id,
      items: { ids: train },
      change: { kind: 'group', group: 'one' },
    });
    const { edit } = await editing.edit({
      dataset: dataset.id,
      items: { ids: [train[0]!] },
      change: { kind: 'split', split: 'test' },
    });
    expect(edit.items).toBe(2);
    const after = await itemsOf(datasets, dataset.id);
    expect(after.filter(({ group }) => group === 'one').map(({ split }) => split)).toEqual(['test', 'test']);
    await editing.undo(dataset.id);
    await editing.undo(dataset.id);
    expect(await itemsOf(datasets, dataset.id)).toEqual(items);
    expect(ids).toHaveLength(6);
  });

  test('joining groups of different splits brings all to the safest side', async () => {
    const { datasets, dataset, items, ids } = await setUp();
    expect(new Set(items.slice(0, 3).map(({ split }) => split)).size).toBe(3);
    await datasets.editing.edit({
      dataset: dataset.id,
      items: { ids: ids.slice(0, 3) },
      change: { kind: 'group', group: 'person A' },
    });
    const after = await itemsOf(datasets, dataset.id);
    expect(after.slice(0, 3).map(({ split }) => split)).toEqual(['train', 'train', 'train']);
    await datasets.editing.undo(dataset.id);
    expect(await itemsOf(datasets, dataset.id)).toEqual(items);
  });
});

test('an import is one entry of the stack: undone it takes its pictures out, and moves back what it moved', async () => {
  const { datasets, jobs, imported } = await setUpDatasets();
  const folder = await folderOf(1, 2, 3);
  const { dataset } = await imported({ paths: [folder] });
  const before = await itemsOf(datasets, dataset.id);
  const inTest = before.find(({ split }) => split === 'test')!;
  const inTraining = before.find(({ split }) => split === 'train')!;
  await datasets.editing.edit({
    dataset: dataset.id,
    items: { ids: [inTest.id] },
    change: { kind: 'group', group: 'person A' },
  });
  // A copy of the training picture that belongs to the group of the test picture joins both.
  const copies = temporaryFolder();
  const seed = Number(/(\d)\.png$/.exec(inTraining.sourcePath)![1]);
  write(copies, 'copy.jpg', await patchPicture(seed).jpeg({ quality: 80 }).toBuffer());
  write(copies, 'list.csv', 'path,label,group\ncopy.jpg,real,person A\n');
  const { jobId } = await datasets.transfer.importManifest({
    manifest: `${copies}/list.csv`,
    dataset: dataset.name,
  });
  expect(await jobs.wait(jobId)).toMatchObject({
    state: 'done',
    result: { moved: [{ from: 'test', to: 'train' }] },
  });
  const joined = await itemsOf(datasets, dataset.id);
  expect(joined.find(({ id }) => id === inTest.id)).toMatchObject({ split: 'train' });
  expect(joined[3]).toMatchObject({ split: 'train', group: 'person A' });
  const edits = await datasets.editing.edits(dataset.id);
  expect(edits.map(({ action, items }) => [action, items])).toEqual([
    ['import', 2],
    ['group', 1],
    ['import', 3],
  ]);
  await datasets.editing.undo(dataset.id);
  await datasets.editing.undo(dataset.id);
  expect(await itemsOf(datasets, dataset.id)).toEqual(before);
  await datasets.editing.undo(dataset.id);
  expect((await datasets.reading.get(dataset.id)).items).toBe(0);
  expect(await failureOf(datasets.editing.undo(dataset.id))).toMatchObject({ code: 'nothing_to_undo' });
  for (let i = 0; i < edits.length; i++) await datasets.editing.redo(dataset.id);
  expect(await itemsOf(datasets, dataset.id)).toEqual(joined);
});

test('an edit after an undo ends what could be done again, and removed pictures come back beside newer ones', async () => {
  const { datasets, dataset, ids, imported, items } = await setUp();
  const { editing } = datasets;
  await editing.edit({ dataset: dataset.id, items: { ids: [ids[5]!] }, change: { kind: 'remove' } });
  // Another dataset takes the number in the order that the removed picture had.
  await imported({ paths: [await folderOf(7)], dataset: 'Others' });
  await editing.undo(dataset.id);
  const back = await itemsOf(datasets, dataset.id);
  expect(back.map(({ sha256 }) => sha256)).toEqual(items.map(({ sha256 }) => sha256));
  await editing.redo(dataset.id);
  await editing.undo(dataset.id);
  await editing.edit({ dataset: dataset.id, items: {}, change: { kind: 'licence', licence: 'MIT' } });
  expect(await failureOf(editing.redo(dataset.id))).toMatchObject({ code: 'nothing_to_undo' });
});

test('the stack survives a restart', async () => {
  const { datasets, dataset, items, workspace } = await setUp();
  await datasets.editing.edit({
    dataset: dataset.id,
    items: {},
    change: { kind: 'label', label: 'unlabelled' },
  });
  await workspace.close();
  const again = await Workspace.open(workspace.folder, { holder: 'the tests' });
  onTestFinished(() => again.close());
  const jobs = new JobService(new JobRepository(again.db));
  const reopened = createDatasets({ workspace: again, jobs, renderScenes: async function* () {} });
  expect((await itemsOf(reopened, dataset.id)).every(({ label }) => label === 'unlabelled')).toBe(true);
  await reopened.editing.undo(dataset.id);
  expect(await itemsOf(reopened, dataset.id)).toEqual(items);
});

test('every change, undo and redo is in the audit log, and one that fails leaves neither', async () => {
  const { datasets, dataset, ids, workspace, items } = await setUp();
  const actions = (): string[] => recordedEntries(workspace).map(({ action }) => action);
  const before = actions().length;
  const change: DatasetChange = { kind: 'label', label: 'reference' };
  const { edit } = await datasets.editing.edit({
    dataset: dataset.id,
    items: { ids: ids.slice(0, 2) },
    change,
  });
  await datasets.editing.undo(dataset.id);
  await datasets.editing.redo(dataset.id);
  expect(actions().slice(before)).toEqual(['dataset.edited', 'dataset.edit-undone', 'dataset.edit-redone']);
  expect(recordedEntries(workspace).at(-3)).toMatchObject({
    subject: { kind: 'dataset', id: dataset.id },
    payload: { edit: edit.id, kind: 'label', items: 2, digest: expect.stringMatching(/^[0-9a-f]{64}$/) },
  });
  await datasets.editing.undo(dataset.id);
  workspace.sqlite.exec(
    "CREATE TRIGGER full BEFORE INSERT ON audit_log BEGIN SELECT RAISE(ABORT, 'no room'); END",
  );
  await expect(datasets.editing.edit({ dataset: dataset.id, items: { ids }, change })).rejects.toThrow(
    /no room/,
  );
  expect(await itemsOf(datasets, dataset.id)).toEqual(items);
  expect(await datasets.editing.edits(dataset.id)).toHaveLength(3);
});

test('what cannot be changed is refused, and nothing is', async () => {
  const { datasets, dataset, ids, items } = await setUp();
  const { editing } = datasets;
  const attempt = (selection: ItemSelection, change: DatasetChange) =>
    failureOf(editing.edit({ dataset: dataset.id, items: selection, change }));
  const label = { kind: 'label', label: 'real' } as const;
  expect(await attempt({ ids: ['nobody'] }, label)).toMatchObject({ code: 'not_found' });
  expect(await attempt({ category: 'none such' }, label)).toMatchObject({ code: 'not_found' });
  expect(await attempt({ ids: [ids[0]!] }, label)).toMatchObject({ code: 'invalid_input' });
  expect(await attempt({}, { kind: 'masks', folder: temporaryFolder() })).toMatchObject({
    code: 'file_not_found',
  });
  const small = temporaryFolder();
  write(small, '1_mask.png', await patchPicture(1, 40, 40).png().toBuffer());
  expect(await attempt({}, { kind: 'masks', folder: small })).toMatchObject({ code: 'invalid_mask' });
  expect(await itemsOf(datasets, dataset.id)).toEqual(items);
});
