/** The true mask of a picture, and how a judgement's map agrees with it. */
import sharp from 'sharp';
import { AppError } from '#contract/errors.ts';
import { countMap, maskToCells, newMapCounts, type MapCounts } from '#engine/evaluation/map-agreement.ts';
import { MAP_CELL } from '#inference/detector-session.ts';
import type { Judgement } from '#inference/judge-photograph.ts';

/**
 * The mask of a picture: one byte a pixel, 1 where it is brighter than half.
 * @throws AppError `invalid_mask` where it cannot be read or is not as large as its picture
 */
export async function readMask(
  path: string,
  { width, height }: { width: number; height: number },
): Promise<Uint8Array> {
  const invalid = (what: string, cause?: unknown): AppError =>
    new AppError('invalid_mask', `The mask ${path} ${what}.`, { cause });
  const { data, info } = await sharp(path, { limitInputPixels: width * height })
    .removeAlpha()
    .toColourspace('b-w')
    .extractChannel(0)
    .raw()
    .toBuffer({ resolveWithObject: true })
    .catch((cause: unknown) => {
      throw invalid(`cannot be read (${cause instanceof Error ? cause.message : String(cause)})`, cause);
    });
  if (info.width !== width || info.height !== height)
    throw invalid(`has ${info.width} x ${info.height} pixels, its picture ${width} x ${height}`);
  return Uint8Array.from(data, (value) => (value > 127 ? 1 : 0));
}

/** Values of the map P of a judged picture inside and outside its mask; `width` is the picture's, in pixels. */
export function mapCounts(mask: Uint8Array, width: number, { maps, seen }: Judgement): MapCounts {
  const { width: columns, height: rows, data } = maps.simulation;
  // Maps of very large pictures are reduced by a whole factor.
  const cell = MAP_CELL * Math.ceil(seen.width / MAP_CELL / columns);
  const scale = data instanceof Uint16Array ? 65535 : 1;
  const counts = newMapCounts();
  countMap(counts, maskToCells(mask, width, { cell, columns, rows }), (i) => data[i]! / scale);
  return counts;
}
