/** The dataset guard: each fault is planted, found with its items named, and gone after its remedy is applied. */
import { rmSync, writeFileSync } from 'node:fs';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import type { DatasetFinding, DatasetItem, DatasetLabel, Split } from '#contract/dataset.ts';
import { patchPicture, write } from '#tests/support/sample-files.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';
import { setUpDatasets } from './dataset-set-up.ts';

type SetUp = Awaited<ReturnType<typeof setUpDatasets>>;
type Picture = { name: string; bytes: Buffer };
const jpeg = async (seed: number, quality = 92): Promise<Picture> => ({
  name: `${seed}.jpg`,
  bytes: await patchPicture(seed).jpeg({ quality }).toBuffer(),
});

async function take(
  set: SetUp,
  pictures: Picture[],
  label: DatasetLabel,
  masks?: string,
): Promise<DatasetItem[]> {
  const folder = temporaryFolder();
  for (const { name, bytes } of pictures) write(folder, name, bytes);
  const { report } = await set.imported({ paths: [folder], label, ...(masks ? { masks } : {}) });
  expect(report.refused).toEqual([]);
  const { items } = await set.datasets.reading.items('Photographs', {}, { offset: 0, limit: 500 });
  return report.added.map(({ sha256 }) => items.find((item) => item.sha256 === sha256)!);
}
/** What is found, without those that tell of small datasets. */
async function findings({ procedures }: SetUp, dataset = 'Photographs'): Promise<DatasetFinding[]> {
  const found = (await procedures.check({ dataset })) as DatasetFinding[];
  return found.filter(({ code }) => !['too_few_items', 'split_empty'].includes(code));
}
async function apply({ datasets }: SetUp, { actions }: DatasetFinding, which = 0): Promise<void> {
  const { items, change } = actions[which]!;
  await datasets.editing.edit({ dataset: 'Photographs', items: { ids: items }, change });
}
const idsOf = (items: DatasetItem[]): string[] => items.map(({ id }) => id);
/** Puts items where an older version of the program may have left them. */
function leave({ workspace }: SetUp, items: DatasetItem[], splits: Split[]): void {
  items.forEach(({ id }, i) =>
    workspace.sqlite.prepare('UPDATE dataset_items SET split = ? WHERE id = ?').run(splits[i]!, id),
  );
}

test('nothing is found in a clean dataset but that it is small, with the photographs that are there to train on', async () => {
  const set = await setUpDatasets();
  await take(set, await Promise.all([1, 2, 3, 4].map((seed) => jpeg(seed))), 'real');
  await take(set, await Promise.all([11, 12, 13].map((seed) => jpeg(seed))), 'simulated');
  expect(await findings(set)).toEqual([]);
  const { items } = await set.datasets.reading.items('Photographs', {}, { offset: 0, limit: 500 });
  const training = items.filter(({ label, split }) => label === 'real' && split === 'train');
  expect(await set.procedures.check({ dataset: 'Photographs' })).toMatchObject([
    {
      ...{ code: 'too_few_items', severity: 'error', blocking: false, actions: [] },
      items: idsOf(training),
    },
  ]);
});

test('too few photographs to train on become more where unlabelled ones are real', async () => {
  const set = await setUpDatasets();
  await take(set, await Promise.all([1, 2, 3, 4, 5, 6].map((seed) => jpeg(seed))), 'unlabelled');
  const small = async () => {
    const found = (await set.procedures.check({ dataset: 'Photographs' })) as DatasetFinding[];
    return found.find(({ code }) => code === 'too_few_items')!;
  };
  const before = await small();
  expect(before.items).toEqual([]);
  await apply(set, before);
  const after = await small();
  expect(after.items).toEqual(before.actions[0]!.items);
  expect(after).toMatchObject({ items: expect.arrayContaining([expect.any(String)]), actions: [] });
});

