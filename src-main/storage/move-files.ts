/**
 * Copies the files of a store into another folder, and takes the old ones away after the workspace knows the new place.
 * A file is there under its name only when it is whole, and was read again as it lies there: what a killed program left is
 * gone on with.
 */
import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, rmdir, stat, statfs } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '#contract/errors.ts';
import { syncFolder } from './blob-store.ts';
import { removeMark } from './file-home.ts';
import { hashFile, pieceBytes } from './hash-file.ts';

export type StoredFile = { hash: string; bytes: number };
/** What was copied until now; calling again with it copies only what came since. */
export type CopiedFiles = { bytes: number; done: Set<string>; damaged: string[] };
export type CopyContext = {
  signal: AbortSignal;
  progress: (update: { done: number; total: number; label: string }) => void;
};

/** Copied at once, because each is flushed to the disk. */
const atOnce = 16;

const placeOf = (folder: string, hash: string): string => path.join(folder, hash.slice(0, 2), hash);

/** Every file of the store in `folder`, with a row in the database or without. */
export async function filesOf(folder: string): Promise<StoredFile[]> {
  const prefixes = (await readdir(folder)).filter((name) => /^[0-9a-f]{2}$/.test(name)).toSorted();
  const files: StoredFile[] = [];
  for (const prefix of prefixes)
    for (const hash of (await readdir(path.join(folder, prefix))).toSorted())
      if (/^[0-9a-f]{64}$/.test(hash) && hash.startsWith(prefix))
        files.push({ hash, bytes: (await stat(path.join(folder, prefix, hash))).size });
  return files;
}

/**
 * Copies what `to` does not have yet, bit for bit; what is damaged already is copied as it is and named.
 * Errors: `disk_full`, `cancelled`, `workspace_damaged` where what was written is not what was read, those of the disk.
 */
export async function copyFiles(
  from: string,
  to: string,
  copied: CopiedFiles,
  { signal, progress }: CopyContext,
): Promise<void> {
  const files = (await filesOf(from)).filter(({ hash }) => !copied.done.has(hash));
  const total = copied.done.size + files.length;
  await rm(incomingOf(to), { recursive: true, force: true });
  await mkdir(incomingOf(to), { recursive: true });
  await refuseFullDisk(files, to);
  for (let at = 0; at < files.length; at += atOnce) {
    if (signal.aborted)
      throw new AppError('cancelled', 'Moving was stopped; started again, it goes on from here.');
    const some = files.slice(at, at + atOnce);
    const sound = await Promise.all(some.map(({ hash }) => copyOne(from, to, hash)));
    const folders = new Set(some.map(({ hash }) => path.dirname(placeOf(to, hash))));
    await Promise.all([...folders].map(syncFolder));
    for (const [index, { hash, bytes }] of some.entries()) {
      copied.done.add(hash);
      copied.bytes += bytes;
      if (!sound[index]) copied.damaged.push(hash);
    }
    progress({ done: copied.done.size, total, label: some.at(-1)!.hash });
  }
  await syncFolder(to);
}

/**
 * Removes from `from` what `to` has; `false` where something could not be removed now. The folder itself stays: one that is
 * not there cannot be told from one whose disk is away, so it goes after the workspace has noted that it is empty.
 */
export async function removeOldFiles(from: string, to: string): Promise<boolean> {
  try {
    for (const { hash, bytes } of await filesOf(from)) {
      const copy = await stat(placeOf(to, hash)).catch(() => null);
      if (copy?.size === bytes) await rm(placeOf(from, hash));
    }
    await rm(incomingOf(from), { recursive: true, force: true });
    removeMark(from);
    for (const name of await readdir(from))
      if (/^[0-9a-f]{2}$/.test(name)) await removeEmpty(path.join(from, name));
    return true;
  } catch {
    return false;
  }
}

/** A folder that holds something stays. */
export const removeEmpty = (folder: string): Promise<void> => rmdir(folder).catch(() => undefined);

/** Answers with whether the file is what its name says. */
async function copyOne(from: string, to: string, hash: string): Promise<boolean> {
  const target = placeOf(to, hash);
  if ((await hashFile(target).catch(() => null)) === hash) return true;
  const temporary = path.join(incomingOf(to), randomUUID());
  const digest = createHash('sha256');
  const file = await open(temporary, 'wx', 0o644);
  try {
    for await (const piece of createReadStream(placeOf(from, hash), { highWaterMark: pieceBytes })) {
      digest.update(piece as Buffer);
      await file.writeFile(piece as Buffer);
    }
    await file.sync();
  } finally {
    await file.close();
  }
  const read = digest.digest('hex');
  if ((await hashFile(temporary)) !== read)
    throw new AppError('workspace_damaged', `What was written to ${to} is not what was read.`, {
      hint: 'Look after that disk; the files are where they were.',
    });
  await mkdir(path.dirname(target), { recursive: true });
  await rename(temporary, target);
  return read === hash;
}

async function refuseFullDisk(files: readonly StoredFile[], to: string): Promise<void> {
  let needed = 0;
  for (const { hash, bytes } of files)
    if ((await stat(placeOf(to, hash)).catch(() => null))?.size !== bytes) needed += bytes;
  const { bavail, bsize } = await statfs(to);
  if (bavail * bsize < needed)
    throw new AppError('disk_full', `${to} needs ${needed} bytes, and ${bavail * bsize} are free.`);
}

const incomingOf = (folder: string): string => path.join(folder, 'incoming');
