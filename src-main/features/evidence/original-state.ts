/** Whether an item's original is still what was taken in: its bytes are hashed again. It is only read. */
import { stat } from 'node:fs/promises';
import type { EvidenceState } from '#contract/evidence.ts';
import { AppError, type ErrorCode } from '#contract/errors.ts';
import { shownPath } from '#compute/decoding/decode-photograph.ts';
import type { BlobStore } from '#storage/blob-store.ts';
import { hashFile } from '#storage/hash-file.ts';
import type { EvidenceRow } from './evidence.repository.ts';

export type OriginalState = { state: EvidenceState; reason: string | null };
type Subject = Pick<EvidenceRow, 'storage' | 'blob' | 'sha256' | 'source_path'>;

/** Where the original lies: a file of the blob store, or where it was found. */
export const originalPath = (blobs: BlobStore, item: Subject): string =>
  item.storage === 'copy' ? blobs.pathOf(item.sha256) : item.source_path;

/** Errors: `cancelled`, `files_missing`; whatever else is wrong with the original is the answer. */
export async function originalState(
  blobs: BlobStore,
  item: Subject,
  options: { signal?: AbortSignal } = {},
): Promise<OriginalState> {
  if (item.storage === 'copy' && item.blob === null)
    return { state: 'missing', reason: 'Only its hash came with the bundle that it was in.' };
  const path = originalPath(blobs, item);
  const shown = item.storage === 'copy' ? 'its copy in the workspace' : shownPath(path);
  try {
    if (!(await stat(path)).isFile())
      return { state: 'unreadable', reason: `At ${shown} there is something other than a file.` };
    const found = await hashFile(path, options);
    if (found === item.sha256) return { state: 'intact', reason: null };
    return { state: 'changed', reason: `The bytes of ${shown} now have the SHA-256 ${found}.` };
  } catch (error) {
    if (error instanceof AppError) throw error;
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (item.storage === 'copy') blobs.expectFolder();
    if (code === 'ENOENT' || code === 'ENOTDIR')
      return { state: 'missing', reason: `There is no file at ${shown}.` };
    const message = error instanceof Error ? error.message : String(error);
    return { state: 'unreadable', reason: `${shown} cannot be read: ${message}.` };
  }
}

const codes: Record<Exclude<EvidenceState, 'intact'>, ErrorCode> = {
  changed: 'evidence_changed',
  missing: 'evidence_missing',
  unreadable: 'evidence_unreadable',
};

/** Why an item may not be analysed. */
export const blocked = (name: string, { state, reason }: OriginalState): AppError =>
  new AppError(
    state === 'intact' ? 'internal' : codes[state],
    `The original of ${shownPath(name)} is ${state}: ${reason ?? ''}`,
  );
