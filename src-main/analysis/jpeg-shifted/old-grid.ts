/**
 * Periodicity of low-frequency coefficients on each of the 49 grids that share neither columns nor rows with the picture's own.
 * For a coefficient u and a first step a, cos(2 pi u / a) is near 1 where u is near a multiple of a. Its mean over blocks on one
 * grid, less the mean over all grids (which the picture's content makes), in units of its standard deviation, summed over
 * frequencies, is the score of a grid and a quality.
 */
import { quantisationTable } from '#engine/ops/jpeg-simulation.ts';
import { eachBlock, transformBlock } from '../block-dct.ts';
import { cellGrid, type CellGrid } from '../cells.ts';
import { median } from '../mathematics/quantile.ts';

/** Row-order places of the frequencies: DC, and the first AC. */
const frequencies = [0, 1, 8, 9, 2, 16, 10, 17];
const qualities = Array.from({ length: 66 }, (_, i) => 30 + i);
/** Blocks that are looked at on each grid. */
const sampleBlocks = 4000;
const leastStep = 3;

export interface OldGrid {
  x: number;
  y: number;
  quality: number;
  score: number;
}
type Size = { width: number; height: number };

/** By frequency: distinct first steps over all qualities. */
const stepsOf = frequencies.map((index) => [
  ...new Set(
    qualities
      .map((quality) => quantisationTable('luma', quality)[index]!)
      .filter((step) => step >= leastStep),
  ),
]);

/** Means of cos(2 pi u / a) by grid (y * 8 + x), frequency and step. */
function periodicity(
  plane: Float32Array,
  { width, height }: Size,
): { means: Map<number, number>[][]; blocks: number } {
  const across = Math.floor(width / 8) - 1;
  const down = Math.floor(height / 8) - 1;
  const every = Math.max(1, Math.floor((across * down) / sampleBlocks));
  const coefficients = new Float64Array(64);
  let blocks = 0;
  const means: Map<number, number>[][] = [];
  for (let grid = 0; grid < 64; grid++) {
    const [gridX, gridY] = [grid & 7, grid >> 3];
    if (gridX === 0 || gridY === 0) {
      means.push([]);
      continue;
    }
    const histograms = frequencies.map(() => new Float64Array(4097));
    blocks = 0;
    for (let block = 0; block < across * down; block += every, blocks++) {
      const y = Math.floor(block / across) * 8 + gridY;
      transformBlock(plane, y * width + (block % across) * 8 + gridX, width, coefficients);
      frequencies.forEach((index, f) => {
        histograms[f]![Math.max(0, Math.min(4096, Math.round(coefficients[index]!) + 2048))]! += 1;
      });
    }
    means.push(
      histograms.map(
        (histogram, f) => new Map(stepsOf[f]!.map((step) => [step, meanCosine(histogram, step) / blocks])),
      ),
    );
  }
  return { means, blocks };
}

function meanCosine(histogram: Float64Array, step: number): number {
  let sum = 0;
  for (let i = 0; i < histogram.length; i++)
    if (histogram[i] !== 0) sum += histogram[i]! * Math.cos((2 * Math.PI * (i - 2048)) / step);
  return sum;
}

/** The grid and quality that stand out most. The picture must have 16 pixels a side at the least. */
export function findOldGrid(plane: Float32Array, size: Size): OldGrid {
  const { means, blocks } = periodicity(plane, size);
  const grids = means.flatMap((found, grid) => (found.length > 0 ? [grid] : []));
  // Of the mean of cosines, where phases are spread evenly; coarse savings spread the grids wider than that.
  const least = Math.sqrt(0.5 / blocks);
  const spread = stepsOf.map(
    (steps, f) =>
      new Map(
        steps.map((step) => {
          const values = grids.map((grid) => means[grid]![f]!.get(step)!);
          const middle = median(values);
          const deviation = 1.4826 * median(values.map((value) => Math.abs(value - middle)));
          return [step, { middle, deviation: Math.max(least, deviation) }];
        }),
      ),
  );
  let best: OldGrid = { x: 0, y: 0, quality: 0, score: 0 };
  for (const quality of qualities) {
    const table = quantisationTable('luma', quality);
    const telling = frequencies
      .map((index, f) => ({ f, step: table[index]! }))
      .filter(({ step }) => step >= leastStep);
    for (const grid of grids) {
      let sum = 0;
      for (const { f, step } of telling) {
        const { middle, deviation } = spread[f]!.get(step)!;
        sum += (means[grid]![f]!.get(step)! - middle) / deviation;
      }
      const score = sum / Math.sqrt(telling.length);
      if (score > best.score) best = { x: grid & 7, y: grid >> 3, quality, score };
    }
  }
  return best;
}

/** For each block of the old grid: the mean of cos(2 pi u / a) over the frequencies. */
export function blockFit(
  plane: Float32Array,
  size: Size,
  { x: gridX, y: gridY, quality }: OldGrid,
): { grid: CellGrid; values: Float32Array } {
  const table = quantisationTable('luma', quality);
  // A coefficient near zero is near a multiple of anything: DC and the coefficients beyond half a step tell.
  const telling = frequencies
    .map((index) => ({ index, step: table[index]! }))
    .filter(({ step }) => step >= leastStep);
  const grid = cellGrid(size, 8, gridX, gridY);
  const values = new Float32Array(grid.width * grid.height);
  eachBlock(plane, size, grid.covers, (coefficients, x, y) => {
    let [sum, count] = [0, 0];
    for (const { index, step } of telling) {
      const value = coefficients[index]!;
      if (index > 0 && Math.abs(value) < step / 2) continue;
      sum += Math.cos((2 * Math.PI * value) / step);
      count++;
    }
    values[y * grid.width + x] = count === 0 ? 0 : sum / count;
  });
  return { grid, values };
}
