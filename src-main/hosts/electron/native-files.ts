/**
 * The native libraries that lie beside the archive, checked at the start: the archive's integrity does not cover them, its
 * list of their hashes does. Nothing of them is loaded before.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { AppError } from '#contract/errors.ts';
import { sha256 } from '#contract/common.ts';

const list = z.record(z.string(), sha256);

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}

/**
 * @param listFile `native-files.json` in the archive: hashes by path @param folder what was unpacked beside it
 * @throws AppError `program_changed` where a file is missing, is another, or was added
 */
export async function checkNativeFiles(listFile: string, folder: string): Promise<void> {
  const listed = list.parse(JSON.parse(await readFile(listFile, 'utf8')));
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const there = entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(folder.length + 1)
        .split(sep)
        .join('/'),
    );
  const refuse = (path: string, what: string): never => {
    throw new AppError('program_changed', `${path} ${what}.`);
  };
  for (const path of there) if (!(path in listed)) refuse(path, 'is no part of the program');
  for (const [path, hash] of Object.entries(listed)) {
    if (!there.includes(path)) refuse(path, 'is missing');
    if ((await hashOf(join(folder, path))) !== hash)
      refuse(path, 'is not the file that the program was packed with');
  }
}
