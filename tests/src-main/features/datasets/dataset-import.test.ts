/** Importing: what is taken in, what is refused and why, and that originals stay as they are. */
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
} from 'node:fs';
import path from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { expect, test } from 'vitest';
import { renderScenes } from '#features/samples/scene-renderer.ts';
import { cutOff, samplePicture, samplePixels, write } from '#tests/support/sample-files.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';
import { setUpDatasets } from './dataset-set-up.ts';

const picture = (seed: number, width = 96, height = 80): Promise<Buffer> =>
  samplePicture(width, height, seed).jpeg({ quality: 92 }).toBuffer();
const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

test('a folder is walked in natural order, hidden files are skipped, and each picture is kept byte for byte', async () => {
  const { imported, datasets, workspace } = await setUpDatasets();
  const folder = temporaryFolder();
  mkdirSync(path.join(folder, 'inner'));
  const names = ['2.jpg', '10.jpg', '1.jpg', 'inner/3.jpg'];
  for (const [index, name] of names.entries()) write(folder, name, await picture(index));
  write(folder, '.hidden.jpg', await picture(9));
  const { report, dataset } = await imported({ paths: [folder], category: 'holiday' });
  const order = ['1.jpg', '2.jpg', '10.jpg', 'inner/3.jpg'].map((name) => path.join(folder, name));
  expect(report.added.map((added) => added.path)).toEqual(order);
  expect(report).toMatchObject({ dataset: 'Photographs', duplicates: [], refused: [] });
  expect(dataset).toMatchObject({
    name: 'Photographs',
    items: 4,
    rendered: false,
    labels: { real: 4, simulated: 0 },
  });

  const { items, total } = await datasets.reading.items(dataset.id, {}, { offset: 0, limit: 100 });
  expect(total).toBe(4);
  expect(items.map((item) => item.sourcePath)).toEqual(order);
  for (const item of items) {
    const original = readFileSync(item.sourcePath);
    expect(item).toMatchObject({
      sha256: hashOf(original),
      bytes: original.length,
      format: 'jpeg',
      width: 96,
      height: 80,
    });
    expect(item).toMatchObject({ category: 'holiday', mask: null, group: item.sha256, label: 'real' });
    expect(readFileSync(workspace.blobs.pathOf(item.sha256)).equals(original)).toBe(true);
    expect(await workspace.blobs.find(item.sha256)).toMatchObject({
      kind: 'original',
      mediaType: 'image/jpeg',
    });
    expect(await workspace.blobs.find(item.thumbnail)).toMatchObject({
      kind: 'derived',
      mediaType: 'image/webp',
    });
    await workspace.blobs.verify(item.thumbnail);
  }
});

test('originals keep their bytes, their times and their folder listing', async () => {
  const { imported } = await setUpDatasets();
  const folder = temporaryFolder();
  for (const seed of [1, 2]) utimesSync(write(folder, `${seed}.jpg`, await picture(seed)), 1000, 2000 + seed);
  utimesSync(write(folder, 'words.jpg', 'only words'), 1000, 2000);
  utimesSync(folder, 1000, 3000);
  const look = (): unknown => ({
    folder: statSync(folder).mtimeMs,
    files: readdirSync(folder).map((name) => [
      name,
      statSync(path.join(folder, name)).mtimeMs,
      hashOf(readFileSync(path.join(folder, name))),
    ]),
  });
  const before = look();
  expect((await imported({ paths: [folder] })).report.added).toHaveLength(2);
  expect(look()).toEqual(before);
});

