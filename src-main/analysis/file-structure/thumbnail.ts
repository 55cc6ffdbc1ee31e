/** The thumbnail that EXIF carries, and whether it shows the picture. */
import sharp from 'sharp';
import { readJpegSegments } from '../jpeg-file/segments.ts';
import { TiffReader } from '../containers/tiff.ts';

/** Side of the squares that are compared. */
const side = 48;

export type Thumbnail = { bytes: Buffer; offset: number } | { problem: string };

/** The JPEG thumbnail of the first EXIF block of a JPEG file; null where EXIF names none. */
export function exifThumbnail(bytes: Buffer): Thumbnail | null {
  for (const { name, content, offset, size } of readJpegSegments(bytes).segments) {
    if (name !== 'APP1' || content.toString('latin1', 0, 6) !== 'Exif\0\0') continue;
    const block = content.subarray(6);
    const tiff = new TiffReader(block);
    const start = tiff.number('IFD1', 0x201);
    const length = tiff.number('IFD1', 0x202);
    if (start === null || length === null || length === 0) return null;
    if (start + length > block.length)
      return { problem: 'EXIF names a thumbnail that lies beyond its block.' };
    return { bytes: block.subarray(start, start + length), offset: offset + size - block.length + start };
  }
  return null;
}

/**
 * The largest correlation of grey values between the thumbnail, with or without black bars, and the picture, in the four rotations.
 * Null where one of them is too even to compare. Errors of decoding are thrown.
 */
export async function likeness(
  thumbnail: Uint8Array,
  image: { width: number; height: number; data: Uint8Array },
): Promise<number | null> {
  // Dark pictures look as if they had bars: the better of both counts.
  const whole = await sharp(thumbnail)
    .greyscale()
    .resize(side, side, { fit: 'fill' })
    .extractChannel(0)
    .raw()
    .toBuffer();
  const views = [whole, await withoutBars(thumbnail)];
  const raw = { width: image.width, height: image.height, channels: 3 as const };
  let best: number | null = null;
  const square = await sharp(image.data, { raw, limitInputPixels: false })
    .greyscale()
    .resize(side, side, { fit: 'fill' })
    .extractChannel(0)
    .raw()
    .toBuffer();
  for (const angle of [0, 90, 180, 270]) {
    const turned = await sharp(square, { raw: { width: side, height: side, channels: 1 } })
      .rotate(angle)
      .extractChannel(0)
      .raw()
      .toBuffer();
    for (const view of views) {
      const value = correlation(view, turned);
      if (value !== null && (best === null || value > best)) best = value;
    }
  }
  return best;
}

/** Cameras fill thumbnails of another shape with black bars. */
async function withoutBars(thumbnail: Uint8Array): Promise<Uint8Array> {
  const { data, info } = await sharp(thumbnail).greyscale().raw().toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  const dark = (cells: number[]): boolean => cells.reduce((sum, value) => sum + value, 0) / cells.length < 20;
  const row = (y: number): number[] =>
    Array.from({ length: width }, (_, x) => data[(y * width + x) * channels]!);
  const column = (x: number): number[] =>
    Array.from({ length: height }, (_, y) => data[(y * width + x) * channels]!);
  let [top, bottom, left, right] = [0, height, 0, width];
  while (top < height / 4 && dark(row(top))) top++;
  while (bottom > (3 * height) / 4 && dark(row(bottom - 1))) bottom--;
  while (left < width / 4 && dark(column(left))) left++;
  while (right > (3 * width) / 4 && dark(column(right - 1))) right--;
  // One more line on the side of a bar, over which the JPEG has smeared it.
  const [softTop, softLeft] = [top > 0 ? top + 1 : 0, left > 0 ? left + 1 : 0];
  return sharp(data, { raw: { width, height, channels } })
    .extract({ left: softLeft, top: softTop, width: right - softLeft, height: bottom - softTop })
    .resize(side, side, { fit: 'fill' })
    .extractChannel(0)
    .raw()
    .toBuffer();
}

function correlation(a: Uint8Array, b: Uint8Array): number | null {
  const mean = (values: Uint8Array): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [meanA, meanB] = [mean(a), mean(b)];
  let [ab, aa, bb] = [0, 0, 0];
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [a[i]! - meanA, b[i]! - meanB];
    ab += x * y;
    aa += x * x;
    bb += y * y;
  }
  const least = 9 * a.length;
  return aa < least || bb < least ? null : ab / Math.sqrt(aa * bb);
}
