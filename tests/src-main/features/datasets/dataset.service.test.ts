/** Datasets as they are listed, split, identified and checked. */
import { createHash } from 'node:crypto';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Split } from '#contract/dataset.ts';
import { dataset as datasetSchema, datasetItem } from '#contract/dataset.ts';
import { manifestHash } from '#features/datasets/manifest-hash.ts';
import { chooseSplit } from '#features/datasets/split-rule.ts';
import { failureOf } from '#tests/support/app-error.ts';
import { samplePicture, write } from '#tests/support/sample-files.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';
import { setUpDatasets } from './dataset-set-up.ts';

async function folderOfPictures(count: number, firstSeed = 0): Promise<string> {
  const folder = temporaryFolder();
  for (let index = 0; index < count; index++)
    write(
      folder,
      `${index}.png`,
      await samplePicture(72, 64, firstSeed + index)
        .png()
        .toBuffer(),
    );
  return folder;
}

test('a dataset is found by id and by name, and answers as the contract says', async () => {
  const { procedures, imported } = await setUpDatasets();
  const { dataset } = await imported({ paths: [await folderOfPictures(4)] });
  expect(datasetSchema.parse(dataset)).toEqual(dataset);
  expect(await procedures.get({ dataset: dataset.id })).toEqual(dataset);
  expect(await procedures.get({ dataset: 'Photographs' })).toEqual(dataset);
  expect(await procedures.list({})).toEqual([dataset]);
  expect((await failureOf(Promise.resolve(procedures.get({ dataset: 'none' })))).code).toBe('not_found');
  const page = await procedures.items({ datasetId: dataset.id, offset: 1, limit: 2 });
  expect(page.total).toBe(4);
  expect(page.items.map((item) => path.basename(datasetItem.parse(item).sourcePath))).toEqual([
    '1.png',
    '2.png',
  ]);
  const test = await procedures.items({
    datasetId: dataset.id,
    offset: 0,
    limit: 9,
    split: 'test',
    label: 'real',
  });
  expect(test.total).toBe(dataset.splits.test);
  expect(test.items.every((item) => item.split === 'test')).toBe(true);
  expect(
    (await procedures.items({ datasetId: dataset.id, offset: 0, limit: 9, label: 'simulated' })).total,
  ).toBe(0);
});

test('the manifest hash is that of the stated lines, and changes with what is added', async () => {
  const { datasets, imported } = await setUpDatasets();
  const { dataset } = await imported({ paths: [await folderOfPictures(3)], category: 'tab\tand "quote"' });
  const { items } = await datasets.reading.items(dataset.id, {}, { offset: 0, limit: 9 });
  const lines = items
    .map((item) => `${item.sha256}\t${item.label}\t${item.split}\t-\t${JSON.stringify(item.category)}\n`)
    .toSorted();
  expect(dataset.manifestHash).toBe(createHash('sha256').update(lines.join('')).digest('hex'));
  expect((await datasets.reading.get(dataset.id)).manifestHash).toBe(dataset.manifestHash);
  const { dataset: grown } = await imported({ paths: [await folderOfPictures(1, 50)] });
  expect(grown.manifestHash).not.toBe(dataset.manifestHash);
});

test('the manifest hash does not depend on the order of items, and on each of their fields', () => {
  const item = { sha256: 'a', label: 'real', split: 'train', mask: null, category: null } as const;
  const other = { ...item, sha256: 'b' };
  expect(manifestHash([item, other])).toBe(manifestHash([other, item]));
  const variants = [
    { label: 'simulated' },
    { split: 'test' },
    { mask: 'c' },
    { category: 'c' },
    { sha256: 'c' },
  ] as const;
  const hashes = [{}, ...variants].map((change) => manifestHash([{ ...item, ...change }, other]));
  expect(new Set(hashes).size).toBe(6);
});

test('the same folder gives the same splits in another workspace, and items added later change none', async () => {
  const folder = await folderOfPictures(9);
  const splitsOf = async (paths: string[][]): Promise<Record<string, Split>> => {
    const { datasets, imported } = await setUpDatasets();
    for (const some of paths) await imported({ paths: some });
    const { items } = await datasets.reading.items(
      (await datasets.reading.get('Photographs')).id,
      {},
      { offset: 0, limit: 99 },
    );
    return Object.fromEntries(items.map((item) => [item.sha256, item.split]));
  };
  const once = await splitsOf([[folder]]);
  expect(await splitsOf([[folder]])).toEqual(once);
  expect(await splitsOf([[folder], [await folderOfPictures(6, 40)]])).toMatchObject(once);
  expect(new Set(Object.values(once))).toEqual(new Set(['train', 'validation', 'test']));
});

