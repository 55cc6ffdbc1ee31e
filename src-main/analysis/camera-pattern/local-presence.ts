/**
 * Where in a picture its camera's fingerprint is, and where it is missing: the correlation of residual and fingerprint in windows, against
 * what it should be there. After M. Chen, J. Fridrich, M. Goljan, J. Lukáš, IEEE TIFS 3(1), 2008, with a predictor of one factor:
 * the residual W holds a I K plus noise, so that the correlation expected in a window is a |I K| / |W|.
 */
import { breathe } from '../mathematics/breathe.ts';
import type { Plane } from '../mathematics/plane.ts';
import { median } from '../mathematics/quantile.ts';
import { smoothed } from '../cells.ts';

/** Pixels a side of a cell, in which sums are kept. */
export const cellSide = 16;
/** Shifts of the fingerprint, in pixels, at which nothing of it can be met: they show how far chance reaches. */
const elsewhere = [
  [37, 19],
  [-23, 41],
  [53, -31],
  [-47, -59],
] as const;

export interface LocalPresence {
  /** Cells across and down. */
  width: number;
  height: number;
  /** Correlation in the window around each cell, in deviations of what chance gives. */
  found: Float32Array;
  /** What it should be where the fingerprint is there, in the same unit. */
  expected: Float32Array;
}

/**
 * @param residual and `pattern` (I K): of one size
 * @param reach cells on each side of the one in the middle of a window
 */
export async function localPresence(
  residual: Plane,
  pattern: Plane,
  reach: number,
  signal: AbortSignal,
): Promise<LocalPresence> {
  const width = Math.floor(residual.width / cellSide);
  const height = Math.floor(residual.height / cellSide);
  const window = async (a: Plane, b: Plane, dx = 0, dy = 0): Promise<Float32Array> =>
    smoothed(await cellSums(a, b, dx, dy, signal), width, height, reach);
  const residuals = await window(residual, residual);
  const patterns = await window(pattern, pattern);
  const products = await window(residual, pattern);
  const correlation = (sums: Float32Array): Float32Array =>
    sums.map((sum, i) => sum / Math.sqrt(Math.max(1e-12, residuals[i]! * patterns[i]!)));
  const chance: number[] = [];
  for (const [dx, dy] of elsewhere) {
    await breathe(signal);
    for (const value of correlation(await window(residual, pattern, dx, dy))) chance.push(value * value);
  }
  const spread = Math.sqrt(Math.max(1e-12, chance.reduce((sum, value) => sum + value, 0) / chance.length));
  const share = median(products.map((sum, i) => sum / Math.max(1e-12, patterns[i]!)));
  return {
    ...{ width, height },
    found: correlation(products).map((value) => value / spread),
    expected: patterns.map(
      (sum, i) => (Math.max(0, share) * Math.sqrt(sum / Math.max(1e-12, residuals[i]!))) / spread,
    ),
  };
}

/** Sums over cells of the product of two planes, the second of them shifted, going round at the borders. */
async function cellSums(
  a: Plane,
  b: Plane,
  dx: number,
  dy: number,
  signal: AbortSignal,
): Promise<Float32Array> {
  const { width, height } = a;
  const across = Math.floor(width / cellSide);
  const down = Math.floor(height / cellSide);
  const sums = new Float32Array(across * down);
  for (let cellY = 0; cellY < down; cellY++) {
    if (cellY % 16 === 0) await breathe(signal);
    for (let y = cellY * cellSide; y < (cellY + 1) * cellSide; y++) {
      const from = ((y + dy + height) % height) * width;
      for (let cellX = 0; cellX < across; cellX++) {
        let sum = 0;
        for (let x = cellX * cellSide, end = x + cellSide; x < end; x++) {
          const other = x + dx;
          sum +=
            a.data[y * width + x]! *
            b.data[from + (other < 0 ? other + width : other < width ? other : other - width)]!;
        }
        sums[cellY * across + cellX]! += sum;
      }
    }
  }
  return sums;
}
