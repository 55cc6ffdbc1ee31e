/** Where stored files lie: moving them elsewhere and back, and a folder that is not there. */
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { BackupService } from '#features/backups/backup.service.ts';
import { JobRepository } from '#features/jobs/job.repository.ts';
import { JobService } from '#features/jobs/job.service.ts';
import { RetentionService } from '#features/retention/retention.service.ts';
import { StoredFilesService } from '#features/stored-files/stored-files.service.ts';
import { VerificationService } from '#features/verification/verification.service.ts';
import type { MovedFiles } from '#contract/stored-files.ts';
import { filesOf } from '#storage/move-files.ts';
import { Workspace } from '#storage/workspace.ts';
import { failureOf } from '#tests/support/app-error.ts';
import { recordedEntries } from '#tests/support/recorded-entries.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';

async function open(folder: string, files?: string) {
  const workspace = await Workspace.open(folder, { holder: 'the tests', files });
  onTestFinished(() => workspace.close());
  const jobs = new JobService(new JobRepository(workspace.db));
  const stored = new StoredFilesService({ workspace, jobs });
  const move = async (to: string | null): Promise<MovedFiles> => {
    const job = await jobs.wait((await stored.move(to)).jobId);
    if (job.kind !== 'move-files' || job.state !== 'done') throw new Error(JSON.stringify(job));
    return job.result!;
  };
  const verify = () => new VerificationService({ workspace, jobs }).verify();
  return { workspace, jobs, stored, move, verify };
}

/** A workspace with so many files, and a folder elsewhere. */
async function setUp(count = 40) {
  const base = temporaryFolder();
  const [folder, disk] = [path.join(base, 'workspace'), path.join(base, 'disk')];
  mkdirSync(disk);
  const opened = await open(folder);
  const hashes: string[] = [];
  for (let i = 0; i < count; i++) {
    const bytes = Buffer.alloc(5000, `file ${i} `);
    hashes.push((await opened.workspace.blobs.put(bytes, 'image/png', i % 2 ? 'original' : 'derived')).hash);
  }
  return { ...opened, base, folder, disk, files: path.join(disk, 'files'), hashes: hashes.toSorted() };
}
const named = async (folder: string): Promise<string[]> => (await filesOf(folder)).map(({ hash }) => hash);

test('all files move into another folder, are found there from then on, and leave nothing behind', async () => {
  const { move, stored, workspace, folder, files, hashes, verify } = await setUp();
  expect(await move(files)).toEqual({ folder: files, files: 40, bytes: 200_000, damaged: [] });
  expect(await named(files)).toEqual(hashes);
  expect(existsSync(path.join(folder, 'blobs'))).toBe(false);
  expect(await stored.where()).toEqual({ folder: files, own: false, freeBytes: expect.any(Number) });
  expect(recordedEntries(workspace).slice(-2)).toMatchObject([
    { action: 'storage.moved', payload: { from: path.join(folder, 'blobs'), to: files, files: 40 } },
    { action: 'storage.old-files-removed' },
  ]);
  const { hash } = await workspace.blobs.put(Buffer.from('later'), 'text/plain', 'derived');
  expect(existsSync(path.join(files, hash.slice(0, 2), hash))).toBe(true);
  expect(await verify()).toMatchObject({ ok: true, checked: { blobs: 41 } });
  expect(new RetentionService(workspace).plan().stored.files).toBe(41);
  await workspace.close();

  const again = await open(folder);
  expect(again.workspace.readOnly).toBeNull();
  expect(await again.verify()).toMatchObject({ ok: true, checked: { blobs: 41 } });
  expect(await again.move(null)).toMatchObject({ files: 41 });
  expect(await named(path.join(folder, 'blobs'))).toEqual([...hashes, hash].toSorted());
  expect(existsSync(files)).toBe(false);
  expect(await again.verify()).toMatchObject({ ok: true, findings: [] });
});

test('a move that is stopped leaves everything where it was, and goes on without copying again', async () => {
  const { stored, jobs, move, workspace, files, hashes } = await setUp(200);
  const { jobId } = await stored.move(files);
  for await (const job of jobs.watch(jobId)) if ((job.progress?.done ?? 0) > 0) void jobs.cancel(jobId);
  expect((await jobs.get(jobId)).state).toBe('cancelled');
  const copied = await named(files);
  expect(copied.length).toBeGreaterThan(0);
  expect(copied.length).toBeLessThan(200);
  for (const hash of hashes) await workspace.blobs.verify(hash);
  const inode = (hash: string) => statSync(path.join(files, hash.slice(0, 2), hash)).ino;
  const before = copied.map(inode);
  // One of those was damaged on the new disk meanwhile.
  writeFileSync(path.join(files, copied[0]!.slice(0, 2), copied[0]!), Buffer.alloc(5000, 'x'));
  await move(files);
  expect(copied.slice(1).map(inode)).toEqual(before.slice(1));
  for (const hash of hashes) await workspace.blobs.verify(hash);
});

test('a move into a folder where a program was killed while it marked it goes on', async () => {
  const { move, workspace, files, hashes } = await setUp();
  mkdirSync(files);
  writeFileSync(path.join(files, 'pentimento-files.json.next'), '{"id":');
  expect(await move(files)).toMatchObject({ folder: files, files: 40 });
  expect(await named(files)).toEqual(hashes);
  writeFileSync(path.join(files, 'pentimento-files.json.next'), '{"id":');
  await move(null);
  expect(existsSync(files)).toBe(false);
  expect(workspace.settings.get('files')).toBeNull();
});

