/** Masks: how they are found for their pictures, and what is refused. */
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import type { MaskStroke } from '#contract/dataset.ts';
import { samplePicture, write } from '#tests/support/sample-files.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';
import { setUpDatasets } from './dataset-set-up.ts';

const picture = (seed: number): Promise<Buffer> =>
  samplePicture(96, 80, seed).jpeg({ quality: 92 }).toBuffer();
const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const mask = (width = 96, height = 80, white = 20): Promise<Buffer> =>
  sharp({ create: { width, height, channels: 3, background: { r: white, g: white, b: white } } })
    .png()
    .toBuffer();

test('masks are found by name, with the usual endings, and never imported as pictures', async () => {
  const { imported, datasets, workspace } = await setUpDatasets();
  const folder = temporaryFolder();
  for (const name of ['images', 'images/masks']) mkdirSync(path.join(folder, name));
  const pairs = {
    'a.jpg': 'a.png',
    'b.jpg': 'b_mask.png',
    'c.jpg': 'c_gt.png',
    'x_copy_rb5.png': 'x_gt_rb5.png',
    'd.jpg': null,
  };
  for (const [index, [name, maskName]] of Object.entries(pairs).entries()) {
    write(folder, `images/${name}`, await picture(index));
    if (maskName) write(folder, `images/masks/${maskName}`, await mask(96, 80, 20 + index));
  }
  const { report, dataset } = await imported({
    paths: [path.join(folder, 'images')],
    masks: path.join(folder, 'images/masks'),
    label: 'simulated',
  });
  expect(report.refused).toEqual([]);
  const { items } = await datasets.reading.items(dataset.id, {}, { offset: 0, limit: 10 });
  expect(items).toHaveLength(5);
  const { photographs } = await datasets.reading.freeze(dataset.id);
  for (const item of items) {
    const maskName = pairs[path.basename(item.sourcePath) as keyof typeof pairs];
    const expected = maskName && hashOf(readFileSync(path.join(folder, 'images/masks', maskName)));
    expect(item.mask, item.sourcePath).toBe(expected);
    if (expected) expect(await workspace.blobs.find(expected)).toMatchObject({ kind: 'original' });
    const photograph = photographs.find((other) => other.sha256 === item.sha256);
    expect(photograph?.maskPath).toBe(expected && workspace.blobs.pathOf(expected));
    expect(photograph?.maskSha256 ?? null).toBe(expected);
  }
});

test('masks may lie beside their pictures', async () => {
  const { imported, datasets } = await setUpDatasets();
  const folder = temporaryFolder();
  write(folder, 'a.jpg', await picture(1));
  write(folder, 'a.png', await samplePicture(96, 80, 2).png().toBuffer());
  write(folder, 'b.jpg', await picture(3));
  write(folder, 'b_mask.png', await mask());
  const { dataset } = await imported({ paths: [folder], masks: folder });
  const { items } = await datasets.reading.items(dataset.id, {}, { offset: 0, limit: 10 });
  const found = items.map((item) => [path.basename(item.sourcePath), item.mask !== null]);
  expect(found).toEqual([
    ['a.jpg', false],
    ['a.png', false],
    ['b.jpg', true],
  ]);
});

test('a picture whose mask has another size, cannot be read or is not the only one is refused', async () => {
  const { imported } = await setUpDatasets();
  const folder = temporaryFolder();
  for (const name of ['images', 'masks', 'masks/more']) mkdirSync(path.join(folder, name));
  for (const [index, name] of ['a', 'b', 'c', 'd'].entries())
    write(folder, `images/${name}.jpg`, await picture(index));
  write(folder, 'masks/a.png', await mask(80, 96));
  write(folder, 'masks/b.png', 'words');
  write(folder, 'masks/c.png', await mask());
  write(folder, 'masks/more/c_mask.png', await mask());
  write(folder, 'masks/d.png', await mask());
  const { report } = await imported({
    paths: [path.join(folder, 'images')],
    masks: path.join(folder, 'masks'),
  });
  expect(report.added.map((added) => path.basename(added.path))).toEqual(['d.jpg']);
  const messages = Object.fromEntries(
    report.refused.map(({ path: file, error }) => [path.basename(file), error]),
  );
  for (const error of Object.values(messages)) expect(error.code).toBe('invalid_mask');
  expect(messages['a.jpg']?.message).toContain('80 by 96 pixels, its picture 96 by 80');
  expect(messages['b.jpg']?.message).toContain('holds text');
  expect(messages['c.jpg']?.message).toContain('several masks');
});

