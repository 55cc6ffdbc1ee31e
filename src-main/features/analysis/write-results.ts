/** Writes the maps of results, and the files that were taken out of a picture, into a folder, for the command line. */
import { copyFile, mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { AnalysisResult } from '#contract/analysis.ts';
import { AppError } from '#contract/errors.ts';
import type { BlobStore } from '#storage/blob-store.ts';

const extensions: Record<string, string> = {
  'image/jpeg': 'jpg',
  'image/png': 'png',
  'image/tiff': 'tif',
  'application/json': 'json',
  'text/plain': 'txt',
};

/** Absolute paths by `<analysis>.<map or file>`. */
export type WrittenResults = { stem: string; maps: Record<string, string>; files: Record<string, string> };

/**
 * Writes `<picture>-<first 8 of its SHA-256>.<analysis>.<name>.<ext>` into `folder` (made where absent); files of that name are
 * replaced. The ranges and units of the maps stand in the results.
 * @throws AppError `file_unreadable` where the folder cannot be written, `disk_full`
 */
export async function writeResults(
  blobs: BlobStore,
  results: readonly AnalysisResult[],
  folder: string,
): Promise<WrittenResults> {
  const { path: picture, sha256 } = results[0]!;
  const name = path
    .parse(picture)
    .name.replaceAll(/[^\p{L}\p{N} ._()-]/gu, '_')
    .slice(0, 80);
  const stem = path.join(path.resolve(folder), `${name}-${sha256.slice(0, 8)}`);
  const written: WrittenResults = { stem, maps: {}, files: {} };
  try {
    await mkdir(path.dirname(stem), { recursive: true });
    for (const { analysis, maps, files } of results) {
      for (const map of maps) {
        const file = `${stem}.${analysis}.${map.name}.png`;
        await copyFile(blobs.pathOf(map.blob), file);
        written.maps[`${analysis}.${map.name}`] = file;
      }
      for (const one of files) {
        const file = `${stem}.${analysis}.${one.name}.${extensions[one.mediaType] ?? 'bin'}`;
        await copyFile(blobs.pathOf(one.blob), file);
        written.files[`${analysis}.${one.name}`] = file;
      }
    }
    return written;
  } catch (error) {
    throw AppError.from(error);
  }
}
