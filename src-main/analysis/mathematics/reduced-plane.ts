/** A picture's brightness, reduced by a whole factor, and smoothed versions of it. */
import { newPlane, type Plane } from './plane.ts';

/** The least whole factor that leaves at most `pixels`. */
export const reduction = ({ width, height }: { width: number; height: number }, pixels: number): number =>
  Math.max(1, Math.ceil(Math.sqrt((width * height) / pixels)));

/** Means of `factor` x `factor` pixels; what is left over at the right and the bottom is cut. */
export function reduced(plane: Plane, factor: number): Plane {
  if (factor === 1) return plane;
  const out = newPlane(Math.floor(plane.width / factor), Math.floor(plane.height / factor));
  const share = 1 / (factor * factor);
  for (let y = 0; y < out.height; y++)
    for (let v = 0; v < factor; v++)
      for (let x = 0, from = (y * factor + v) * plane.width; x < out.width; x++) {
        let sum = 0;
        for (let u = 0; u < factor; u++) sum += plane.data[from++]!;
        out.data[y * out.width + x]! += sum * share;
      }
  return out;
}

/** Smoothed by (1 2 1) / 4 along both axes. */
export function smoothed({ width, height, data }: Plane): Plane {
  const rows = newPlane(width, height);
  for (let y = 0; y < height; y++)
    for (let x = 0, at = y * width; x < width; x++, at++)
      rows.data[at] =
        0.25 * data[x > 0 ? at - 1 : at]! + 0.5 * data[at]! + 0.25 * data[x < width - 1 ? at + 1 : at]!;
  const out = newPlane(width, height);
  for (let y = 0; y < height; y++) {
    const above = y > 0 ? -width : 0;
    const below = y < height - 1 ? width : 0;
    for (let x = 0, at = y * width; x < width; x++, at++)
      out.data[at] = 0.25 * rows.data[at + above]! + 0.5 * rows.data[at]! + 0.25 * rows.data[at + below]!;
  }
  return out;
}