test('old files that a killed program had removed already are noted as removed at the next opening', async () => {
  const { move, workspace, folder, files } = await setUp();
  await move(files);
  const place = workspace.settings.get('files')!;
  const from = path.join(folder, 'blobs');
  mkdirSync(from);
  await workspace.db
    .transaction()
    .execute((transaction) => workspace.settings.set(transaction, 'files', { ...place, from }));
  await workspace.close();
  const again = await open(folder);
  expect(again.workspace.settings.get('files')).toEqual({ ...place, from: null });
  expect(existsSync(from)).toBe(false);
});

test('a file that is damaged already moves as it is and is named', async () => {
  const { move, workspace, files, hashes, verify } = await setUp(3);
  writeFileSync(workspace.blobs.pathOf(hashes[1]!), Buffer.alloc(5000, 'x'));
  expect(await move(files)).toMatchObject({ files: 3, damaged: [hashes[1]] });
  expect((await verify()).findings).toEqual([
    expect.objectContaining({ area: 'blobs', message: expect.stringContaining(hashes[1]!) }),
  ]);
});

test('a place that is no place for them is refused, and so is a move while anything else goes on', async () => {
  const { stored, jobs, workspace, folder, disk, files } = await setUp(2);
  const codes = async (...places: (string | null)[]) =>
    Promise.all(places.map(async (to) => (await failureOf(stored.move(to))).code));
  expect(await codes(null, path.join(folder, 'runs', 'x'), folder)).toEqual(Array(3).fill('invalid_input'));
  writeFileSync(path.join(disk, 'letter.txt'), 'mine');
  const refused = await jobs.wait((await stored.move(disk)).jobId);
  expect(refused).toMatchObject({ state: 'failed', error: { code: 'invalid_input' } });
  expect(readdirSync(disk)).toEqual(['letter.txt']);

  const staged = await workspace.blobs.stage(Buffer.from('uploaded'), 'text/plain', 'original');
  const busy = await jobs.wait((await stored.move(files)).jobId);
  expect(busy).toMatchObject({ state: 'failed', error: { code: 'workspace_busy' } });
  await workspace.blobs.discard([staged]);
  expect((await stored.where()).own).toBe(true);
});

test('where the folder is not there the workspace opens for reading, changes nothing, and is told where it lies now', async () => {
  const { move, workspace, base, folder, files } = await setUp(3);
  await move(files);
  await workspace.close();
  const elsewhere = path.join(base, 'elsewhere');
  renameSync(files, elsewhere);
  // As an empty mount point.
  mkdirSync(files);
  for (const there of [true, false]) {
    if (!there) rmSync(files, { recursive: true });
    const { workspace: reading, verify, stored } = await open(folder);
    expect(reading.readOnly?.message).toMatch(
      there ? /it does not hold the files of this workspace/ : /The folder of its files, .+, is not there/,
    );
    expect(reading.readOnly?.hint).toContain('--found-at');
    expect((await failureOf(reading.blobs.put(Buffer.from('x'), 'text/plain', 'derived'))).code).toBe(
      'workspace_not_writable',
    );
    expect(readdirSync(base).toSorted()).toEqual(['disk', 'elsewhere', 'workspace']);
    if (!there) {
      expect((await verify()).findings).toEqual([
        expect.objectContaining({ message: `The folder of the stored files, ${files}, is not there.` }),
      ]);
      expect(await stored.where()).toEqual({ folder: files, own: false, freeBytes: null });
      expect(new RetentionService(reading).plan().files).toBe(0);
    }
    await reading.close();
  }
  const wrong = Workspace.open(folder, { holder: 'the tests', files: path.join(base, 'disk') });
  expect((await failureOf(wrong)).code).toBe('files_missing');
  const found = await open(folder, elsewhere);
  expect(found.workspace.readOnly).toBeNull();
  expect(await found.verify()).toMatchObject({ ok: true, checked: { blobs: 3 } });
  await found.workspace.close();
  expect((await open(folder)).workspace.readOnly).toBeNull();
});

test('a workspace that is itself moved finds its files, and a copy of it does not take them', async () => {
  const { move, workspace, base, folder, files } = await setUp(3);
  await move(files);
  await workspace.close();
  const copy = path.join(base, 'copy');
  cpSync(folder, copy, { recursive: true });
  const { workspace: copied } = await open(copy);
  expect(copied.readOnly?.message).toContain(
    `belong to the workspace ${folder}, of which this one is a copy`,
  );
  await copied.close();
  const moved = path.join(base, 'moved');
  renameSync(folder, moved);
  const opened = await open(moved);
  expect(opened.workspace.readOnly).toBeNull();
  expect(await opened.verify()).toMatchObject({ ok: true, checked: { blobs: 3 } });
});

test('a workspace from a backup gets files of its own', async () => {
  const { move, workspace, base, files, hashes } = await setUp(3);
  await move(files);
  const backups = new BackupService(workspace);
  const target = path.join(base, 'restored');
  await backups.restore((await backups.create()).name, target);
  const restored = await open(target);
  expect(await restored.stored.where()).toMatchObject({ own: true });
  expect(await named(path.join(target, 'blobs'))).toEqual(hashes);
  expect(await restored.verify()).toMatchObject({ ok: true, checked: { blobs: 3 } });
  expect(workspace.readOnly).toBeNull();
});
