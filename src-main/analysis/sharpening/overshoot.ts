/**
 * Overshoot beside edges: sharpening makes the bright side of an edge brighter and the dark side darker just beside it than a few pixels on.
 * G. Cao, Y. Zhao, R. Ni, A. C. Kot, "Unsharp masking sharpening detection via overshoot artifacts analysis", IEEE SPL 18(10), 2011.
 */
import type { CellGrid } from '../cells.ts';
import { inStrips } from '../mathematics/breathe.ts';
import type { Plane } from '../mathematics/plane.ts';

/** Pixels from the edge: where overshoot is looked for, and where both sides must be level. */
const near = 4;
const level = [6, 8] as const;
/** Grey levels between both sides of an edge. */
const leastStep = 40;
/** How uneven a side may be, as a share of the step. */
const mostUneven = 0.1;

export interface Overshoot {
  /** Of each cell: mean overshoot of its edges, as a share of their steps. NaN where there are too few. */
  cells: Float32Array;
  /** Median of all edges; null where there are too few. */
  median: number | null;
  edges: number;
}

/** Edges of a cell, and of a picture, that make a figure. */
export const leastEdges = { cell: 8, picture: 40 } as const;

export async function overshoot(plane: Plane, grid: CellGrid, signal: AbortSignal): Promise<Overshoot> {
  const { width, height, data } = plane;
  const sums = new Float64Array(grid.width * grid.height);
  const counts = new Uint32Array(sums.length);
  const all: number[] = [];
  const margin = level[1] + 1;
  await inStrips(height - 2 * margin, 64, signal, (from, to) => {
    for (let y = from + margin; y < to + margin; y++)
      for (let x = margin; x < width - margin; x++)
        for (const step of [1, width]) {
          const at = y * width + x;
          const value = overshootAt(data, at, step);
          if (value === null) continue;
          all.push(value);
          const cell = Math.floor(y / grid.side) * grid.width + Math.floor(x / grid.side);
          if (x >= grid.width * grid.side || y >= grid.height * grid.side) continue;
          sums[cell]! += value;
          counts[cell]!++;
        }
  });
  return {
    cells: Float32Array.from(sums, (sum, cell) =>
      counts[cell]! < leastEdges.cell ? NaN : sum / counts[cell]!,
    ),
    median: all.length < leastEdges.picture ? null : Float64Array.from(all).sort()[all.length >> 1]!,
    edges: all.length,
  };
}

/** As a share of the step; null where there is no edge with level sides. `step` is the way across the edge. */
function overshootAt(data: Float32Array, at: number, step: number): number | null {
  const slope = data[at + step]! - data[at - step]!;
  const size = Math.abs(slope);
  if (size < leastStep / 3) return null;
  // The steepest place of the edge only.
  if (Math.abs(data[at]! - data[at - 2 * step]!) > size || Math.abs(data[at + 2 * step]! - data[at]!) >= size)
    return null;
  const sign = Math.sign(slope);
  let [before, after] = [0, 0];
  for (let i = level[0]; i <= level[1]; i++) {
    before += data[at - i * step]!;
    after += data[at + i * step]!;
  }
  const count = level[1] - level[0] + 1;
  before /= count;
  after /= count;
  const rise = sign * (after - before);
  if (rise < leastStep) return null;
  const uneven = mostUneven * rise;
  let [most, least] = [-Infinity, Infinity];
  for (let i = 1; i <= level[1]; i++) {
    const ahead = sign * (data[at + i * step]! - after);
    const behind = sign * (data[at - i * step]! - before);
    if (i >= level[0] && (Math.abs(ahead) > uneven || Math.abs(behind) > uneven)) return null;
    if (i > near) continue;
    most = Math.max(most, ahead);
    least = Math.min(least, behind);
  }
  return (most - least) / 2 / rise;
}
