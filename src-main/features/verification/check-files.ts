/** Hashes every file that the database vouches for: blobs and checkpoints. */
import path from 'node:path';
import { AppError } from '#contract/errors.ts';
import { hashFile } from '#storage/hash-file.ts';
import type { Workspace } from '#storage/workspace.ts';
import type { Findings } from './findings.ts';

export type FileStep = (files: number, bytes: number) => Promise<void>;

/** Reads each blob again from its first byte to its last. */
export async function checkBlobs(
  { db, blobs }: Workspace,
  findings: Findings,
  step: FileStep,
): Promise<{ blobs: number; bytes: number }> {
  const rows = await db.selectFrom('blobs').select(['hash', 'bytes', 'kind']).orderBy('hash').execute();
  let bytes = 0;
  try {
    blobs.expectFolder();
  } catch (error) {
    findings.error('blobs', AppError.from(error).message);
    return { blobs: 0, bytes };
  }
  for (const [index, row] of rows.entries()) {
    await step(index, bytes);
    try {
      await blobs.verify(row.hash);
    } catch (error) {
      const { message } = AppError.from(error);
      findings.error(
        'blobs',
        row.kind === 'original' ? `An original is not what was taken in: ${message}` : message,
      );
    }
    bytes += row.bytes;
  }
  return { blobs: rows.length, bytes };
}

/** Answers with how many were read. */
export async function checkCheckpoints(workspace: Workspace, findings: Findings): Promise<number> {
  const rows = await workspace.db
    .selectFrom('checkpoints')
    .select(['run_id', 'step', 'path', 'sha256'])
    .execute();
  for (const { run_id, step, path: name, sha256 } of rows) {
    const found = await hashFile(path.join(workspace.runFolder(run_id), name)).catch(() => null);
    if (found !== sha256)
      findings.error(
        'checkpoints',
        `The checkpoint of step ${step} of the run ${run_id} is ${found === null ? 'gone or cannot be read' : 'not the one that was written'}.`,
      );
  }
  return rows.length;
}
