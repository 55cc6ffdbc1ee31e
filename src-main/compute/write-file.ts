/** Writing a file so that it is either whole under its name or not there. */
import { randomUUID } from 'node:crypto';
import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '#contract/errors.ts';

/** Writes to a neighbour, flushes it to the disk, and has it put in its place. Leaves nothing behind where it fails. */
async function writeBeside(
  temporary: string,
  write: (file: FileHandle) => Promise<void>,
  settle: () => Promise<void>,
): Promise<void> {
  try {
    const file = await open(temporary, 'w');
    try {
      await write(file);
      await file.sync();
    } finally {
      await file.close();
    }
    await settle();
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

/** A file of the program's own; what a killed program left of it is written over the next time. */
export function writeFileWhole(target: string, bytes: Uint8Array): Promise<void> {
  const temporary = `${target}.partial`;
  return writeBeside(
    temporary,
    (file) => file.writeFile(bytes),
    () => rename(temporary, target),
  );
}

/**
 * A file that a person named, in place of one that is there.
 * @param settle is given what puts the file in its place, and may do so together with something else
 * @throws AppError `file_not_found` where the folder of `target` does not exist, `file_unreadable`, `disk_full`
 */
export async function writeNamedFile(
  target: string,
  write: (file: FileHandle) => Promise<void>,
  settle: (place: () => Promise<void>) => Promise<void> = (place) => place(),
): Promise<void> {
  const temporary = path.join(path.dirname(target), `.${path.basename(target)}.${randomUUID()}`);
  await writeBeside(temporary, write, () => settle(() => rename(temporary, target))).catch(
    (error: unknown) => {
      throw AppError.from(error);
    },
  );
}
