/**
 * How often two adjacent pixels of a textured place are equal, against how often they differ by one. A median filter makes them equal, as
 * adjacent windows share most of their pixels; without one the ratio is about 1, whatever the texture. M. Kirchner, J. Fridrich, "On
 * detection of median filtering in digital images", SPIE Media Forensics and Security II, 2010.
 */
import type { CellGrid } from '../cells.ts';
import { SumTable } from '../mathematics/box-mean.ts';
import { inStrips } from '../mathematics/breathe.ts';
import type { Plane } from '../mathematics/plane.ts';
import { quantile } from '../mathematics/quantile.ts';

/** Half the side of the window whose variance says whether there is texture. */
const reach = 3;
/** Variance in squared grey levels from which on there is: above what noise leaves of smooth parts. */
const leastVariance = 30;
/** Textured pixels of a cell, at least. */
const leastTextured = 150;

export interface EqualNeighbours {
  /**
   * Of each cell: textured pixels that equal a neighbour to the right or below, against half of those that differ by one from it; NaN where
   * too few are textured.
   */
  cells: Float32Array;
  /** Of the median cell, so that a part that was filtered alone does not count; null where no cell has enough texture. */
  ratio: number | null;
  /** Pixels with texture, as a share of all. */
  textured: number;
}

/** @param plane brightness in whole grey levels */
export async function equalNeighbours(
  plane: Plane,
  grid: CellGrid,
  signal: AbortSignal,
): Promise<EqualNeighbours> {
  const { width, data } = plane;
  const means = new SumTable(plane, (value) => value);
  const squares = new SumTable(plane, (value) => value * value);
  const [mean, square] = [new Float32Array(width), new Float32Array(width)];
  const counts = new Uint32Array(grid.width * grid.height);
  const equal = new Uint32Array(counts.length);
  const byOne = new Uint32Array(counts.length);
  // A row below and a column to the right are needed, which the last cells may lack.
  const rows = Math.min(grid.height * grid.side, plane.height - 1);
  const columns = Math.min(grid.width * grid.side, width - 1);
  await inStrips(rows, 128, signal, (from, to) => {
    for (let y = from; y < to; y++) {
      means.meanRow(y, reach, mean);
      squares.meanRow(y, reach, square);
      const cellRow = Math.floor(y / grid.side) * grid.width;
      for (let x = 0, at = y * width; x < columns; x++, at++) {
        if (square[x]! - mean[x]! * mean[x]! < leastVariance) continue;
        const cell = cellRow + Math.floor(x / grid.side);
        counts[cell]!++;
        for (const step of [1, width]) {
          const difference = data[at + step]! - data[at]!;
          if (difference === 0) equal[cell]!++;
          else if (difference === 1 || difference === -1) byOne[cell]!++;
        }
      }
    }
  });
  const cells = Float32Array.from(counts, (count, cell) =>
    count < leastTextured ? NaN : (2 * equal[cell]!) / Math.max(1, byOne[cell]!),
  );
  const measured = cells.filter((value) => !Number.isNaN(value));
  const textured = counts.reduce((total, count) => total + count, 0);
  return {
    cells,
    ratio: measured.length === 0 ? null : quantile(measured, 0.5),
    textured: textured / (rows * columns),
  };
}