test('every hostile file gets a right result or its own error, and the others go on', async () => {
  const { imported, datasets } = await setUpDatasets();
  const folder = temporaryFolder();
  const { width, height } = { width: 96, height: 80 };
  const rgb = Buffer.from(samplePixels(width, height, 20));
  const frames = await Promise.all(
    [21, 22].map((seed) => samplePicture(width, height, seed).png().toBuffer()),
  );
  const joined = (): Sharp => sharp(frames, { join: { animated: true } });
  const deep = Uint16Array.from(samplePixels(width, height, 23), (value) => value * 257);

  cutOff(write(folder, 'truncated.jpg', await picture(24)));
  write(folder, 'empty.jpg', '');
  write(folder, 'text.jpg', 'These are only words.');
  write(folder, 'one-pixel.png', await samplePicture(1, 1).png().toBuffer());
  const good: Record<string, Buffer> = {
    '16-bit.png': await sharp(deep, { raw: { width, height, channels: 3 } })
      .toColourspace('rgb16')
      .png()
      .toBuffer(),
    'cmyk.jpg': await samplePicture(width, height, 25).toColourspace('cmyk').jpeg().toBuffer(),
    'grey.jpg': await samplePicture(width, height, 26).greyscale().jpeg().toBuffer(),
    'animated.gif': await joined().gif().toBuffer(),
    'animated.webp': await joined().webp().toBuffer(),
    'pages.tif': await joined().tiff().toBuffer(),
    'alpha.png': await sharp(rgb, { raw: { width, height, channels: 3 } })
      .ensureAlpha(0.5)
      .png()
      .toBuffer(),
    [`it's "quoted"\n 写真 é.jpg`]: await picture(27),
    'scan[1]': await picture(28),
  };
  for (const [name, bytes] of Object.entries(good)) write(folder, name, bytes);

  const { report, dataset } = await imported({ paths: [folder, path.join(folder, 'not-there')] });
  expect(
    Object.fromEntries(report.refused.map(({ path: file, error }) => [path.basename(file), error.code])),
  ).toEqual({
    'truncated.jpg': 'image_truncated',
    'empty.jpg': 'file_empty',
    'text.jpg': 'not_an_image',
    'one-pixel.png': 'image_too_small',
    'not-there': 'file_not_found',
  });
  for (const { error } of report.refused) expect(error.hint).not.toBe('');
  expect(report.added.map((added) => path.basename(added.path)).toSorted()).toEqual(
    Object.keys(good).toSorted(),
  );
  expect(dataset.items).toBe(Object.keys(good).length);
  const { items } = await datasets.reading.items(dataset.id, {}, { offset: 0, limit: 100 });
  for (const item of items) expect(item, item.sourcePath).toMatchObject({ width, height });
});

test('a photograph of 200 megapixels is imported', async () => {
  const { imported, datasets } = await setUpDatasets();
  const file = path.join(temporaryFolder(), 'large.jpg');
  const background = { r: 90, g: 99, b: 20 };
  await sharp({ create: { width: 20_000, height: 10_000, channels: 3, background } })
    .jpeg()
    .toFile(file);
  const { dataset } = await imported({ paths: [file] });
  const { items } = await datasets.reading.items(dataset.id, {}, { offset: 0, limit: 1 });
  expect(items[0]).toMatchObject({ width: 20_000, height: 10_000, bytes: statSync(file).size });
});

test('the same bytes are taken once, and the report says where they came from first', async () => {
  const { imported } = await setUpDatasets();
  const folder = temporaryFolder();
  const bytes = await picture(1);
  const first = write(folder, 'a.jpg', bytes);
  const copy = write(folder, 'b.jpg', bytes);
  const { report } = await imported({ paths: [folder] });
  expect(report.added).toEqual([{ path: first, sha256: hashOf(bytes) }]);
  expect(report.duplicates).toEqual([{ path: copy, sha256: hashOf(bytes), sameAs: first }]);
  const again = await imported({ paths: [first], label: 'simulated' });
  expect(again.report).toMatchObject({ added: [], duplicates: [{ path: first, sameAs: first }] });
  expect(again.dataset).toMatchObject({ items: 1, labels: { real: 1, simulated: 0 } });
  const other = await imported({ paths: [first], dataset: 'Others' });
  expect(other.report.added).toHaveLength(1);
});

