/** Taking pictures into a case: by copy, by reference, as bytes; what is refused, and that originals stay as they are. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { batchSize, readAhead } from '#features/evidence/intake.ts';
import { failureOf } from '#tests/support/app-error.ts';
import { cutOff, samplePicture, write } from '#tests/support/sample-files.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';
import { setUpEvidence, sha256Of, stateOfFolder, writePictures } from './evidence-set-up.ts';

test.each(['copy', 'reference'] as const)(
  'a folder is taken in by %s: hashes, facts, thumbnails, labels and log, and its files are untouched',
  async (storage) => {
    const { cases, takeIn, items, evidence, workspace } = await setUpEvidence();
    const { id } = await cases.create({ name: 'Doe' });
    const folder = temporaryFolder();
    mkdirSync(path.join(folder, 'sub'));
    await writePictures(folder, 2);
    await writePictures(path.join(folder, 'sub'), 1, 10);
    const before = stateOfFolder(folder);
    expect(await takeIn([folder], storage)).toMatchObject({ added: 3, duplicates: 0, refused: 0 });
    expect(stateOfFolder(folder)).toEqual(before);

    const taken = await items(id);
    expect(taken.map((item) => item.sourcePath)).toEqual(
      ['0.png', '1.png', 'sub/10.png'].map((name) => path.join(folder, name)),
    );
    for (const item of taken) {
      const facts = { caseId: id, format: 'png', width: 96, height: 80, state: 'intact', storage };
      expect(item).toMatchObject({ ...facts, name: path.basename(item.sourcePath), verdict: null });
      expect(item.sha256).toBe(sha256Of(item.sourcePath));
      expect(await workspace.blobs.find(item.thumbnail)).toMatchObject({ kind: 'derived' });
      const original = await workspace.blobs.find(item.sha256);
      expect(original?.kind).toBe(storage === 'copy' ? 'original' : undefined);
      const { derived } = await evidence.get(item.id);
      const label = { tool: 'Pentimento thumbnail', toolVersion: '1.2.3', sourceSha256: item.sha256 };
      expect(derived).toMatchObject([{ ...label, purpose: 'thumbnail', blob: item.thumbnail }]);
      const entries = workspace.sqlite
        .prepare('SELECT action, payload FROM audit_log WHERE subject_id = ?')
        .all(item.id) as { action: string; payload: string }[];
      expect(entries.map((entry) => entry.action)).toEqual(['evidence.taken-in']);
      expect(JSON.parse(entries[0]!.payload)).toMatchObject({ sha256: item.sha256, storage });
    }
  },
);

test('each item is taken in once: the same bytes are named as a duplicate with where they came from', async () => {
  const { cases, takeIn, items } = await setUpEvidence();
  const { id } = await cases.create({ name: 'Doe' });
  const folder = temporaryFolder();
  const [first] = await writePictures(folder, 1);
  const twin = write(folder, 'twin.png', await samplePicture(96, 80, 0).png().toBuffer());
  expect(await takeIn([folder])).toMatchObject({
    added: 1,
    duplicates: 1,
    duplicateList: [{ path: twin, sameAs: first }],
  });
  expect(await takeIn([folder])).toMatchObject({ added: 0, duplicates: 2 });
  expect(await items(id)).toHaveLength(1);
  const other = await cases.create({ name: 'Roe' });
  expect(await takeIn([folder], 'copy', 'Roe')).toMatchObject({ added: 1, duplicates: 1 });
  expect(await items(other.id)).toHaveLength(1);
});

test('what is no whole picture is refused with its reason, and the rest is taken in', async () => {
  const { cases, takeIn, items } = await setUpEvidence();
  const { id } = await cases.create({ name: 'Doe' });
  const folder = temporaryFolder();
  await writePictures(folder, 1);
  write(folder, 'a.txt', 'no picture');
  write(folder, 'b.jpg', '');
  cutOff(write(folder, 'c.png', await samplePicture(96, 80, 3).png().toBuffer()));
  write(folder, 'd.zip', 'PK\u0003\u0004 and more');
  execFileSync('mkfifo', [path.join(folder, 'e.png')]);
  symlinkSync(path.join(folder, 'nowhere'), path.join(folder, 'f.png'));
  write(folder, 'line\nbreak.png', 'x');
  const report = await takeIn([folder]);
  expect(report).toMatchObject({ added: 1, duplicates: 0, refused: 7 });
  const reasons = Object.fromEntries(
    report.refusedList.map(({ path: file, error }) => [path.basename(file), error.code]),
  );
  expect(reasons).toEqual({
    'a.txt': 'not_an_image',
    'b.jpg': 'file_empty',
    'c.png': 'image_truncated',
    'd.zip': 'not_an_image',
    'e.png': 'file_unreadable',
    'f.png': 'file_not_found',
    'line\nbreak.png': 'not_an_image',
  });
  expect(await items(id)).toHaveLength(1);
});

test('a case that is closed, or not there, takes nothing in', async () => {
  const { cases, evidence } = await setUpEvidence();
  const { id } = await cases.create({ name: 'Doe' });
  await cases.edit(id, { status: 'closed' });
  const request = { paths: ['/'], storage: 'copy' as const };
  expect(await failureOf(evidence.takeIn({ ...request, case: 'Doe' }))).toMatchObject({
    code: 'case_not_open',
  });
  expect(await failureOf(evidence.takeIn({ ...request, case: 'Poe' }))).toMatchObject({ code: 'not_found' });
});

test('a cancelled intake keeps whole items, leaves nothing half-written, and can be started again', async () => {
  const { cases, evidence, jobs, takeIn, items, workspace } = await setUpEvidence();
  const { id } = await cases.create({ name: 'Doe' });
  const folder = temporaryFolder();
  await writePictures(folder, 120);
  const { jobId } = await evidence.takeIn({ paths: [folder], case: 'Doe', storage: 'copy' });
  for await (const job of jobs.watch(jobId)) if ((job.progress?.done ?? 0) > 0) void jobs.cancel(jobId);
  const job = await jobs.wait(jobId);
  expect(job.state).toBe('cancelled');
  const taken = await items(id);
  expect(job.result).toMatchObject({ added: taken.length });
  expect(taken.length).toBeGreaterThan(0);
  expect(taken.length).toBeLessThan(120);
  for (const { hash } of await workspace.db.selectFrom('blobs').select('hash').execute())
    await workspace.blobs.verify(hash);
  expect(readdirSync(path.join(workspace.folder, 'blobs', 'incoming'))).toEqual([]);
  expect(await takeIn([folder])).toMatchObject({ added: 120 - taken.length, duplicates: taken.length });
});

test('bytes from a clipboard are taken in under the name they are given, and hostile names are only names', async () => {
  const { cases, evidence, workspace } = await setUpEvidence();
  await cases.create({ name: 'Doe' });
  const bytes = await samplePicture(96, 80, 5).png().toBuffer();
  const stream = async function* (): AsyncGenerator<Uint8Array> {
    yield bytes.subarray(0, 100);
    yield bytes.subarray(100);
  };
  const first = await evidence.takeBytes('Doe', '..\\..\\etc/clip.png', stream());
  expect(first).toMatchObject({
    duplicate: false,
    item: { name: 'clip.png', sourcePath: 'clip.png', modifiedAt: null, storage: 'copy' },
  });
  expect(Buffer.from(await workspace.blobs.read(first.item.sha256))).toEqual(bytes);
  const again = await evidence.takeBytes('Doe', 'other.png', stream());
  expect(again).toEqual({ item: first.item, duplicate: true });
  const text = async function* (): AsyncGenerator<Uint8Array> {
    yield Buffer.from('no picture');
  };
  expect(await failureOf(evidence.takeBytes('Doe', '', text()))).toMatchObject({
    code: 'not_an_image',
    message: 'unnamed is not a picture: it holds text.',
  });
  expect(await workspace.db.selectFrom('blobs').select('hash').execute()).toHaveLength(2);
});

test('dates that the file tells are kept as it tells them', async () => {
  const { cases, takeIn, items } = await setUpEvidence();
  const { id } = await cases.create({ name: 'Doe' });
  const dated = await sharp(await samplePicture(96, 80, 1).jpeg().toBuffer())
    .withExif({
      IFD0: { DateTime: '2024:05:01 12:30:00' },
      IFD2: {
        DateTimeOriginal: '2024:04:30 23:59:59',
        OffsetTimeOriginal: '+02:00',
        DateTimeDigitized: '0000:00:00 00:00:00',
      },
    })
    .jpeg()
    .toBuffer();
  const folder = temporaryFolder();
  write(folder, 'a.jpg', dated);
  await takeIn([folder]);
  expect((await items(id))[0]?.embeddedDates).toEqual([
    { source: 'EXIF DateTimeOriginal', value: '2024-04-30T23:59:59+02:00' },
    { source: 'EXIF DateTime', value: '2024-05-01T12:30:00' },
  ]);
});

test('the same bytes give an item its original back that had lost it', async () => {
  const { cases, evidence, takeIn, items, result, actions } = await setUpEvidence();
  const { id } = await cases.create({ name: 'Doe' });
  const folder = temporaryFolder();
  const [file] = await writePictures(folder, 1);
  await takeIn([folder], 'reference');
  const moved = path.join(folder, 'moved.png');
  renameSync(file!, moved);
  await result('evidence-check', evidence.check({ case: 'Doe' }));
  expect(await items(id)).toMatchObject([{ state: 'missing', sourcePath: file }]);
  expect(await takeIn([folder], 'reference')).toMatchObject({ added: 0, duplicates: 1 });
  expect(await items(id)).toMatchObject([
    { state: 'intact', stateReason: null, sourcePath: moved, storage: 'reference' },
  ]);
  rmSync(moved);
  writeFileSync(moved, 'other bytes');
  await result('evidence-check', evidence.check({ case: 'Doe' }));
  expect((await actions()).slice(-4)).toEqual([
    'case.evidence-checked',
    'evidence.restored',
    'evidence.state-changed',
    'case.evidence-checked',
  ]);
});

test('an intake into a case that is closed meanwhile ends, and puts away what it had prepared', async () => {
  const { cases, evidence, jobs, items, workspace } = await setUpEvidence();
  const { id } = await cases.create({ name: 'Doe' });
  const folder = temporaryFolder();
  // More than two batches, so that pictures are being prepared when the second cannot be written.
  await writePictures(folder, batchSize * 2 + readAhead + 1);
  const { jobId } = await evidence.takeIn({ paths: [folder], case: 'Doe', storage: 'copy' });
  let closed = false;
  for await (const job of jobs.watch(jobId))
    if (!closed && (job.progress?.done ?? 0) > 0) {
      closed = true;
      void cases.edit(id, { status: 'closed' });
    }
  expect(await jobs.get(jobId)).toMatchObject({ state: 'failed', error: { code: 'case_not_open' } });
  expect(readdirSync(path.join(workspace.folder, 'blobs', 'incoming'))).toEqual([]);
  const taken = await items(id);
  expect(taken.length).toBeGreaterThan(0);
  for (const { sha256 } of taken) await workspace.blobs.verify(sha256);
});

test('a paused intake takes nothing more in, goes on where it stopped, and can be ended while it waits', async () => {
  const { cases, evidence, jobs, items } = await setUpEvidence();
  const { id } = await cases.create({ name: 'Doe' });
  const folder = temporaryFolder();
  await writePictures(folder, batchSize * 2);
  for (const ending of ['resumed', 'cancelled', 'closed'] as const) {
    const { jobId } = await evidence.takeIn({ paths: [folder], case: 'Doe', storage: 'copy' });
    await jobs.pause(jobId);
    for await (const job of jobs.watch(jobId)) if (job.state === 'paused') break;
    // The first is paused before it begins; those after it find everything there.
    const before = await items(id);
    expect(before).toHaveLength(ending === 'resumed' ? 0 : batchSize * 2);
    expect((await jobs.get(jobId)).state).toBe('paused');
    if (ending === 'cancelled') await jobs.cancel(jobId);
    else if (ending === 'closed') await jobs.close();
    else await jobs.resume(jobId);
    const states = { resumed: 'done', cancelled: 'cancelled', closed: 'interrupted' };
    expect(await jobs.wait(jobId)).toMatchObject({ state: states[ending] });
    expect(await items(id)).toHaveLength(batchSize * 2);
  }
});

test('an intake that is paused in the middle has written what it took, and takes each picture once', async () => {
  const { cases, evidence, jobs, items } = await setUpEvidence();
  const { id } = await cases.create({ name: 'Doe' });
  const folder = temporaryFolder();
  const count = batchSize * 2 + readAhead;
  await writePictures(folder, count);
  const { jobId } = await evidence.takeIn({ paths: [folder], case: 'Doe', storage: 'copy' });
  for await (const job of jobs.watch(jobId)) {
    if (job.state === 'running' && (job.progress?.done ?? 0) > 0) await jobs.pause(jobId);
    if (job.state === 'paused') break;
  }
  const taken = (await items(id)).length;
  expect(taken).toBeGreaterThan(0);
  expect(taken).toBeLessThan(count);
  await jobs.resume(jobId);
  const job = await jobs.wait(jobId);
  expect(job).toMatchObject({ state: 'done', result: { added: count, duplicates: 0, refused: 0 } });
  expect(await items(id)).toHaveLength(count);
});