describe('the split rule', () => {
  const assign = (groups: string[]): Record<Split, number> => {
    const counts = { train: 0, validation: 0, test: 0 };
    for (const group of groups) counts[chooseSplit(group, counts)]++;
    return counts;
  };
  const groups = (count: number, prefix = 'g'): string[] =>
    Array.from({ length: count }, (_, i) => `${prefix}${i}`);

  test('fills all three splits from three groups on', () => {
    expect(assign(groups(1))).toEqual({ train: 1, validation: 0, test: 0 });
    expect(assign(groups(2))).toEqual({ train: 1, validation: 0, test: 1 });
    for (const prefix of ['a', 'b', 'c', 'd'])
      expect(assign(groups(3, prefix))).toEqual({ train: 1, validation: 1, test: 1 });
  });

  test('keeps every split within two groups below its share and gives train the most from five groups on', () => {
    for (const prefix of ['a', 'b', 'c', 'd', 'e'])
      for (const count of [5, 8, 20, 50, 300]) {
        const counts = assign(groups(count, prefix));
        expect(counts.train + counts.validation + counts.test).toBe(count);
        expect(counts.train).toBeGreaterThan(0.65 * count - 2);
        expect(counts.validation).toBeGreaterThan(0.15 * count - 2);
        expect(counts.test).toBeGreaterThan(0.2 * count - 2);
      }
  });
});

test('labels are split each by itself, so that a few simulated pictures reach all three splits', async () => {
  const { datasets, imported } = await setUpDatasets();
  await imported({ paths: [await folderOfPictures(6)] });
  const { dataset } = await imported({ paths: [await folderOfPictures(3, 60)], label: 'simulated' });
  for (const split of ['train', 'validation', 'test'] as const)
    expect(
      (await datasets.reading.items(dataset.id, { label: 'simulated', split }, { offset: 0, limit: 9 }))
        .total,
    ).toBe(1);
});

test('rendered scenes are imported as such, one group a camera, and kept apart from photographs', async () => {
  const { datasets, jobs, procedures, imported } = await setUpDatasets();
  const { jobId } = await procedures.renderScenes({ dataset: 'Scenes', count: 9, seed: 5 });
  const job = await jobs.wait(jobId);
  expect(job).toMatchObject({
    kind: 'render-scenes',
    state: 'done',
    result: { refused: [], duplicates: [] },
  });
  const dataset = await datasets.reading.get('Scenes');
  expect(dataset).toMatchObject({
    rendered: true,
    items: 9,
    labels: { real: 9 },
    splits: { train: 3, validation: 3, test: 3 },
  });
  const { items } = await datasets.reading.items(dataset.id, {}, { offset: 0, limit: 9 });
  for (const item of items)
    expect(item).toMatchObject({
      format: 'jpeg',
      group: `camera:camera-${Number(item.sourcePath.match(/\d+/)?.[0]) % 3}`,
    });
  const splitsOfGroup = Map.groupBy(items, (item) => item.group);
  for (const group of splitsOfGroup.values()) expect(new Set(group.map((item) => item.split)).size).toBe(1);

  await imported({ paths: [await folderOfPictures(1)] });
  const refused = procedures.renderScenes({ dataset: 'Photographs', count: 1, seed: 1 });
  expect((await failureOf(Promise.resolve(refused))).code).toBe('dataset_exists');
  await jobs.wait((await procedures.renderScenes({ dataset: 'Scenes', count: 10, seed: 5 })).jobId);
  expect((await datasets.reading.get('Scenes')).items).toBe(10);
});

test('a dataset that takes in a scene which this program rendered is labelled as rendered', async () => {
  const { datasets, jobs, imported } = await setUpDatasets();
  await jobs.wait((await datasets.transfer.renderScenes({ dataset: 'Scenes', count: 1, seed: 5 })).jobId);
  const [scene] = (await datasets.reading.freeze('Scenes')).photographs;
  const { dataset } = await imported({ paths: [scene?.path ?? ''] });
  expect(dataset).toMatchObject({ name: 'Photographs', rendered: true, items: 1 });
});