test('a file named twice, or below two named folders, is looked at once', async () => {
  const { imported } = await setUpDatasets();
  const folder = temporaryFolder();
  const file = write(folder, 'a.jpg', await picture(1));
  const { report } = await imported({ paths: [file, folder, path.join(folder, '.', 'a.jpg')] });
  expect(report).toMatchObject({ added: [{ path: file }], duplicates: [], refused: [] });
});

test.skipIf(process.platform === 'win32')(
  'a loop of links ends, and a link to nowhere is refused',
  async () => {
    const { imported } = await setUpDatasets();
    const folder = temporaryFolder();
    mkdirSync(path.join(folder, 'inner'));
    write(folder, 'inner/a.jpg', await picture(1));
    symlinkSync(folder, path.join(folder, 'inner', 'up'));
    symlinkSync(path.join(folder, 'inner'), path.join(folder, 'again'));
    symlinkSync(path.join(folder, 'nowhere'), path.join(folder, 'broken.jpg'));
    symlinkSync('self.jpg', path.join(folder, 'self.jpg'));
    const { report } = await imported({ paths: [folder] });
    expect(report.added).toHaveLength(1);
    expect(report.duplicates).toEqual([]);
    const refused = report.refused
      .map(({ path: file, error }) => [path.basename(file), error.code])
      .toSorted();
    expect(refused).toEqual([
      ['broken.jpg', 'file_not_found'],
      ['self.jpg', 'file_unreadable'],
    ]);
  },
);

test('a folder that disappears during the import: what is gone is named, what was taken in stays', async () => {
  const { datasets, jobs } = await setUpDatasets();
  const folder = temporaryFolder();
  const inner = path.join(folder, 'inner');
  mkdirSync(inner);
  for (let index = 0; index < 20; index++) write(inner, `${index}.jpg`, await picture(index));
  const { jobId } = await datasets.transfer.import({ paths: [inner], dataset: 'Photographs', label: 'real' });
  for await (const job of jobs.watch(jobId))
    if ((job.progress?.done ?? 0) >= 2) {
      rmSync(inner, { recursive: true, force: true });
      break;
    }
  const job = await jobs.wait(jobId);
  if (job.kind !== 'import' || job.result === null) throw new Error(JSON.stringify(job));
  const { added, refused } = job.result;
  expect(added.length).toBeGreaterThanOrEqual(2);
  expect(refused.length).toBeGreaterThan(0);
  expect(added.length + refused.length).toBe(20);
  for (const { error } of refused)
    expect(['file_not_found', 'file_unreadable', 'image_damaged']).toContain(error.code);
  expect(refused.at(-1)?.error).toMatchObject({
    code: 'file_not_found',
    message: expect.stringContaining('its folder disappeared during the import'),
  });
  expect((await datasets.reading.get('Photographs')).items).toBe(added.length);
  for (const { sha256 } of added)
    expect((await datasets.reading.freeze('Photographs')).photographs.some((p) => p.sha256 === sha256)).toBe(
      true,
    );
});

test('a cancelled import keeps and reports what it took in', async () => {
  const { datasets, jobs } = await setUpDatasets();
  const folder = temporaryFolder();
  for (let index = 0; index < 30; index++) write(folder, `${index}.jpg`, await picture(index));
  const { jobId } = await datasets.transfer.import({
    paths: [folder],
    dataset: 'Photographs',
    label: 'real',
  });
  for await (const job of jobs.watch(jobId)) if ((job.progress?.done ?? 0) >= 2) break;
  const job = await jobs.cancel(jobId);
  if (job.kind !== 'import' || job.result === null) throw new Error(JSON.stringify(job));
  expect(job.state).toBe('cancelled');
  expect(job.result.added.length).toBeGreaterThanOrEqual(2);
  expect(job.result.added.length).toBeLessThan(30);
  expect(job.result.refused).toEqual([]);
  expect((await datasets.reading.get('Photographs')).items).toBe(job.result.added.length);
});

