/**
 * Writes a dataset as files, in a folder or in one zip file:
 *
 * ```
 * FOLDER/
 *   manifest.csv              one line a picture, as `manifestSources` reads it
 *   dataset.json              name, version and hashes of the whole
 *   pictures/<sha256>.jpg
 *   masks/<sha256>.png
 * ```
 *
 * Imported again, a zip unpacked before, it gives the same items: bytes, labels, splits, groups, categories, masks, licences and sources.
 */
import path from 'node:path';
import type { ExportReport } from '#contract/dataset.ts';
import { AppError } from '#contract/errors.ts';
import type { JobContext } from '#features/jobs/job.service.ts';
import type { BlobStore } from '#storage/blob-store.ts';
import type { ItemRow } from './dataset.repository.ts';
import { manifestName, openTarget, type ExportTarget } from './export-target.ts';

export type ExportedVersion = {
  dataset: { id: string; name: string; rendered: boolean };
  version: number;
  manifestHash: string;
  contentHash: string;
  items: readonly ItemRow[];
};

const extensions: Record<string, string> = {
  'image/jpeg': 'jpg',
  'image/png': 'png',
  'image/webp': 'webp',
  'image/tiff': 'tif',
  'image/avif': 'avif',
  'image/gif': 'gif',
};

/**
 * Every file is hashed while it is written. Ended early by `signal` it throws, and leaves what it wrote without a manifest; of
 * a zip, nothing.
 * @param place a new or empty folder, or a file that ends in `.zip`
 * Errors: `invalid_input` where the folder holds something or the zip is there, `evidence_changed`, `cancelled`, `disk_full`.
 */
export async function exportDataset(
  version: ExportedVersion,
  place: string,
  work: { blobs: BlobStore; context: JobContext },
): Promise<ExportReport> {
  const target = await openTarget(place);
  try {
    return await writeDataset(version, target, work);
  } catch (error) {
    await target.discard();
    throw error;
  }
}

async function writeDataset(
  { dataset, version, manifestHash, contentHash, items }: ExportedVersion,
  target: ExportTarget,
  { blobs, context: { progress, signal } }: { blobs: BlobStore; context: JobContext },
): Promise<ExportReport> {
  const written = new Map<string, string>();
  const put = async (hash: string, kind: 'pictures' | 'masks'): Promise<string> => {
    const known = written.get(`${kind} ${hash}`);
    if (known !== undefined) return known;
    const blob = await blobs.find(hash);
    const name = `${kind}/${hash}.${extensions[blob?.mediaType ?? ''] ?? 'bin'}`;
    await target.file(name, hash, (await blobs.open(hash)).stream);
    written.set(`${kind} ${hash}`, name);
    return name;
  };
  const lines = [
    ['path', 'label', 'mask', 'category', 'group', 'split', 'licence', 'source', 'sha256', 'mask_sha256'],
  ];
  for (const [index, item] of items.entries()) {
    if (signal.aborted) throw new AppError('cancelled', 'The export was stopped.');
    progress({ done: index, total: items.length, label: path.basename(item.source_path) });
    const picture = await put(item.sha256, 'pictures');
    const mask = item.mask === null ? '' : await put(item.mask, 'masks');
    lines.push([
      ...[picture, item.label, mask, item.category ?? '', item.group_key, item.split, item.licence ?? ''],
      ...[item.source_path, item.sha256, item.mask ?? ''],
    ]);
  }
  const facts = {
    name: dataset.name,
    rendered: dataset.rendered,
    version,
    manifest_hash: manifestHash,
    content_hash: contentHash,
    items: items.length,
  };
  await target.text('dataset.json', `${JSON.stringify(facts, null, 2)}\n`);
  await target.text(manifestName, lines.map((fields) => `${fields.map(quoted).join(',')}\n`).join(''));
  const manifest = await target.finish();
  const masks = [...written.keys()].filter((key) => key.startsWith('masks ')).length;
  return { datasetId: dataset.id, dataset: dataset.name, version, manifest, items: items.length, masks };
}

/** As RFC 4180 has it; always in quotes, so that nothing of a field is lost. */
const quoted = (field: string): string => `"${field.replaceAll('"', '""')}"`;
