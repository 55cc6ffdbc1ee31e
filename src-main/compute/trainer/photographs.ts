/** The photographs of a run as the engine wants them: decoded once, kept in memory under a bound. */
import type { TrainerPhotograph } from '#contract/trainer-messages.ts';
import { cut } from '#engine/training/crops.ts';
import type { PhotographSource, RgbImage } from '#engine/ports.ts';
import { Random } from '#engine/random.ts';
import { decodePhotograph } from '../decoding/decode-photograph.ts';

/** Bytes of decoded pixels that all photographs of a run may hold together. */
export const PIXEL_BUDGET = 2 * 2 ** 30;
/** Windows of large photographs are never cut smaller than this, whatever the budget. */
const SMALLEST_WINDOW = 256;
const GRID = 8;

/** The side of the square, a multiple of 8, that each of `count` photographs may keep. */
export const windowSide = (count: number): number =>
  Math.max(SMALLEST_WINDOW, Math.floor(Math.sqrt(PIXEL_BUDGET / 3 / count) / GRID) * GRID);

/** A part of a large picture at multiples of 8 pixels, at a place that its hash decides; small pictures stay whole. */
function windowOf(image: RgbImage, side: number, hash: string): RgbImage {
  const width = Math.min(image.width, side);
  const height = Math.min(image.height, side);
  if (width === image.width && height === image.height) return image;
  const random = new Random(hash);
  const place = (space: number) => GRID * random.integer(Math.floor(space / GRID) + 1);
  const [left, top] = [place(image.width - width), place(image.height - height)];
  return cut(image, left, top, width, height);
}

/** Decodes on first use and keeps what it decoded. Reading the same index gives the same pixels every time. */
export function photographSource(photographs: readonly TrainerPhotograph[]): PhotographSource {
  const side = windowSide(photographs.length);
  const kept = new Map<number, Promise<RgbImage>>();
  return {
    count: photographs.length,
    read(index) {
      const { path, sha256 } = photographs[index]!;
      let image = kept.get(index);
      if (!image) {
        image = decodePhotograph(path).then((decoded) => windowOf(decoded.image, side, sha256));
        kept.set(index, image);
      }
      return image;
    },
  };
}
