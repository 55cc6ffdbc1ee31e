/** Lists, exports and other workspaces: what goes out comes back as it was, and what is hostile is refused by name. */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { openPromise } from 'yauzl';
import type { DatasetItem, ImportReport } from '#contract/dataset.ts';
import type { Job } from '#contract/job.ts';
import { failureOf } from '#tests/support/app-error.ts';
import { recordedEntries } from '#tests/support/recorded-entries.ts';
import { patchPicture, write } from '#tests/support/sample-files.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';
import { setUpDatasets } from './dataset-set-up.ts';

type SetUp = Awaited<ReturnType<typeof setUpDatasets>>;
const hashOf = (file: string): string => createHash('sha256').update(readFileSync(file)).digest('hex');

function reportOf(job: Job): ImportReport {
  if (job.kind !== 'import' || job.result === null) throw new Error(JSON.stringify(job));
  return job.result;
}
async function importList(
  { datasets, jobs }: SetUp,
  manifest: string,
  dataset = 'Photographs',
): Promise<Job> {
  return jobs.wait((await datasets.transfer.importManifest({ manifest, dataset })).jobId);
}
async function exported({ datasets, jobs }: SetUp, folder: string, version?: number): Promise<string> {
  const job = await jobs.wait((await datasets.transfer.export('Photographs', folder, version)).jobId);
  if (job.kind !== 'export' || job.result === null) throw new Error(JSON.stringify(job));
  return job.result.manifest;
}
async function itemsOf({ datasets }: SetUp, dataset = 'Photographs'): Promise<DatasetItem[]> {
  return (await datasets.reading.items(dataset, {}, { offset: 0, limit: 500 })).items;
}
/** All that an item says of itself, without what belongs to a workspace. */
const said = (items: DatasetItem[]): object[] =>
  items.map((item) => {
    const own = { id: '', datasetId: '', addedAt: 0, evidenceReason: null };
    return { ...item, ...own };
  });

/** Pictures of all kinds, with everything that can be said of them, hard words included. */
async function filled(): Promise<SetUp> {
  const set = await setUpDatasets();
  const folder = temporaryFolder();
  const masks = temporaryFolder();
  write(folder, '1.jpg', await patchPicture(1).jpeg().toBuffer());
  write(folder, '2, "two"\n.png', await patchPicture(2).png().toBuffer());
  write(folder, '3.webp', await patchPicture(3).webp().toBuffer());
  await set.imported({ paths: [folder], category: ' =1+1, "x"\ny ', licence: 'CC BY 4.0, © Müller' });
  const fakes = temporaryFolder();
  for (const seed of [4, 5, 6]) write(fakes, `${seed}.tif`, await patchPicture(seed).tiff().toBuffer());
  write(masks, '4.png', await patchPicture(44).greyscale().png().toBuffer());
  const { dataset } = await set.imported({ paths: [fakes], label: 'simulated', masks });
  const [first, second] = await itemsOf(set);
  await set.datasets.editing.edit({
    dataset: dataset.id,
    items: { ids: [first!.id, second!.id] },
    change: { kind: 'group', group: 'camera "A", second' },
  });
  return set;
}

test('what was exported is imported elsewhere as it was: bytes, labels, splits, groups, masks, licences, sources', async () => {
  const set = await filled();
  const before = await itemsOf(set);
  const folder = path.join(temporaryFolder(), 'out');
  const manifest = await exported(set, folder);
  expect(readdirSync(folder).toSorted()).toEqual(['dataset.json', 'manifest.csv', 'masks', 'pictures']);
  for (const name of readdirSync(path.join(folder, 'pictures')))
    expect(name.split('.')[0]).toBe(hashOf(path.join(folder, 'pictures', name)));
  const facts = JSON.parse(readFileSync(path.join(folder, 'dataset.json'), 'utf8')) as object;
  const { manifestHash } = await set.datasets.reading.get('Photographs');
  expect(facts).toMatchObject({ name: 'Photographs', version: 1, items: 6, manifest_hash: manifestHash });
  expect(recordedEntries(set.workspace).at(-1)).toMatchObject({
    action: 'dataset.exported',
    payload: { folder, items: 6 },
  });

  const other = await setUpDatasets();
  const report = reportOf(await importList(other, manifest));
  expect(report).toMatchObject({ duplicates: [], refused: [], moved: [] });
  expect(said(await itemsOf(other))).toEqual(said(before));
  expect((await other.datasets.reading.get('Photographs')).manifestHash).toBe(manifestHash);
  const again = path.join(temporaryFolder(), 'again');
  await exported(other, again);
  expect(readFileSync(path.join(again, 'manifest.csv'), 'utf8')).toBe(readFileSync(manifest, 'utf8'));
});

