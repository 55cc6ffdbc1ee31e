/** Fourier and cosine magnitudes of a plane, averaged over tiles, and the curve of power by frequency. */
import { breathe } from '../mathematics/breathe.ts';
import { CosineTransform } from '../mathematics/cosine-transform.ts';
import { hann, PlaneTransform } from '../mathematics/plane-transform.ts';
import type { Plane } from '../mathematics/plane.ts';
import { median } from '../mathematics/quantile.ts';

export interface MeanSpectra {
  /** Pixels a side of a tile, and bins a side of the spectra. */
  side: number;
  tiles: number;
  /** Mean power of the Fourier transform under a Hann window, frequency 0 at (side / 2, side / 2). */
  power: Float32Array;
  /** Mean magnitude of the cosine transform, frequency 0 at (0, 0). */
  cosine: Float32Array;
}

/** A power of two, at most 256, of which at least four fit along the shorter side; at least 32. */
const tileSide = ({ width, height }: { width: number; height: number }): number =>
  Math.max(32, Math.min(256, 2 ** Math.floor(Math.log2(Math.min(width, height) / 4))));

/** Tiles lie side by side from the upper left corner. */
export async function meanSpectra(plane: Plane, signal: AbortSignal): Promise<MeanSpectra> {
  const side = tileSide(plane);
  const fourier = new PlaneTransform(side);
  const cosines = new CosineTransform(side);
  const window = hann(side);
  const spectrum = fourier.newSpectrum();
  const half = new Float64Array(fourier.half * side);
  const cosine = new Float64Array(side * side);
  const tile = new Float64Array(side * side);
  const across = Math.floor(plane.width / side);
  const tiles = across * Math.floor(plane.height / side);
  for (let index = 0; index < tiles; index++) {
    if (index % 8 === 0) await breathe(signal);
    cut(plane, (index % across) * side, Math.floor(index / across) * side, side, tile);
    fourier.forward((y, row) => {
      const weight = window[y]!;
      for (let x = 0; x < side; x++) row[x] = tile[y * side + x]! * weight * window[x]!;
    }, spectrum);
    for (let i = 0; i < half.length; i++)
      half[i]! += spectrum[2 * i]! * spectrum[2 * i]! + spectrum[2 * i + 1]! * spectrum[2 * i + 1]!;
    cosines.forward(tile);
    for (let i = 0; i < cosine.length; i++) cosine[i]! += Math.abs(tile[i]!);
  }
  const power = new Float32Array(side * side);
  for (let y = 0; y < side; y++)
    for (let x = 0; x < side; x++) {
      const [u, v] = x < side / 2 ? [side / 2 - x, side / 2 - y] : [x - side / 2, y - side / 2];
      power[y * side + x] = half[u * side + ((v + side) % side)]! / tiles;
    }
  return { side, tiles, power, cosine: Float32Array.from(cosine, (sum) => sum / tiles) };
}

/** Copies a tile, less its mean. */
function cut({ width, data }: Plane, left: number, top: number, side: number, tile: Float64Array): void {
  let sum = 0;
  for (let y = 0; y < side; y++)
    for (let x = 0, at = (top + y) * width + left; x < side; x++, at++) {
      tile[y * side + x] = data[at]!;
      sum += data[at]!;
    }
  for (let i = 0, mean = sum / tile.length; i < tile.length; i++) tile[i]! -= mean;
}

/** Points of the curve from 0 to half a cycle a pixel. */
export const curvePoints = 64;

/**
 * The mean of log10 of power over rings: `curvePoints` values, the k-th at (k + 0.5) / 128 cycles a pixel, less their mean from 0.05 to
 * 0.15 cycles a pixel, so that contrast does not count. R. Durall, M. Keuper, J. Keuper, CVPR 2020, take this curve.
 */
