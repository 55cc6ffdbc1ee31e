/** Whether a file still holds the bytes that were taken in. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { AppError } from '#contract/errors.ts';

/**
 * @param name what errors call the file
 * @throws AppError `evidence_changed` where the file is not what was taken in, `file_unreadable` where it cannot be read
 */
export async function verifyFile(path: string, sha256: string, name = path): Promise<void> {
  const digest = createHash('sha256');
  await pipeline(createReadStream(path), digest).catch((cause: unknown) => {
    throw new AppError('file_unreadable', `${name} cannot be read.`, { cause });
  });
  const found = digest.digest('hex');
  if (found !== sha256)
    throw new AppError('evidence_changed', `The file ${name} now has the hash ${found}.`, {
      details: { expected: sha256, found },
    });
}
