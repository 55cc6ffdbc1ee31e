/** The standard deviation of noise in cells of a plane, from its diagonal wavelet detail. */
import { diagonalDetail } from '../mathematics/wavelet.ts';
import type { Plane } from '../mathematics/plane.ts';
import { median, select } from '../mathematics/quantile.ts';
import { breathe } from '../mathematics/breathe.ts';

export interface NoiseCells {
  /** Cells across and down. */
  width: number;
  height: number;
  /** Deviation of the noise in grey levels: median |d| / 0.6745 over a cell's diagonal detail d. */
  sigma: Float32Array;
  /** Mean brightness. */
  mean: Float32Array;
  /** log2 of sigma against what is usual in the picture at the cell's brightness, clipped to [-4, 4]. */
  relative: Float32Array;
}

/** @param side pixels a side of a cell, even */
export async function noiseCells(plane: Plane, side: number, signal: AbortSignal): Promise<NoiseCells> {
  const detail = diagonalDetail(plane);
  await breathe(signal);
  const width = Math.floor(plane.width / side);
  const height = Math.floor(plane.height / side);
  const sigma = new Float32Array(width * height);
  const mean = new Float32Array(width * height);
  const half = side / 2;
  const values = new Float32Array(half * half);
  for (let cy = 0; cy < height; cy++) {
    if (cy % 16 === 0) await breathe(signal);
    for (let cx = 0; cx < width; cx++) {
      for (let y = 0, i = 0; y < half; y++)
        for (let x = 0, at = (cy * half + y) * detail.width + cx * half; x < half; x++, at++, i++)
          values[i] = Math.abs(detail.data[at]!);
      const cell = cy * width + cx;
      sigma[cell] = select(values, values.length >> 1) / 0.6745;
      mean[cell] = cellMean(plane, cx * side, cy * side, side);
    }
  }
  return { width, height, sigma, mean, relative: againstUsual(sigma, mean) };
}

function cellMean({ width, data }: Plane, left: number, top: number, side: number): number {
  let sum = 0;
  for (let y = top; y < top + side; y++)
    for (let at = y * width + left, end = at + side; at < end; at++) sum += data[at]!;
  return sum / (side * side);
}

/** Levels of brightness at which the usual noise is looked up. */
const levels = 16;

/** Noise grows with light: the usual one is the median over cells of about the same brightness, interpolated between levels. */
function againstUsual(sigma: Float32Array, mean: Float32Array): Float32Array {
  const groups: number[][] = Array.from({ length: levels }, () => []);
  mean.forEach((value, i) =>
    groups[Math.min(levels - 1, Math.floor((value * levels) / 256))]!.push(sigma[i]!),
  );
  const overall = Math.max(0.05, median(sigma));
  // A level of few cells leans on the whole picture, as if `prior` of its cells had the overall median.
  const prior = 20;
  const usual = groups.map((group) =>
    group.length === 0 ? overall : (median(group) * group.length + overall * prior) / (group.length + prior),
  );
  return sigma.map((value, i) => {
    const place = Math.min(levels - 1, Math.max(0, (mean[i]! * levels) / 256 - 0.5));
    const level = Math.min(levels - 2, Math.floor(place));
    const expected = usual[level]! + (place - level) * (usual[level + 1]! - usual[level]!);
    const ratio = Math.log2(Math.max(value, 0.02) / Math.max(expected, 0.02));
    return Math.max(-4, Math.min(4, ratio));
  });
}
