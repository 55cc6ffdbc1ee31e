/** Brightness of a picture, as JPEG counts it. */
import type { RgbImage } from '#engine/ports.ts';
import type { Plane } from './mathematics/plane.ts';

/** Y of JFIF (ITU-R BT.601, full range), 0 to 255, one value a pixel, not rounded. */
export function luma({ width, height, data }: RgbImage): Float32Array {
  const values = new Float32Array(width * height);
  for (let i = 0, at = 0; i < values.length; i++, at += 3)
    values[i] = 0.299 * data[at]! + 0.587 * data[at + 1]! + 0.114 * data[at + 2]!;
  return values;
}

/** The same as a plane. */
export const lumaPlane = (image: RgbImage): Plane => ({
  width: image.width,
  height: image.height,
  data: luma(image),
});
