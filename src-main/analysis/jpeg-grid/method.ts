/**
 * The grid of 8x8 blocks that JPEG leaves in pixels: which of its 64 places it has, how clear it is, and where it is missing.
 * W. Li, Y. Yuan, N. Yu, "Passive detection of doctored JPEG image via block artifact grid extraction", Signal Processing 89, 2009;
 * Z. Fan, R. de Queiroz, "Identification of bitmap compression history", IEEE TIP 12(2), 2003.
 */
import { z } from 'zod';
import { defineAnalysis, type Findings } from '../analysis.ts';
import { cellGrid } from '../cells.ts';
import { luma } from '../luma.ts';

/** Differences beyond this are edges of the picture, not of blocks. */
const mostDifference = 20;

export const jpegGrid = defineAnalysis({
  name: 'jpeg-grid',
  title: 'Block grid',
  question: 'Does the picture carry the block grid of a JPEG, is it shifted, and where is it missing?',
  limits:
    'A weak grid is lost in texture and noise, and after resizing there is none. A part without a grid can be one that is flat ' +
    'or out of focus. A shifted grid is also what an ordinary crop leaves.',
  version: 1,
  needs: 'pixels',
  minimumSide: 64,
  parameters: z.object({
    cell: z.int().min(16).max(256).multipleOf(8).default(64).describe('Pixels a side of a cell of the map.'),
    leastContrast: z
      .number()
      .min(0.01)
      .max(1)
      .default(0.05)
      .describe('By what share the step across block borders exceeds others, so that a grid counts as seen.'),
  }),
  async run(picture, { cell, leastContrast }, signal): Promise<Findings> {
    const image = await picture.pixels();
    signal.throwIfAborted();
    const size = { width: image.width, height: image.height };
    const grid = cellGrid(size, Math.min(cell, Math.floor(Math.min(size.width, size.height) / 16) * 8));
    const steps = stepsByPlace(luma(image), size, grid);
    const [across, down] = [phase(steps.across), phase(steps.down)];
    const seen = Math.min(across.contrast, down.contrast) >= leastContrast;
    const data = {
      gridX: across.place,
      gridY: down.place,
      contrastX: across.contrast,
      contrastY: down.contrast,
    };
    if (!seen)
      return {
        findings: [
          {
            code: 'no-grid',
            severity: 'fact',
            sentence: 'No block grid stands out in the picture as a whole.',
            data,
          },
        ],
        details: { acrossByColumn: [...steps.across], downByRow: [...steps.down] },
      };
    const shifted = across.place !== 0 || down.place !== 0;
    return {
      findings: [
        {
          code: shifted ? 'shifted-grid' : 'grid',
          severity: shifted ? 'notice' : 'fact',
          sentence: shifted
            ? `The block grid begins at column ${across.place} and row ${down.place}, not at 0 and 0: the picture was cropped, or put together, after it was saved as JPEG.`
            : 'The block grid of JPEG is there and begins at the upper left corner.',
          data,
        },
      ],
      maps: [
        {
          name: 'strength',
          title: 'Strength of the grid that the whole has',
          ...{ width: grid.width, height: grid.height, covers: grid.covers },
          data: steps.strength(across.place, down.place),
          ...{
            unit: 'share by which steps across block borders exceed others',
            range: { min: -0.2, max: 1 },
          },
        },
      ],
      details: { acrossByColumn: [...steps.across], downByRow: [...steps.down] },
    };
  },
});

/** The place among eight where the steps are largest, and by what share they exceed the mean of the other seven. */
function phase(steps: Float64Array): { place: number; contrast: number } {
  let place = 0;
  steps.forEach((step, i) => (place = step > steps[place]! ? i : place));
  const others = (steps.reduce((sum, step) => sum + step, 0) - steps[place]!) / 7;
  return { place, contrast: others > 0 ? steps[place]! / others - 1 : 0 };
}

/**
 * How large the step from a pixel to the next is beyond what its neighbours let expect, by its place on the grid: `across[i]` of
 * steps into columns that are i beyond a multiple of 8. `strength` gives the same by cell for one place.
 */
function stepsByPlace(
  plane: Float32Array,
  { width, height }: { width: number; height: number },
  grid: { width: number; height: number; side: number },
) {
  const cells = grid.width * grid.height;
  const local = { across: new Float64Array(cells * 8), down: new Float64Array(cells * 8) };
  const add = (sums: Float64Array, at: number, next: number, x: number, y: number, place: number): void => {
    const before = plane[at - next]!;
    const here = plane[at]!;
    const step = Math.abs(here - before - (before - plane[at - 2 * next]! + plane[at + next]! - here) / 2);
    const cell = Math.floor(y / grid.side) * grid.width + Math.floor(x / grid.side);
    sums[cell * 8 + place]! += Math.min(step, mostDifference);
  };
  const [right, bottom] = [grid.width * grid.side, grid.height * grid.side];
  for (let y = 0; y < bottom; y++)
    for (let x = 2; x < Math.min(right, width - 1); x++) add(local.across, y * width + x, 1, x, y, x & 7);
  for (let y = 2; y < Math.min(bottom, height - 1); y++)
    for (let x = 0; x < right; x++) add(local.down, y * width + x, width, x, y, y & 7);
  const whole = (sums: Float64Array): Float64Array => {
    const totals = new Float64Array(8);
    sums.forEach((sum, i) => (totals[i & 7]! += sum));
    return totals.map((total) => total / (right * bottom));
  };
  const contrast = (sums: Float64Array, cell: number, place: number): number => {
    let all = 0;
    for (let i = 0; i < 8; i++) all += sums[cell * 8 + i]!;
    const others = (all - sums[cell * 8 + place]!) / 7;
    // A quarter of a grey level a pixel keeps flat cells from deciding.
    return (sums[cell * 8 + place]! - others) / (others + 0.25 * grid.side * (grid.side / 8));
  };
  return {
    across: whole(local.across),
    down: whole(local.down),
    strength: (x: number, y: number): Float32Array =>
      Float32Array.from(
        { length: cells },
        (_, cell) => (contrast(local.across, cell, x) + contrast(local.down, cell, y)) / 2,
      ),
  };
}
