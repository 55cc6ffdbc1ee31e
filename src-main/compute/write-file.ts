/** Writing a file so that it is either whole under its name or not there. */
import { open, rename, rm } from 'node:fs/promises';

/** Writes to a neighbour, flushes it to the disk, and renames. Leaves nothing behind where it fails. */
export async function writeFileWhole(path: string, bytes: Uint8Array): Promise<void> {
  const temporary = `${path}.partial`;
  try {
    const file = await open(temporary, 'w');
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