test('where nothing that was named is there, the job fails and no dataset is made', async () => {
  const { runImport, datasets } = await setUpDatasets();
  const folder = temporaryFolder();
  const missing = await runImport({ paths: [path.join(folder, 'gone')] });
  expect(missing).toMatchObject({ state: 'failed', error: { code: 'file_not_found' } });
  const empty = await runImport({ paths: [folder] });
  expect(empty).toMatchObject({
    state: 'failed',
    error: { code: 'file_not_found', message: `There is no file in ${folder}.` },
  });
  expect(await datasets.reading.list()).toEqual([]);
});

test('a file that changes between being looked at and being copied is refused', async () => {
  const { imported, workspace } = await setUpDatasets();
  const file = write(temporaryFolder(), 'a.jpg', await picture(1));
  const putFile = workspace.blobs.putFile.bind(workspace.blobs);
  workspace.blobs.putFile = (...request) => {
    appendFileSync(file, 'more');
    return putFile(...request);
  };
  const { report } = await imported({ paths: [file] });
  expect(report.added).toEqual([]);
  expect(report.refused).toMatchObject([
    { error: { code: 'file_unreadable', message: `${file} changed while it was read.` } },
  ]);
});

test('what concerns the workspace ends the import, and what was taken in stays', async () => {
  const { runImport, workspace, datasets } = await setUpDatasets();
  const folder = temporaryFolder();
  for (let index = 0; index < 4; index++) write(folder, `${index}.jpg`, await picture(index));
  const putFile = workspace.blobs.putFile.bind(workspace.blobs);
  workspace.blobs.putFile = (source, ...rest) =>
    source.endsWith('2.jpg')
      ? Promise.reject(Object.assign(new Error('no space left on device'), { code: 'ENOSPC' }))
      : putFile(source, ...rest);
  expect(await runImport({ paths: [folder] })).toMatchObject({
    state: 'failed',
    error: { code: 'disk_full' },
  });
  expect((await datasets.reading.get('Photographs')).items).toBe(2);
});

test('a scene that this program rendered is known again when it comes back as a file', async () => {
  const { imported, workspace } = await setUpDatasets();
  const folder = temporaryFolder();
  for await (const { name, bytes } of renderScenes({ count: 1, seed: 3, width: 96, height: 80 }))
    write(folder, name, bytes);
  const { dataset, report } = await imported({ paths: [folder] });
  expect(report.added).toHaveLength(1);
  expect(dataset.rendered).toBe(true);
  const { rendered } = await workspace.db.selectFrom('pictures').select('rendered').executeTakeFirstOrThrow();
  expect(rendered).toBe(1);
});

test('pictures of one folder, or of one camera, are one group and stand on one side of every split', async () => {
  const folder = temporaryFolder();
  for (const [index, name] of ['a/1.jpg', 'a/2.jpg', 'a/inner/3.jpg', 'b/4.jpg'].entries()) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    const camera = index === 3 ? {} : { IFD0: { Make: 'Acme', Model: index === 0 ? 'Acme One' : 'Two' } };
    write(
      folder,
      name,
      await samplePicture(96, 80, index * 17)
        .withExif(camera)
        .jpeg()
        .toBuffer(),
    );
  }
  const top = path.basename(folder);
  const groups = {
    folder: [`folder:${top}/a`, `folder:${top}/a`, `folder:${top}/a/inner`, `folder:${top}/b`],
    camera: [
      'camera:Acme One',
      'camera:Acme Two',
      'camera:Acme Two',
      expect.stringMatching(/^[0-9a-f]{64}$/),
    ],
  };
  for (const groupBy of ['folder', 'camera'] as const) {
    const { imported, datasets } = await setUpDatasets();
    const { dataset } = await imported({ paths: [folder], groupBy });
    const { items } = await datasets.reading.items(dataset.id, {}, { offset: 0, limit: 100 });
    expect(items.map(({ group }) => group)).toEqual(groups[groupBy]);
    const splits = new Map(items.map(({ group, split }) => [group, split]));
    for (const { group, split } of items) expect(split).toBe(splits.get(group));
  }
});
