/** Brightness of a picture at a smaller size, for what needs no single pixels. */
import sharp from 'sharp';
import type { RgbImage } from '#engine/ports.ts';
import type { Plane } from '../mathematics/plane.ts';

/** @returns its brightness with at most `longest` pixels along the longer side, and how many of its pixels one of those stands for */
export async function reducedLuma(
  image: RgbImage,
  longest: number,
): Promise<{ plane: Plane; factor: number }> {
  const { width, height, data } = image;
  const { data: grey, info } = await sharp(data, {
    raw: { width, height, channels: 3 },
    limitInputPixels: false,
  })
    .resize(longest, longest, { fit: 'inside', withoutEnlargement: true })
    .greyscale()
    .raw()
    .toBuffer({ resolveWithObject: true });
  const plane = { width: info.width, height: info.height, data: Float32Array.from(grey) };
  return { plane, factor: Math.sqrt((width * height) / (info.width * info.height)) };
}
