/**
 * Writes a dataset as files:
 *
 * ```
 * FOLDER/
 *   manifest.csv              one line a picture, as `manifestSources` reads it
 *   dataset.json              name, version and hashes of the whole
 *   pictures/<sha256>.jpg
 *   masks/<sha256>.png
 * ```
 *
 * Imported again, it gives the same items: bytes, labels, splits, groups, categories, masks, licences and sources.
 */
import { createHash } from 'node:crypto';
import { mkdir, open, readdir } from 'node:fs/promises';
import path from 'node:path';
import type { ExportReport } from '#contract/dataset.ts';
import { AppError } from '#contract/errors.ts';
import { writeFileWhole } from '#compute/write-file.ts';
import type { JobContext } from '#features/jobs/job.service.ts';
import type { BlobStore } from '#storage/blob-store.ts';
import type { ItemRow } from './dataset.repository.ts';

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
 * Every file is hashed while it is written. Ended early by `signal` it throws, and leaves what it wrote without a manifest.
 * Errors: `invalid_input` where the folder holds something, `evidence_changed`, `cancelled`, `disk_full`.
 */
export async function exportDataset(
  { dataset, version, manifestHash, contentHash, items }: ExportedVersion,
  folder: string,
  { blobs, context: { progress, signal } }: { blobs: BlobStore; context: JobContext },
): Promise<ExportReport> {
  await prepareFolder(folder);
  const written = new Map<string, string>();
  const put = async (hash: string, kind: 'pictures' | 'masks'): Promise<string> => {
    const known = written.get(`${kind} ${hash}`);
    if (known !== undefined) return known;
    const blob = await blobs.find(hash);
    const name = `${kind}/${hash}.${extensions[blob?.mediaType ?? ''] ?? 'bin'}`;
    await copyVerified(blobs, hash, path.join(folder, name));
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
  await writeFileWhole(path.join(folder, 'dataset.json'), Buffer.from(`${JSON.stringify(facts, null, 2)}\n`));
  const manifest = path.join(folder, 'manifest.csv');
  await writeFileWhole(
    manifest,
    Buffer.from(lines.map((fields) => `${fields.map(quoted).join(',')}\n`).join('')),
  );
  const masks = [...written.keys()].filter((key) => key.startsWith('masks ')).length;
  return { datasetId: dataset.id, dataset: dataset.name, version, manifest, items: items.length, masks };
}

async function prepareFolder(folder: string): Promise<void> {
  await mkdir(path.join(folder), { recursive: true });
  if ((await readdir(folder)).length > 0)
    throw new AppError('invalid_input', `${folder} is not empty.`, {
      hint: 'Name a new folder, or an empty one.',
    });
  await mkdir(path.join(folder, 'pictures'));
  await mkdir(path.join(folder, 'masks'));
}

async function copyVerified(blobs: BlobStore, hash: string, target: string): Promise<void> {
  const { stream } = await blobs.open(hash);
  const digest = createHash('sha256');
  const file = await open(target, 'wx');
  try {
    for await (const piece of stream) {
      digest.update(piece as Buffer);
      await file.writeFile(piece as Buffer);
    }
    await file.sync();
  } finally {
    await file.close();
  }
  const found = digest.digest('hex');
  if (found !== hash)
    throw new AppError('evidence_changed', `The stored file ${hash} now has the hash ${found}.`, {
      details: { expected: hash, found },
    });
}

/** As RFC 4180 has it; always in quotes, so that nothing of a field is lost. */
const quoted = (field: string): string => `"${field.replaceAll('"', '""')}"`;
