/** The photographs of a run as the engine wants them: verified, decoded, and kept in memory as far as its bound allows. */
import type { TrainerPhotograph } from '#contract/trainer-messages.ts';
import { cut } from '#engine/training/crops.ts';
import type { JpegCoding, PhotographSource, RgbImage } from '#engine/ports.ts';
import { Random } from '#engine/random.ts';
import { decodePhotograph } from '../decoding/decode-photograph.ts';
import { readJpegCoding } from '../decoding/jpeg-coding.ts';
import { verifyFile } from '../verify-file.ts';
import { PixelCache } from './pixel-cache.ts';

/**
 * Bytes of decoded pixels from which the size of the windows follows that are used of large photographs. It is the same on
 * every machine, unlike the bound of the cache: which pixels a run draws from must not depend on the memory there is.
 */
export const PIXEL_BUDGET = 2 * 2 ** 30;
/** Windows of large photographs are never cut smaller than this, whatever the budget. */
const SMALLEST_WINDOW = 256;
const GRID = 8;

/** The side of the square, a multiple of 8, that each of `count` photographs may keep, at 3 bytes a pixel. */
export const windowSide = (count: number): number =>
  Math.max(SMALLEST_WINDOW, Math.floor(Math.sqrt(PIXEL_BUDGET / 3 / count) / GRID) * GRID);

/** Where a window of a picture lies, and how large it is, in pixels. */
export interface Window {
  left: number;
  top: number;
  width: number;
  height: number;
}

/**
 * The part that is kept of a picture, at multiples of 8 pixels; small pictures stay whole.
 * @param begin chooses where it begins along one axis, as a number of steps of 8 pixels from 0 to `steps`
 */
export function windowOf(
  { width, height }: { width: number; height: number },
  side: number,
  begin: (steps: number, axis: 'x' | 'y') => number,
): Window {
  const kept = { width: Math.min(width, side), height: Math.min(height, side) };
  const place = (space: number, axis: 'x' | 'y'): number => GRID * begin(Math.floor(space / GRID), axis);
  return { left: place(width - kept.width, 'x'), top: place(height - kept.height, 'y'), ...kept };
}

/** A picture's pixels, after its bytes were found to be those that were taken in. Errors: of `verifyFile`, `decodePhotograph`. */
export async function verifiedPicture({ path, sha256 }: TrainerPhotograph): Promise<RgbImage> {
  const { image } = await decodePhotograph(path);
  await verifyFile(path, sha256);
  return image;
}

/** A value for each index, made at its first use and kept. */
export function keeping<T>(make: (index: number) => Promise<T>): (index: number) => Promise<T> {
  const kept = new Map<number, Promise<T>>();
  return (index) => {
    const value = kept.get(index) ?? make(index);
    kept.set(index, value);
    return value;
  };
}

/**
 * Decodes on first use and keeps what it decoded in the cache. Reading the same index gives the same pixels every time: of a
 * large photograph, the window that its hash decides.
 * @param sharing how many pictures, these among them, share the memory
 */
export function photographSource(
  photographs: readonly TrainerPhotograph[],
  { sharing = photographs.length, cache = new PixelCache() }: { sharing?: number; cache?: PixelCache } = {},
): PhotographSource {
  const side = windowSide(sharing);
  const decode = async (photograph: TrainerPhotograph): Promise<RgbImage> => {
    const image = await verifiedPicture(photograph);
    const random = new Random(photograph.sha256);
    const { left, top, width, height } = windowOf(image, side, (steps) => random.integer(steps + 1));
    return width === image.width && height === image.height ? image : cut(image, left, top, width, height);
  };
  return {
    count: photographs.length,
    read: (index) => {
      const photograph = photographs[index]!;
      return cache.read(`${photograph.sha256} within ${side}`, () => decode(photograph));
    },
    coding: keeping<JpegCoding | null>((index) => readJpegCoding(photographs[index]!.path)),
  };
}

/** The first `count` photographs of a source, which stay decoded once for both. */
export const firstOf = (source: PhotographSource, count: number): PhotographSource => ({ ...source, count });