test('an export as one zip holds what the folder holds, and one that cannot be finished leaves nothing', async () => {
  const set = await filled();
  const base = temporaryFolder();
  const [folder, zip] = [path.join(base, 'out'), path.join(base, 'out.zip')];
  await exported(set, folder);
  expect(await exported(set, zip)).toBe(zip);
  const unpacked = new Map<string, string>();
  const opened = await openPromise(zip, { autoClose: false });
  for await (const entry of opened.eachEntry()) {
    const digest = createHash('sha256');
    for await (const piece of await opened.openReadStreamPromise(entry)) digest.update(piece as Buffer);
    unpacked.set(entry.fileName, digest.digest('hex'));
  }
  opened.close();
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) =>
    statSync(path.join(folder, name)).isFile(),
  );
  expect(unpacked).toEqual(new Map(files.map((name) => [name, hashOf(path.join(folder, name))])));
  expect([...unpacked.keys()].at(-1)).toBe('manifest.csv');

  const again = await set.jobs.wait((await set.datasets.transfer.export('Photographs', zip)).jobId);
  expect(again).toMatchObject({ state: 'failed', error: { code: 'invalid_input' } });
  const [item] = await itemsOf(set);
  writeFileSync(set.workspace.blobs.pathOf(item!.sha256), Buffer.alloc(item!.bytes));
  const other = path.join(base, 'other.zip');
  const changed = await set.jobs.wait((await set.datasets.transfer.export('Photographs', other)).jobId);
  expect(changed).toMatchObject({ state: 'failed', error: { code: 'evidence_changed' } });
  expect(readdirSync(base).toSorted()).toEqual(['out', 'out.zip']);
});

test('a version that a run used is exported as it was then', async () => {
  const set = await filled();
  const before = await itemsOf(set);
  await set.datasets.reading.freeze('Photographs');
  await set.datasets.editing.edit({
    dataset: 'Photographs',
    items: {},
    change: { kind: 'label', label: 'unlabelled' },
  });
  const manifest = await exported(set, path.join(temporaryFolder(), 'out'), 1);
  const other = await setUpDatasets();
  reportOf(await importList(other, manifest));
  expect(said(await itemsOf(other))).toEqual(said(before));
});

test('an export into a folder that holds something writes nothing', async () => {
  const set = await filled();
  const folder = temporaryFolder();
  write(folder, 'mine.txt', 'mine');
  const job = await set.jobs.wait((await set.datasets.transfer.export('Photographs', folder)).jobId);
  expect(job).toMatchObject({ state: 'failed', error: { code: 'invalid_input' } });
  expect(readdirSync(folder)).toEqual(['mine.txt']);
});

