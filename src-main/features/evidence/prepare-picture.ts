/**
 * One picture on its way into a case: hashed, proven to be whole, with its thumbnail, before anything is written to the
 * database. By copy, what is examined is the copy, so that hash and facts speak of the same bytes.
 */
import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { EvidenceStorage } from '#contract/evidence.ts';
import { AppError } from '#contract/errors.ts';
import { shownPath } from '#compute/decoding/decode-photograph.ts';
import type { Examiner } from '#compute/decoding/examiner.ts';
import { thumbnailSide, type ExaminedPhotograph } from '#compute/decoding/examine-photograph.ts';
import type { BlobStore, StagedBlob } from '#storage/blob-store.ts';
import { hashFile } from '#storage/hash-file.ts';
import { newId } from '#storage/new-id.ts';
import { nameKey, searchText } from './evidence-mapping.ts';
import type { NewDerived, NewEvidence } from './evidence.repository.ts';

export type PreparedPicture = {
  item: NewEvidence;
  thumbnail: NewDerived;
  /** Its thumbnail and, by copy, its original. */
  staged: StagedBlob[];
};
/** Where a picture goes, and what decodes it. */
export type Into = {
  caseId: string;
  blobs: BlobStore;
  examiner: Examiner;
  programVersion: string;
  signal?: AbortSignal;
};

/**
 * The file at `file`, which is only read.
 * Errors: those of `Examiner.examine`, `disk_full`, `cancelled`.
 */
export async function prepareFile(
  file: string,
  storage: EvidenceStorage,
  into: Into,
): Promise<PreparedPicture> {
  const { blobs, examiner, signal } = into;
  const options = signal ? { signal } : {};
  const before = await stat(file).catch(() => null);
  if (storage === 'copy') {
    // So that what is no picture is not copied.
    const { mediaType } = await examiner.probe(file);
    const original = await blobs.stageFile(file, mediaType, 'original', options);
    return prepareStaged(original, { path: file, modifiedAt: before?.mtimeMs ?? null }, into);
  }
  const examined = await examiner.examine(file);
  const sha256 = await hashFile(file, options);
  const after = await stat(file).catch(() => null);
  if (before?.mtimeMs !== after?.mtimeMs || after?.size !== examined.bytes)
    throw new AppError('file_unreadable', `${shownPath(file)} changed while it was read.`, {
      hint: 'Take it in again when no other program writes it.',
    });
  const source = { path: file, modifiedAt: before?.mtimeMs ?? null };
  return describe({ hash: sha256, original: null }, source, examined, into);
}

/** A staged original, which is discarded where it is no good picture. `path` is what a person knows it by. */
export async function prepareStaged(
  original: StagedBlob,
  source: { path: string; modifiedAt: number | null },
  into: Into,
): Promise<PreparedPicture> {
  try {
    const examined = await into.examiner.examine(original.path, { name: source.path });
    const staged = { ...original, mediaType: examined.mediaType };
    return await describe({ hash: original.hash, original: staged }, source, examined, into);
  } catch (error) {
    await into.blobs.discard([original]);
    throw error;
  }
}

async function describe(
  { hash, original }: { hash: string; original: StagedBlob | null },
  source: { path: string; modifiedAt: number | null },
  examined: ExaminedPhotograph,
  { blobs, caseId, programVersion }: Into,
): Promise<PreparedPicture> {
  const thumbnail = await blobs.stage(examined.thumbnail, 'image/webp', 'derived');
  const now = Date.now();
  const id = newId(now);
  const words = { name: path.basename(source.path), source_path: source.path, notes: '' };
  const item: NewEvidence = {
    ...words,
    id,
    case_id: caseId,
    sha256: hash,
    storage: original ? 'copy' : 'reference',
    blob: original ? hash : null,
    name_key: nameKey(words.name),
    search_text: searchText(words),
    format: examined.format,
    media_type: examined.mediaType,
    bytes: examined.bytes,
    width: examined.width,
    height: examined.height,
    pixels: examined.width * examined.height,
    reading_notes: JSON.stringify(examined.notes),
    embedded_dates: JSON.stringify(examined.dates),
    modified_at: source.modifiedAt === null ? null : Math.floor(source.modifiedAt),
    thumbnail: thumbnail.hash,
    perceptual_hash: examined.perceptualHash,
    rendered: examined.rendered ? 1 : 0,
    tags: '[]',
    state: 'intact',
    state_reason: null,
    checked_at: now,
    verdict: null,
    score: null,
    taken_at: now,
  };
  const label: NewDerived = {
    case_id: caseId,
    evidence_id: id,
    blob: thumbnail.hash,
    purpose: 'thumbnail',
    tool: 'Pentimento thumbnail',
    tool_version: programVersion,
    parameters: JSON.stringify({ longestSide: thumbnailSide, format: 'webp' }),
    source_sha256: hash,
    created_at: now,
  };
  return { item, thumbnail: label, staged: original ? [original, thumbnail] : [thumbnail] };
}