export function azimuthalCurve({ side, power }: MeanSpectra): number[] {
  const sums = new Float64Array(curvePoints);
  const counts = new Float64Array(curvePoints);
  for (let y = 0; y < side; y++)
    for (let x = 0; x < side; x++) {
      const ring = Math.floor((Math.hypot(x - side / 2, y - side / 2) / side) * 2 * curvePoints);
      if (ring >= curvePoints) continue;
      sums[ring]! += Math.log10(power[y * side + x]! + 1e-6);
      counts[ring]!++;
    }
  const curve = Array.from(sums, (sum, ring) => (counts[ring]! > 0 ? sum / counts[ring]! : NaN));
  // Small tiles leave the innermost rings without a bin: they take the next one's value.
  for (let ring = curvePoints - 1; ring >= 0; ring--)
    if (Number.isNaN(curve[ring])) curve[ring] = curve[ring + 1]!;
  const level = curve.slice(6, 19);
  const mean = level.reduce((sum, value) => sum + value, 0) / level.length;
  return curve.map((value) => value - mean);
}

/**
 * How far above the median of its surroundings a peak of the mean of `tiles` spectra must be: twice what the largest of a hundred thousand
 * bins of noise reaches (chi-square with 2 x `tiles` degrees of freedom, after E. Wilson, M. Hilferty, PNAS 17, 1931), because pictures
 * are no noise.
 */
export function peakThreshold(tiles: number): number {
  const top = (1 - 1 / (9 * tiles) + 4.3 / (3 * Math.sqrt(tiles))) ** 3;
  const middle = (1 - 1 / (9 * tiles)) ** 3;
  return (2 * top) / middle;
}

export interface SpectralPeak {
  /** Cycles a pixel; (-fx, -fy) has the same power. */
  fx: number;
  fy: number;
  /** Power against its surroundings: the largest median of the 11 x 11 bins around and of the bins to both sides along either axis. */
  strength: number;
  /** Both coordinates are multiples of 1/8: where the grid of JPEG blocks has its own peaks. */
  onBlockGrid: boolean;
}

/** Bins around a peak that its surroundings are taken from. */
const reach = 5;
/** Cycles a pixel below which the picture's own content rules. */
const lowest = 0.08;

/** Isolated peaks at least `least` times as strong as their surroundings, strongest first. */
export function spectralPeaks({ side, power }: MeanSpectra, least: number): SpectralPeak[] {
  const at = (x: number, y: number): number => power[((y + side) % side) * side + ((x + side) % side)]!;
  const peaks: SpectralPeak[] = [];
  const around = new Float64Array((2 * reach + 1) ** 2);
  for (let x = side / 2; x < side + 1; x++)
    for (let y = 0; y < side; y++) {
      const u = x - side / 2;
      const v = y - side / 2;
      // The other half of the plane says the same.
      if (Math.hypot(u, v) < lowest * side || ((u === 0 || u === side / 2) && v > 0)) continue;
      const value = at(x, y);
      if (value <= at(x - 1, y) || value <= at(x + 1, y) || value <= at(x, y - 1) || value <= at(x, y + 1))
        continue;
      let count = 0;
      for (let dy = -reach; dy <= reach; dy++)
        for (let dx = -reach; dx <= reach; dx++)
          if (Math.abs(dx) > 1 || Math.abs(dy) > 1) around[count++] = at(x + dx, y + dy);
      // Straight edges draw lines of power through the plane: a bin of a line is no peak.
      const along = (dx: number, dy: number): number =>
        median(
          [2, 3, 4, 5, 6].flatMap((step) => [
            at(x + step * dx, y + step * dy),
            at(x - step * dx, y - step * dy),
          ]),
        );
      const surroundings = Math.max(median(around.subarray(0, count)), along(1, 0), along(0, 1), 1e-9);
      const strength = value / surroundings;
      const eighth = (bins: number): boolean => (8 * bins) % side === 0;
      if (strength >= least)
        peaks.push({ fx: u / side, fy: v / side, strength, onBlockGrid: eighth(u) && eighth(v) });
    }
  return peaks.toSorted((a, b) => b.strength - a.strength);
}
