/** One value a pixel, row by row: what the mathematics of the analyses works on. */
import type { RgbImage } from '#engine/ports.ts';

export interface Plane {
  width: number;
  height: number;
  data: Float32Array;
}

export const newPlane = (width: number, height: number): Plane => ({
  width,
  height,
  data: new Float32Array(width * height),
});

/** The green values of a picture, 0 to 255: as stored, without rounding of its own. */
export function greenPlane({ width, height, data }: RgbImage): Plane {
  const plane = newPlane(width, height);
  for (let i = 0, at = 1; i < plane.data.length; i++, at += 3) plane.data[i] = data[at]!;
  return plane;
}

/** Index `i` mirrored into [0, `length`) at the borders, which stand between pixels: -1 is 0, `length` is `length` - 1. */
export function mirrored(i: number, length: number): number {
  let at = i;
  while (at < 0 || at >= length) at = at < 0 ? -1 - at : 2 * length - 1 - at;
  return at;
}

/** Between the pixels around (x, y) by bilinear weights; 0 <= x <= width - 1 and 0 <= y <= height - 1, of 2 pixels at least. */
export function bilinear({ width, height, data }: Plane, x: number, y: number): number {
  const left = Math.min(width - 2, Math.floor(x));
  const top = Math.min(height - 2, Math.floor(y));
  const [tx, ty] = [x - left, y - top];
  const at = top * width + left;
  const above = data[at]! + (data[at + 1]! - data[at]!) * tx;
  const below = data[at + width]! + (data[at + width + 1]! - data[at + width]!) * tx;
  return above + (below - above) * ty;
}
