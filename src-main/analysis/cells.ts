/** Square cells of a picture, for maps that are coarser than its pixels. */
import type { PictureArea } from '#contract/analysis.ts';

export interface CellGrid {
  /** Cells across and down: whole ones only. */
  width: number;
  height: number;
  /** Pixels a side of a cell. */
  side: number;
  /** The part of the picture that the whole cells cover. */
  covers: PictureArea;
}

/** The whole cells of a picture, from (`x`, `y`) on. At least one cell must fit. */
export function cellGrid(size: { width: number; height: number }, side: number, x = 0, y = 0): CellGrid {
  const width = Math.floor((size.width - x) / side);
  const height = Math.floor((size.height - y) / side);
  return { width, height, side, covers: { x, y, width: width * side, height: height * side } };
}

/**
 * The mean of a value over each cell, row by row.
 * @param rowOf fills `row` with the values of row `y` of the picture from the grid's first column on
 */
export function cellMeans(grid: CellGrid, rowOf: (y: number, row: Float32Array) => void): Float32Array {
  const { width, height, side, covers } = grid;
  const means = new Float32Array(width * height);
  const row = new Float32Array(covers.width);
  const share = 1 / (side * side);
  for (let cellY = 0; cellY < height; cellY++) {
    const sums = means.subarray(cellY * width, (cellY + 1) * width);
    for (let y = 0; y < side; y++) {
      rowOf(covers.y + cellY * side + y, row);
      for (let cell = 0, at = 0; cell < width; cell++) {
        let sum = 0;
        for (let x = 0; x < side; x++) sum += row[at++]!;
        sums[cell]! += sum * share;
      }
    }
  }
  return means;
}

/** The mean over a square of `reach` cells on each side, at the edges over the part that there is; two running sums. */
export function smoothed(values: Float32Array, width: number, height: number, reach: number): Float32Array {
  if (reach === 0) return values;
  const across = new Float32Array(values.length);
  for (let y = 0; y < height; y++)
    runningMean(
      values.subarray(y * width, (y + 1) * width),
      across.subarray(y * width, (y + 1) * width),
      reach,
    );
  const column = new Float32Array(height);
  const means = new Float32Array(height);
  const both = new Float32Array(values.length);
  for (let x = 0; x < width; x++) {
    for (let y = 0; y < height; y++) column[y] = across[y * width + x]!;
    runningMean(column, means, reach);
    for (let y = 0; y < height; y++) both[y * width + x] = means[y]!;
  }
  return both;
}

function runningMean(from: Float32Array, into: Float32Array, reach: number): void {
  let sum = 0;
  let [begin, end] = [0, 0];
  for (let i = 0; i < from.length; i++) {
    for (; end < Math.min(from.length, i + reach + 1); end++) sum += from[end]!;
    for (; begin < i - reach; begin++) sum -= from[begin]!;
    into[i] = sum / (end - begin);
  }
}
