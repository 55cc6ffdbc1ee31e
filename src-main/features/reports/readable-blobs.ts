/** Stored files as a report reads them: only bytes that have the hash that names them. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';

export interface ReadableBlobs {
  /** Null where the file is gone, cannot be read, or has other bytes. */
  read(hash: string): Promise<Uint8Array | null>;
}

/** @param pathOf where the file of a hash should lie */
export const readableBlobs = (pathOf: (hash: string) => string): ReadableBlobs => ({
  async read(hash) {
    const bytes = await readFile(pathOf(hash)).catch(() => null);
    return bytes && createHash('sha256').update(bytes).digest('hex') === hash ? bytes : null;
  },
});
