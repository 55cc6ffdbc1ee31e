/** Writes the maps of a verdict as files, for the command line. */
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Verdict } from '#contract/detection.ts';
import { AppError } from '#contract/errors.ts';
import type { MapReference } from '#contract/media.ts';
import type { BlobStore } from '#storage/blob-store.ts';

/** The files written, as absolute paths. */
export interface WrittenMaps {
  simulation: string;
  kernels: string[];
  localSpectrum: string;
  /** Null where the verdict has none. */
  blockSpectrum: string | null;
  globalSpectrum: string;
  tileScores: string;
  /** JSON: for each map's file name its size, bits, value range and unit. */
  ranges: string;
}

/**
 * Writes the maps of `verdict` into `folder` (made where absent) as grey PNG files, `<picture>-<first 8 of its
 * SHA-256>.<map>.png`, with their value ranges beside them in `.maps.json`. Files of that name are replaced.
 * @throws AppError `file_unreadable` where the folder cannot be written, `disk_full`
 */
export async function writeMapFiles(
  blobs: BlobStore,
  verdict: Verdict,
  folder: string,
): Promise<WrittenMaps> {
  const target = path.resolve(folder);
  const picture = path
    .parse(verdict.path)
    .name.replaceAll(/[^\p{L}\p{N} ._()-]/gu, '_')
    .slice(0, 80);
  const stem = path.join(target, `${picture}-${verdict.sha256.slice(0, 8)}`);
  const ranges: Record<string, Omit<MapReference, 'blob'>> = {};
  const write = async ({ blob, ...facts }: MapReference, name: string): Promise<string> => {
    const file = `${stem}.${name}.png`;
    await copyFile(blobs.pathOf(blob), file);
    ranges[path.basename(file)] = facts;
    return file;
  };
  const { maps } = verdict;
  try {
    await mkdir(target, { recursive: true });
    const written = {
      simulation: await write(maps.simulation, 'simulation'),
      kernels: await Promise.all(maps.kernels.map((map, i) => write(map, `kernel-${i + 1}`))),
      localSpectrum: await write(maps.localSpectrum, 'local-spectrum'),
      blockSpectrum: maps.blockSpectrum && (await write(maps.blockSpectrum, 'block-spectrum')),
      globalSpectrum: await write(maps.globalSpectrum, 'global-spectrum'),
      tileScores: await write(maps.tileScores, 'tile-scores'),
      ranges: `${stem}.maps.json`,
    };
    await writeFile(written.ranges, `${JSON.stringify(ranges, null, 2)}\n`);
    return written;
  } catch (error) {
    throw AppError.from(error);
  }
}
