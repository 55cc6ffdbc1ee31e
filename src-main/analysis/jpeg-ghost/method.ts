/**
 * JPEG ghosts: by how much each part changes when it is quantised with each of many qualities. A part that was saved before
 * with one of them changes least there, though the whole was saved otherwise since.
 * H. Farid, "Exposing Digital Forgeries from JPEG Ghosts", IEEE TIFS 4(1), 2009.
 */
import { z } from 'zod';
import { AppError } from '#contract/errors.ts';
import { quantisationTable } from '#engine/ops/jpeg-simulation.ts';
import { eachBlock } from '../block-dct.ts';
import { defineAnalysis, type Findings, type FoundMap } from '../analysis.ts';
import { cellGrid, smoothed, type CellGrid } from '../cells.ts';
import { luma } from '../luma.ts';

export const jpegGhost = defineAnalysis({
  name: 'jpeg-ghost',
  title: 'JPEG ghosts',
  question: 'Was a part saved before with another JPEG quality than the rest?',
  limits:
    'A ghost shows only where the part lies on the same 8x8 grid (or on the one that is given) and its first quality was lower ' +
    'than the last. Flat and saturated areas look alike at every quality. The maps are for the eye: there is no verdict.',
  version: 1,
  needs: 'pixels',
  minimumSide: 64,
  parameters: z.object({
    from: z.int().min(20).max(95).default(45).describe('Lowest quality.'),
    to: z.int().min(25).max(100).default(95).describe('Highest quality.'),
    step: z.int().min(1).max(25).default(5).describe('Between two qualities.'),
    gridX: z.int().min(0).max(7).default(0).describe('First column of the grid.'),
    gridY: z.int().min(0).max(7).default(0).describe('First row of the grid.'),
  }),
  async run(picture, { from, to, step, gridX, gridY }, signal): Promise<Findings> {
    const image = await picture.pixels();
    signal.throwIfAborted();
    const qualities: number[] = [];
    for (let quality = from; quality <= to; quality += step) qualities.push(quality);
    if (qualities.length > 40 || qualities.length < 3)
      throw new AppError('invalid_input', `${qualities.length} qualities were asked for; it takes 3 to 40.`);
    const grid = cellGrid(image, 8, gridX, gridY);
    const { width, height, covers } = grid;
    const errors = blockErrors(luma(image), image, grid, qualities);
    const curve = errors.map((values) => values.reduce((sum, value) => sum + value, 0) / values.length);
    const ghosts = normalised(errors.map((values) => smoothed(values, width, height, 1)));
    const maps = ghosts.map((data, i): FoundMap => ({
      name: `quality-${qualities[i]}`,
      title: `Change at quality ${qualities[i]}, beside the other qualities`,
      ...{
        width,
        height,
        data,
        unit: 'share of the largest change',
        range: { min: 0, max: 1 },
      },
      ...{ bits: 8, covers },
    }));
    const lowest = qualities.filter(
      (_, i) => i > 0 && i < curve.length - 1 && curve[i]! < curve[i - 1]! && curve[i]! < curve[i + 1]!,
    );
    return {
      findings: [
        lowest.length === 0
          ? {
              code: 'no-ghost-of-the-whole',
              severity: 'fact',
              sentence:
                'The picture as a whole changes least at the highest quality: no other quality stands out.',
            }
          : {
              code: 'ghost-of-the-whole',
              severity: 'notice',
              sentence: `The picture as a whole changes less at quality ${lowest.join(', ')} than at the qualities beside it, as after an earlier saving.`,
              data: { qualities: lowest },
            },
      ],
      maps,
      details: { qualities, meanSquaredChange: curve },
    };
  },
});

/** Mean squared change of each block by quality, computed in the DCT domain, where quantisation happens (Parseval). */
function blockErrors(
  plane: Float32Array,
  size: { width: number; height: number },
  { width, height, covers }: CellGrid,
  qualities: readonly number[],
): Float32Array[] {
  const tables = qualities.map((quality) => Float64Array.from(quantisationTable('luma', quality)));
  const inverses = tables.map((table) => table.map((value) => 1 / value));
  const errors = qualities.map(() => new Float32Array(width * height));
  eachBlock(plane, size, covers, (coefficients, x, y) => {
    for (let q = 0; q < tables.length; q++) {
      const [table, inverse] = [tables[q]!, inverses[q]!];
      let sum = 0;
      for (let i = 1; i < 64; i++) {
        const value = coefficients[i]!;
        const change = value - Math.floor(value * inverse[i]! + 0.5) * table[i]!;
        sum += change * change;
      }
      errors[q]![y * width + x] = sum / 63;
    }
  });
  return errors;
}

/** Each place's values over the qualities, from 0 for the least to 1 for the largest change. */
function normalised(errors: Float32Array[]): Float32Array[] {
  const result = errors.map((values) => new Float32Array(values.length));
  for (let i = 0; i < errors[0]!.length; i++) {
    let [least, most] = [Infinity, -Infinity];
    for (const values of errors) {
      least = Math.min(least, values[i]!);
      most = Math.max(most, values[i]!);
    }
    const scale = most > least ? 1 / (most - least) : 0;
    for (let q = 0; q < errors.length; q++) result[q]![i] = (errors[q]![i]! - least) * scale;
  }
  return result;
}
