/** Writes a case as a bundle. Originals are hashed before they are copied into it; one that is not intact goes without. */
import type { BundleManifest } from '#contract/bundle.ts';
import { AppError } from '#contract/errors.ts';
import type { ProgressUpdate } from '#features/jobs/progress-meter.ts';
import { originalPath, originalState } from '#features/evidence/original-state.ts';
import type { BlobStore } from '#storage/blob-store.ts';
import type { BundleRow } from './bundle-layout.ts';
import { BundleWriter } from './bundle-writer.ts';
import type { CaseSnapshot } from './case-snapshot.ts';
import { hashesIn } from './check-rows.ts';

type Context = { signal: AbortSignal; progress: (update: ProgressUpdate) => void };
export type WrittenBundle = {
  manifest: Omit<BundleManifest, 'files'>;
  manifestSha256: string;
  bytes: number;
};

/**
 * Errors: `invalid_input` where `target` is there already, `evidence_changed` where a derived file or a model is not what
 * was stored, `disk_full`, `cancelled`; nothing is left behind then.
 */
export async function exportBundle(
  snapshot: CaseSnapshot,
  blobs: BlobStore,
  target: string,
  options: { hashesOnly: boolean; programVersion: string },
  context: Context,
): Promise<WrittenBundle> {
  const now = Date.now();
  const writer = await BundleWriter.create(target, now);
  try {
    const { id, name } = snapshot.case();
    const { rows, absent } = await addFiles(writer, snapshot, blobs, options.hashesOnly, context);
    await writer.rows('files', rows);
    await writer.rows('case', [snapshot.case()]);
    const counts = {
      evidence: await writer.rows('evidence', snapshot.evidence()),
      derived: await writer.rows('derived', snapshot.derived()),
      verdicts: await writer.rows('verdicts', snapshot.verdicts()),
      analyses: await writer.rows('analyses', snapshot.analyses()),
      reviews: await writer.rows('reviews', snapshot.reviews()),
      audit: await writer.rows('audit', snapshot.audit()),
    };
    await writer.rows('models', snapshot.models());
    const manifest = {
      format: 'pentimento-case-bundle' as const,
      version: 1 as const,
      programVersion: options.programVersion,
      createdAt: now,
      case: { id, name },
      contents: options.hashesOnly ? ('hashes-only' as const) : ('originals' as const),
      counts,
      absent,
    };
    return { manifest, ...(await writer.finish(manifest)) };
  } catch (error) {
    await writer.discard();
    throw AppError.from(error);
  }
}

async function addFiles(
  writer: BundleWriter,
  snapshot: CaseSnapshot,
  blobs: BlobStore,
  hashesOnly: boolean,
  { signal, progress }: Context,
): Promise<{ rows: BundleRow<'files'>[]; absent: BundleManifest['absent'] }> {
  const derived = derivedHashes(snapshot);
  const items = [...snapshot.evidence()].map(
    ({ id, sha256, storage, blob, source_path, bytes, media_type }) => ({
      ...{ id, sha256, storage, blob, source_path, bytes, media_type },
    }),
  );
  const rows = new Map<string, BundleRow<'files'>>();
  const absent: BundleManifest['absent'] = [];
  const total = derived.size + (hashesOnly ? 0 : items.length);
  const tell = (label: string): void => {
    if (signal.aborted) throw new AppError('cancelled', 'The bundle was stopped; nothing of it was kept.');
    progress({ done: rows.size + absent.length, total, label });
  };
  for (const item of hashesOnly ? [] : items) {
    tell(item.source_path);
    const { state } = await originalState(blobs, item, { signal });
    if (state !== 'intact') {
      absent.push({ id: item.id, sha256: item.sha256, state });
      continue;
    }
    await writer.file(item.sha256, originalPath(blobs, item), item.bytes);
    const { sha256: hash, bytes, media_type } = item;
    rows.set(hash, { hash, bytes, media_type, kind: 'original' });
  }
  for (const hash of derived) {
    if (rows.has(hash)) continue;
    tell(hash);
    const row = snapshot.file(hash);
    if (!row) throw new AppError('internal', `The file ${hash} is referred to and has no row.`);
    await writer.file(hash, blobs.pathOf(hash), row.bytes);
    rows.set(hash, row);
  }
  return { rows: [...rows.values()], absent };
}

/** What was made from the evidence, and the models that it was made with. */
function derivedHashes(snapshot: CaseSnapshot): Set<string> {
  const hashes = new Set<string>();
  for (const { thumbnail } of snapshot.evidence()) hashes.add(thumbnail);
  for (const { blob } of snapshot.derived()) hashes.add(blob);
  for (const { sha256 } of snapshot.models()) hashes.add(sha256);
  for (const { preview, maps } of snapshot.verdicts()) {
    hashes.add(preview);
    for (const hash of hashesIn(JSON.parse(maps))) hashes.add(hash);
  }
  for (const { maps, files } of snapshot.analyses())
    for (const hash of hashesIn([JSON.parse(maps), JSON.parse(files)])) hashes.add(hash);
  return hashes;
}
