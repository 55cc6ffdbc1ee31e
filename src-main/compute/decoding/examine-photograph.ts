/**
 * The intake of a photograph: one pass over all its compressed data proves that it is whole, and gives a thumbnail
 * and a perceptual hash. It never holds the picture's pixels, so that 200 megapixels need no more memory than two.
 */
import sharp, { type Sharp } from 'sharp';
import type { RgbImage } from '#engine/ports.ts';
import {
  decodeError,
  openPixels,
  probePhotograph,
  type DecodeLimits,
  type PhotographFacts,
} from './decode-photograph.ts';

export type ExaminedPhotograph = PhotographFacts & {
  /** WebP, at most 256 pixels a side, never enlarged. */
  thumbnail: Buffer;
  /** 64-bit difference hash, 16 hexadecimal digits. */
  perceptualHash: string;
};

/** Longest side of a thumbnail in pixels. */
export const thumbnailSide = 256;

/** Errors: those of `decodePhotograph`. */
export async function examinePhotograph(
  path: string,
  limits: DecodeLimits = {},
): Promise<ExaminedPhotograph> {
  const facts = await probePhotograph(path, limits);
  const { data, info } = await (
    await openPixels(path, facts)
  )
    .resize(thumbnailSide, thumbnailSide, { fit: 'inside', withoutEnlargement: true })
    .raw()
    .toBuffer({ resolveWithObject: true })
    .catch((error: unknown) => {
      throw decodeError(error, limits.name ?? path);
    });
  const small = { raw: { width: info.width, height: info.height, channels: 3 as const } };
  const thumbnail = await sharp(data, small).webp({ quality: 80, effort: 1 }).toBuffer();
  return { ...facts, thumbnail, perceptualHash: await differenceHash(sharp(data, small)) };
}

/** The same hash of a picture that is decoded already. */
export async function perceptualHashOf({ width, height, data }: RgbImage): Promise<string> {
  const raw = { width, height, channels: 3 as const };
  const { data: pixels, info } = await sharp(data, { raw, limitInputPixels: false })
    .resize(thumbnailSide, thumbnailSide, { fit: 'inside', withoutEnlargement: true })
    .raw()
    .toBuffer({ resolveWithObject: true });
  return differenceHash(sharp(pixels, { raw: { width: info.width, height: info.height, channels: 3 } }));
}

/** dHash (N. Krawetz, 2013): 9 x 8 grey values; each bit says whether a value is less than its right neighbour. */
async function differenceHash(small: Sharp): Promise<string> {
  const grey = await small.greyscale().resize(9, 8, { fit: 'fill' }).raw().toBuffer();
  let bits = 0n;
  for (let row = 0; row < 8; row++)
    for (let column = 0; column < 8; column++) {
      const at = row * 9 + column;
      bits = (bits << 1n) | ((grey[at] ?? 0) < (grey[at + 1] ?? 0) ? 1n : 0n);
    }
  return bits.toString(16).padStart(16, '0');
}

/** In how many of 64 bits two difference hashes differ. */
export function hammingDistance(a: string, b: string): number {
  let count = 0;
  for (let at = 0; at < 16; at += 8) {
    let bits = parseInt(a.slice(at, at + 8), 16) ^ parseInt(b.slice(at, at + 8), 16);
    for (; bits !== 0; bits &= bits - 1) count++;
  }
  return count;
}
