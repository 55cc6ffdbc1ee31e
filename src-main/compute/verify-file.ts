/** Whether a file still holds the bytes that were taken in. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { AppError } from '#contract/errors.ts';

/** The SHA-256 of a file's bytes, lower-case hexadecimal. @throws the system's error where it cannot be read */
export async function hashOfFile(path: string): Promise<string> {
  const digest = createHash('sha256');
  await pipeline(createReadStream(path), digest);
  return digest.digest('hex');
}

/** @throws AppError `evidence_changed` where the file is not what was taken in, `file_unreadable` where it cannot be read */
export async function verifyFile(path: string, sha256: string): Promise<void> {
  const found = await hashOfFile(path).catch((cause: unknown) => {
    throw new AppError('file_unreadable', `${path} cannot be read.`, { cause });
  });
  if (found !== sha256)
    throw new AppError('evidence_changed', `The file ${path} now has the hash ${found}.`, {
      details: { expected: sha256, found },
    });
}