test('a folder of masks that is not there fails the import before anything is made', async () => {
  const { runImport, datasets } = await setUpDatasets();
  const folder = temporaryFolder();
  write(folder, 'a.jpg', await picture(1));
  const job = await runImport({ paths: [folder], masks: path.join(folder, 'gone') });
  expect(job).toMatchObject({ state: 'failed', error: { code: 'file_not_found' } });
  expect(await datasets.reading.list()).toEqual([]);
});

/** The shares of white in the mask, and whether every pixel is black or white. */
async function whites(file: string): Promise<{ share: number; pure: boolean; size: [number, number] }> {
  const { data, info } = await sharp(file).greyscale().raw().toBuffer({ resolveWithObject: true });
  const share = data.filter((value) => value === 255).length / data.length;
  return {
    share,
    pure: data.every((value) => value === 0 || value === 255),
    size: [info.width, info.height],
  };
}

test('a mask is painted by strokes, corrected over what is there, and taken back like any edit', async () => {
  const { imported, datasets, workspace } = await setUpDatasets();
  const folder = temporaryFolder();
  write(folder, 'a.jpg', await picture(1));
  const { dataset } = await imported({ paths: [folder], label: 'simulated' });
  const item = async () => (await datasets.reading.items(dataset.id, {}, { offset: 0, limit: 10 })).items[0]!;
  const { id } = await item();
  const paint = (strokes: MaskStroke[]) =>
    datasets.editing.edit({
      dataset: dataset.id,
      items: { ids: [id] },
      change: { kind: 'paint-mask', strokes },
    });
  const square: MaskStroke = {
    ...{ tool: 'polygon', erase: false, width: 1 },
    points: [
      [10, 10],
      [50, 10],
      [50, 50],
      [10, 50],
    ],
  };
  const { edit } = await paint([square]);
  expect(edit.summary).toBe('1 picture: mask painted');
  const first = (await item()).mask!;
  expect(await whites(workspace.blobs.pathOf(first))).toEqual({
    ...{ share: (40 * 40) / (96 * 80), pure: true, size: [96, 80] },
  });
  await paint([{ tool: 'brush', erase: true, width: 20, points: [[30, 30]] }]);
  const second = (await item()).mask!;
  const { share, pure } = await whites(workspace.blobs.pathOf(second));
  expect(pure).toBe(true);
  expect(share * 96 * 80).toBeGreaterThan(1600 - 340);
  expect(share * 96 * 80).toBeLessThan(1600 - 290);
  await datasets.editing.undo(dataset.id);
  expect((await item()).mask).toBe(first);
});

test('a mask is painted over one picture of the dataset, and over no other', async () => {
  const { imported, datasets } = await setUpDatasets();
  const folder = temporaryFolder();
  for (const name of ['a.jpg', 'b.jpg']) write(folder, name, await picture(name.charCodeAt(0)));
  const { dataset } = await imported({ paths: [folder], label: 'simulated' });
  const { items } = await datasets.reading.items(dataset.id, {}, { offset: 0, limit: 10 });
  const strokes: MaskStroke[] = [{ tool: 'brush', erase: false, width: 4, points: [[5, 5]] }];
  const change = { kind: 'paint-mask', strokes } as const;
  const paint = (ids: string[]) => datasets.editing.edit({ dataset: dataset.id, items: { ids }, change });
  await expect(paint(items.map(({ id }) => id))).rejects.toMatchObject({ code: 'invalid_input' });
  await expect(paint(['none'])).rejects.toMatchObject({ code: 'not_found' });
});