test('an empty split gets whole groups of a tenth of the photographs by its remedy', async () => {
  const set = await setUpDatasets();
  const items = await take(set, await Promise.all([1, 2, 3, 4, 5, 6].map((seed) => jpeg(seed))), 'real');
  const whole = { dataset: 'Photographs', items: {} };
  await set.datasets.editing.edit({ ...whole, change: { kind: 'split', split: 'train' } });
  const pair = { ids: idsOf(items.slice(0, 2)) };
  await set.datasets.editing.edit({ ...whole, items: pair, change: { kind: 'group', group: 'one camera' } });
  const empty = async () => {
    const found = (await set.procedures.check({ dataset: 'Photographs' })) as DatasetFinding[];
    return found.filter(({ code }) => code === 'split_empty');
  };
  const [validation, test, ...others] = await empty();
  expect(others).toEqual([]);
  expect(validation!.items).toHaveLength(1);
  expect(pair.ids).not.toContain(validation!.items[0]);
  await apply(set, validation!);
  expect((await empty()).map(({ message }) => message)).toEqual([test!.message]);
  const [one] = await set.datasets.reading
    .items('Photographs', { split: 'validation' }, { offset: 0, limit: 9 })
    .then((page) => page.items);
  expect(one!.id).toBe(validation!.items[0]);
});

describe('near duplicates', () => {
  const copies = async (): Promise<Picture[]> => [
    await jpeg(1),
    { name: 'copy.png', bytes: await patchPicture(1).png().toBuffer() },
    { name: 'small.jpg', bytes: await patchPicture(1).resize(80, 66).jpeg({ quality: 70 }).toBuffer() },
  ];

  test('are brought to one side by the import itself, and named as copies within a split', async () => {
    const set = await setUpDatasets();
    await take(set, [await jpeg(5), await jpeg(6)], 'real');
    const items = await take(set, await copies(), 'real');
    expect(new Set(items.map(({ split }) => split)).size).toBe(1);
    const [finding, ...others] = await findings(set);
    expect(others).toEqual([]);
    expect(finding).toMatchObject({ code: 'near_duplicates', severity: 'info', blocking: false });
    expect(finding!.items.toSorted()).toEqual(idsOf(items).toSorted());
    await apply(set, finding!);
    expect(await findings(set)).toEqual([]);
    expect((await set.datasets.reading.get('Photographs')).items).toBe(3);
    await set.datasets.editing.undo('Photographs');
    expect(await findings(set)).toEqual([finding]);
  });

  test.each([
    [0, 3],
    [1, 1],
  ])('across splits block; remedy %i leaves %i pictures, all on one side', async (which, left) => {
    const set = await setUpDatasets();
    const items = await take(set, await copies(), 'real');
    leave(set, items, ['test', 'validation', 'train']);
    const finding = (await findings(set))[0]!;
    expect(finding).toMatchObject({
      code: 'near_duplicates_across_splits',
      severity: 'error',
      blocking: true,
    });
    expect(finding.items.toSorted()).toEqual(idsOf(items).toSorted());
    await apply(set, finding, which);
    expect((await findings(set)).map(({ code }) => code)).not.toContain('near_duplicates_across_splits');
    const page = await set.datasets.reading.items('Photographs', {}, { offset: 0, limit: 9 });
    expect(page.items.map(({ split }) => split)).toEqual(Array.from({ length: left }, () => 'train'));
    await set.datasets.editing.undo('Photographs');
    expect((await findings(set))[0]).toEqual(finding);
  });
});

