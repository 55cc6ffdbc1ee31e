/** The SHA-256 of a file's bytes, read a piece at a time. The file is only read. */
import { createHash } from 'node:crypto';
import { constants, createReadStream } from 'node:fs';
import { AppError } from '#contract/errors.ts';

/** A file is read in pieces of so many bytes: larger ones cost small files more in memory than they save large ones. */
export const pieceBytes = 1 << 16;

/**
 * Lower-case hexadecimal. Never waits, should the file be a pipe.
 * @throws the system's error where it cannot be read; AppError `cancelled`
 */
export async function hashFile(path: string, options: { signal?: AbortSignal } = {}): Promise<string> {
  const digest = createHash('sha256');
  const flags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);
  // Streams take the number as it is, whatever their types say.
  const pieces = createReadStream(path, { flags: flags as unknown as string, highWaterMark: pieceBytes });
  for await (const piece of pieces) {
    if (options.signal?.aborted) throw new AppError('cancelled', 'Hashing was stopped.');
    digest.update(piece as Buffer);
  }
  return digest.digest('hex');
}
