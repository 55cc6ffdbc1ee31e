/** Lines around the parts of a map that lie at or above a threshold: marching squares, in the map's own pixels. */
import type { GreyPicture } from './grey-png.ts';

/** Pairs of points `x0, y0, x1, y1`, each a piece of a line; a sample stands in the middle of its pixel. */
export function contourLines({ width, height, samples }: GreyPicture, threshold: number): Float32Array {
  const lines: number[] = [];
  const at = (x: number, y: number): number =>
    x < 0 || y < 0 || x >= width || y >= height ? -Infinity : (samples[y * width + x] ?? 0);
  /** Where between two samples the threshold lies, in [0, 1]. */
  const between = (a: number, b: number): number =>
    Number.isFinite(a) && Number.isFinite(b) ? (threshold - a) / (b - a) : 0.5;
  // Each cell lies between four samples; one beyond the edge closes lines there.
  for (let y = -1; y < height; y++)
    for (let x = -1; x < width; x++) {
      const [a, b, c, d] = [at(x, y), at(x + 1, y), at(x + 1, y + 1), at(x, y + 1)];
      const kind =
        (a >= threshold ? 8 : 0) +
        (b >= threshold ? 4 : 0) +
        (c >= threshold ? 2 : 0) +
        (d >= threshold ? 1 : 0);
      if (kind === 0 || kind === 15) continue;
      const [left, top] = [x + 0.5, y + 0.5];
      const north = [left + between(a, b), top] as const;
      const east = [left + 1, top + between(b, c)] as const;
      const south = [left + between(d, c), top + 1] as const;
      const west = [left, top + between(a, d)] as const;
      const line = (from: readonly [number, number], to: readonly [number, number]) =>
        lines.push(...from, ...to);
      if (kind === 1 || kind === 14) line(west, south);
      else if (kind === 2 || kind === 13) line(south, east);
      else if (kind === 3 || kind === 12) line(west, east);
      else if (kind === 4 || kind === 11) line(north, east);
      else if (kind === 6 || kind === 9) line(north, south);
      else if (kind === 7 || kind === 8) line(west, north);
      else if (kind === 5) {
        line(west, north);
        line(south, east);
      } else {
        line(west, south);
        line(north, east);
      }
    }
  return Float32Array.from(lines);
}