describe('labels that contradict each other', () => {
  test.each([0, 1, 2, 3])('block, for one picture saved in two ways; remedy %i ends it', async (which) => {
    const set = await setUpDatasets();
    const [real] = await take(set, [await jpeg(1)], 'real');
    const [simulated] = await take(
      set,
      [{ name: 'same.png', bytes: await patchPicture(1).png().toBuffer() }],
      'simulated',
    );
    const finding = (await findings(set)).find(({ code }) => code === 'conflicting_labels')!;
    expect(finding).toMatchObject({ severity: 'error', blocking: true, items: [real!.id, simulated!.id] });
    await apply(set, finding, which);
    expect((await findings(set)).map(({ code }) => code)).not.toContain('conflicting_labels');
  });

  /** The same picture with a bright patch of a twelfth of its area. */
  const edited = async (): Promise<Buffer> =>
    patchPicture(1)
      .composite([
        {
          input: await sharp({ create: { width: 28, height: 22, channels: 3, background: '#fff' } })
            .png()
            .toBuffer(),
          left: 60,
          top: 50,
        },
      ])
      .png()
      .toBuffer();

  test('are none where the simulated one is a manipulation of the real one', async () => {
    const set = await setUpDatasets();
    const [real] = await take(set, [await jpeg(1)], 'real');
    const [simulated] = await take(set, [{ name: 'edited.png', bytes: await edited() }], 'simulated');
    expect(await findings(set)).toMatchObject([
      {
        code: 'near_duplicates_across_labels',
        severity: 'info',
        blocking: false,
        items: [real!.id, simulated!.id],
      },
    ]);
    await apply(set, (await findings(set))[0]!);
    expect(await findings(set)).toMatchObject([{ code: 'near_duplicates' }]);
  });

  test('are none where a mask says where the simulated one was edited, however little', async () => {
    const set = await setUpDatasets();
    const masks = temporaryFolder();
    write(masks, 'same.png', await patchPicture(9).greyscale().png().toBuffer());
    await take(set, [await jpeg(1)], 'real');
    await take(
      set,
      [{ name: 'same.png', bytes: await patchPicture(1).png().toBuffer() }],
      'simulated',
      masks,
    );
    expect((await findings(set)).map(({ code }) => code)).toEqual(['near_duplicates_across_labels']);
  });

  test('block too where another dataset says otherwise of the same bytes, and name it', async () => {
    const set = await setUpDatasets();
    const items = await take(set, [await jpeg(1), await jpeg(2)], 'real');
    const folder = temporaryFolder();
    const { name, bytes } = await jpeg(1);
    write(folder, name, bytes);
    await set.imported({ paths: [folder], dataset: 'Doubts', label: 'simulated' });
    const finding = (await findings(set)).find(({ code }) => code === 'conflicting_labels')!;
    expect(finding).toMatchObject({
      blocking: true,
      message: '1 picture bears the opposite label in Doubts.',
      items: [items[0]!.id],
    });
    await apply(set, finding, 1);
    expect((await findings(set)).map(({ code }) => code)).not.toContain('conflicting_labels');
    expect((await set.datasets.reading.get('Photographs')).labels).toMatchObject({ real: 1, simulated: 1 });
  });
});

test('a picture in another split of another dataset is named', async () => {
  const set = await setUpDatasets();
  const [first, second] = await take(set, [await jpeg(1), await jpeg(2)], 'real');
  const folder = temporaryFolder();
  const { name, bytes } = await jpeg(2);
  write(folder, name, bytes);
  await set.imported({ paths: [folder], dataset: 'Other' });
  expect([first!.split, second!.split]).toEqual(['train', 'test']);
  const finding = (await findings(set))[0]!;
  expect(finding).toMatchObject({
    code: 'duplicates_in_other_dataset',
    severity: 'warning',
    items: [second!.id],
  });
  await apply(set, finding);
  expect(await findings(set)).toEqual([]);
});

describe('stored files', () => {
  const spoil: [string, (file: string) => void][] = [
    ['that is gone', (file) => rmSync(file)],
    ['of another size', (file) => writeFileSync(file, 'short')],
  ];
  test.each(spoil)('%s blocks, by a quick look too, and is removed by the remedy', async (_, harm) => {
    const set = await setUpDatasets();
    const items = await take(set, [await jpeg(1), await jpeg(2), await jpeg(3)], 'real');
    harm(set.workspace.blobs.pathOf(items[1]!.sha256));
    const quick = await set.datasets.guard.check('Photographs', { hashAtMost: 0 });
    expect(quick.find(({ code }) => code === 'damaged_items')).toMatchObject({ items: [items[1]!.id] });
    expect(quick.map(({ code }) => code)).toContain('items_not_hashed');
    const finding = (await findings(set))[0]!;
    expect(finding).toMatchObject({
      code: 'damaged_items',
      severity: 'error',
      blocking: true,
      items: [items[1]!.id],
    });
    await apply(set, finding);
    expect(await findings(set)).toEqual([]);
  });

  test('with other bytes of the same size are found by hashing, masks too', async () => {
    const set = await setUpDatasets();
    const masks = temporaryFolder();
    write(masks, '2.png', await patchPicture(9).greyscale().png().toBuffer());
    const [picture] = await take(set, [await jpeg(1)], 'real');
    const [masked] = await take(set, [await jpeg(2)], 'simulated', masks);
    for (const hash of [picture!.sha256, masked!.mask!]) {
      const bytes = Buffer.from(await set.workspace.blobs.read(hash));
      bytes[bytes.length >> 1]! ^= 1;
      writeFileSync(set.workspace.blobs.pathOf(hash), bytes);
    }
    const damaged = (await findings(set)).find(({ code }) => code === 'damaged_items')!;
    expect(damaged.items).toEqual([picture!.id, masked!.id]);
  });
});