test('a dataset of another workspace is taken over as it is, and that workspace is left as it was', async () => {
  const source = await filled();
  const before = await itemsOf(source);
  const { folder } = source.workspace;
  await source.workspace.close();
  const look = (): unknown =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => path.join(entry.parentPath, entry.name))
      .toSorted()
      .map((file) => [file, statSync(file).mtimeMs, hashOf(file)]);
  const untouched = look();

  const target = await setUpDatasets();
  const take = async (from: string): Promise<Job> => {
    const request = { workspace: folder, from, dataset: 'Taken over' };
    return target.jobs.wait((await target.datasets.transfer.importWorkspace(request)).jobId);
  };
  expect(await take('none')).toMatchObject({
    state: 'failed',
    error: { code: 'not_found', hint: expect.stringContaining('"Photographs"') },
  });
  const report = reportOf(await take('Photographs'));
  expect(report).toMatchObject({ refused: [], duplicates: [], moved: [] });
  expect(said(await itemsOf(target, 'Taken over'))).toEqual(said(before));
  expect(look()).toEqual(untouched);

  // One of its files no longer has the bytes that it was taken in with.
  const changed = before[0]!.sha256;
  writeFileSync(
    path.join(folder, 'blobs', changed.slice(0, 2), changed),
    await patchPicture(77).jpeg().toBuffer(),
  );
  const second = await setUpDatasets();
  const request = { workspace: folder, from: 'Photographs', dataset: 'Taken over' };
  const job = await second.jobs.wait((await second.datasets.transfer.importWorkspace(request)).jobId);
  expect(reportOf(job).refused).toMatchObject([
    { path: before[0]!.sourcePath, error: { code: 'evidence_changed' } },
  ]);
  expect(reportOf(job).added).toHaveLength(before.length - 1);
});

test('a folder that is no workspace, and the workspace that is open, are refused', async () => {
  const set = await filled();
  const attempt = async (workspace: string): Promise<Job> =>
    set.jobs.wait(
      (await set.datasets.transfer.importWorkspace({ workspace, from: 'Photographs', dataset: 'x' })).jobId,
    );
  expect(await attempt(temporaryFolder())).toMatchObject({ error: { code: 'file_not_found' } });
  expect(await attempt(set.workspace.folder)).toMatchObject({ error: { code: 'invalid_input' } });
  const foreign = temporaryFolder();
  write(
    foreign,
    'workspace.sqlite',
    'these are only words, and many of them, so that it is long enough to be looked at: '.repeat(3),
  );
  expect(await attempt(foreign)).toMatchObject({ error: { code: 'workspace_damaged' } });
});