describe('masks', () => {
  test.each([
    [
      'mask_empty',
      () =>
        sharp({ create: { width: 96, height: 80, channels: 3, background: '#000' } })
          .png()
          .toBuffer(),
    ],
    ['mask_wrong_size', () => patchPicture(9, 40, 40).greyscale().png().toBuffer()],
  ])('%s is found, and the masks are taken away by the remedy', async (code, make) => {
    const set = await setUpDatasets();
    const masks = temporaryFolder();
    for (const seed of [1, 2])
      write(
        masks,
        `${seed}.png`,
        await patchPicture(seed + 40)
          .greyscale()
          .png()
          .toBuffer(),
      );
    const items = await take(set, [await jpeg(1), await jpeg(2)], 'simulated', masks);
    // As it may stand in a workspace of an older version, which did not look.
    const { hash } = await set.workspace.blobs.put(await make(), 'image/png', 'original');
    set.workspace.sqlite.prepare('UPDATE dataset_items SET mask = ? WHERE id = ?').run(hash, items[1]!.id);
    for (const run of ['first', 'from what was kept'])
      expect(
        (await findings(set)).filter((finding) => finding.code === code),
        run,
      ).toMatchObject([{ severity: 'warning', blocking: false, items: [items[1]!.id] }]);
    await apply(
      set,
      (await findings(set)).find((finding) => finding.code === code)!,
    );
    expect(await findings(set)).toEqual([]);
    const page = await set.datasets.reading.items('Photographs', {}, { offset: 0, limit: 9 });
    expect(page.items.map(({ mask }) => mask === null)).toEqual([false, true]);
  });
});

describe('files that tell the label', () => {
  const many = (from: number, quality: (i: number) => number): Promise<Picture[]> =>
    Promise.all(Array.from({ length: 24 }, (_, i) => jpeg(from + i, quality(i))));

  test('are found by a probe that sees nothing else, with its AUC and interval, and the pictures are named', async () => {
    const set = await setUpDatasets();
    const real = await take(set, await many(100, () => 75), 'real');
    const fakes = await take(set, await many(200, () => 97), 'simulated');
    const finding = (await findings(set)).find(({ code }) => code === 'file_facts_tell_class')!;
    expect(finding).toMatchObject({ severity: 'warning', blocking: false });
    expect(finding.message).toMatch(
      /AUC of 1\.00 \(95 % interval (0\.9\d|1\.00) to 1\.00\).*Alone:.*compression 1\.00/,
    );
    expect(finding.items.length).toBeGreaterThan(40);
    expect([...idsOf(real), ...idsOf(fakes)]).toEqual(expect.arrayContaining(finding.items));
    await apply(set, finding);
    const codes = (await findings(set)).map(({ code }) => code);
    expect(codes).not.toContain('file_facts_tell_class');
  });

  test('are not found where both labels are coded alike', async () => {
    const set = await setUpDatasets();
    const quality = (i: number): number => 70 + 3 * (i % 9);
    await take(set, await many(100, quality), 'real');
    await take(set, await many(200, quality), 'simulated');
    expect(await findings(set)).toEqual([]);
  });
});