describe('a list', () => {
  const folderWith = async (csv: string | Uint8Array): Promise<string> => {
    const folder = temporaryFolder();
    for (const seed of [1, 2, 3]) write(folder, `${seed}.png`, await patchPicture(seed).png().toBuffer());
    return write(folder, 'list.csv', csv);
  };

  test('gives each picture its label, group, category, split, licence and mask', async () => {
    const set = await setUpDatasets();
    const manifest = await folderWith(
      '\ufeffLicence, Path ,label,split,group,category,mask,remark\r\n' +
        'CC0,1.png,real,test,cam,day,,left alone\r\n,2.png,simulated,validation,,,m/2.png,\r\n\r\n,3.png,reference,,cam,,,\r\n',
    );
    mkdirSync(path.join(path.dirname(manifest), 'm'));
    write(path.dirname(manifest), 'm/2.png', await patchPicture(9).greyscale().png().toBuffer());
    expect(reportOf(await importList(set, manifest)).refused).toEqual([]);
    expect(await itemsOf(set)).toMatchObject([
      { label: 'real', split: 'test', group: 'cam', category: 'day', licence: 'CC0', mask: null },
      { label: 'simulated', split: 'validation', category: null, mask: expect.any(String) },
      { label: 'reference', split: 'test', group: 'cam', licence: null },
    ]);
  });

  test.each([
    ['without a needed column', 'path,kind\n1.png,real\n', /no column "label"/],
    ['with a column twice', 'path,label,Label\n1.png,real,real\n', /two columns "label"/],
    ['with a line of another length', 'path,label\n1.png,real,more\n', /line 2/],
    ['with an open quote', 'path,label\n"1.png,real\n', /Quote/],
    ['with a line as long as a book', `path,label\n${'x'.repeat(70_000)},real\n`, /Max Record Size/],
    ['in UTF-16', Buffer.from('path,label\n1.png,real\n', 'utf16le'), /not text/],
    ['in Latin-1', Buffer.from('path,label\nö.png,real\n', 'latin1'), /UTF-8/],
    ['that is a picture', Uint8Array.from([0x89, 0x50, 0x4e, 0x47]), /UTF-8/],
    ['without lines', 'path,label\n', /lists no picture/],
    ['that is empty', '', /lists no picture/],
  ])('%s is refused as a whole, and no dataset is made', async (_, csv, message) => {
    const set = await setUpDatasets();
    const job = await importList(set, await folderWith(csv));
    expect(job).toMatchObject({
      state: 'failed',
      error: { code: 'invalid_input', message: expect.stringMatching(message) },
    });
    expect(await set.datasets.reading.list()).toEqual([]);
  });

  test('of more bytes than a list has is refused without being read', async () => {
    const set = await setUpDatasets();
    const manifest = await folderWith(Buffer.alloc((64 << 20) + 1, 'a'));
    expect(await importList(set, manifest)).toMatchObject({ error: { code: 'invalid_input' } });
    expect(await importList(set, `${manifest}.none`)).toMatchObject({ error: { code: 'file_not_found' } });
    expect(await importList(set, path.dirname(manifest))).toMatchObject({ error: { code: 'invalid_input' } });
  });

  test('has its bad lines refused one by one, and the others taken in', async () => {
    const set = await setUpDatasets();
    const outside = write(temporaryFolder(), 'secret.png', await patchPicture(8).png().toBuffer());
    const manifest = await folderWith(
      [
        'path,label,mask,split,group,sha256',
        `1.png,real,,train,a,${'0'.repeat(64)}`,
        '2.png,real,,train,a,',
        '3.png,real,,test,a,',
        'none.png,real,,,,',
        ',real,,,,',
        '3.png,fake,,,,',
        '3.png,real,,holdout,,',
        '../secret.png,real,,,,',
        `${outside},real,,,,`,
        'link.png,real,,,,',
        '3.png,real,../mask.png,,,',
        '3.png,real,,,,',
      ].join('\n'),
    );
    symlinkSync(outside, path.join(path.dirname(manifest), 'link.png'));
    const report = reportOf(await importList(set, manifest));
    const messages = report.refused.map(({ error }) => `${error.code}: ${error.message}`);
    expect(messages).toHaveLength(10);
    for (const pattern of [
      /^evidence_changed: .*1\.png/,
      /^split_conflict: Line 4: the group "a"/,
      /^file_not_found: .*none\.png/,
      /^invalid_input: Line 6: the path is empty/,
      /^invalid_input: Line 7: the label must be one of/,
      /^invalid_input: Line 8: the split must be one of/,
      /^invalid_input: \.\.\/secret\.png leads out/,
      /^invalid_input: \/.*secret\.png leads out/,
      /^invalid_input: link\.png leads out/,
      /^invalid_input: \.\.\/mask\.png leads out/,
    ])
      expect(
        messages.filter((message) => pattern.test(message)),
        String(pattern),
      ).toHaveLength(1);
    expect(report.added.map(({ path: file }) => path.basename(file))).toEqual(['2.png', '3.png']);
  });
});

test('while an import adds to a dataset, nothing else changes its items', async () => {
  const set = await filled();
  const folder = temporaryFolder();
  for (let seed = 20; seed < 30; seed++)
    write(folder, `${seed}.png`, await patchPicture(seed).png().toBuffer());
  const { jobId } = await set.datasets.transfer.import({
    paths: [folder],
    dataset: 'Photographs',
    label: 'real',
  });
  const { id } = await set.datasets.reading.get('Photographs');
  for await (const job of set.jobs.watch(jobId))
    if (set.datasets.transfer.isImporting(id)) {
      const edit = { dataset: id, items: {}, change: { kind: 'licence', licence: 'MIT' } } as const;
      expect(await failureOf(set.datasets.editing.edit(edit))).toMatchObject({ code: 'dataset_busy' });
      expect(await failureOf(set.datasets.editing.undo(id))).toMatchObject({ code: 'dataset_busy' });
      break;
    } else expect(job.endedAt).toBeNull();
  await set.jobs.wait(jobId);
  expect((await set.datasets.editing.undo(id)).dataset.items).toBe(6);
});
