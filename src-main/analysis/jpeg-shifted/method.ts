/** Double JPEG compression on two grids: an old grid that the picture, or a part of it, still carries. */
import { z } from 'zod';
import { defineAnalysis, type Findings } from '../analysis.ts';
import { smoothed } from '../cells.ts';
import { luma } from '../luma.ts';
import { blockFit, findOldGrid } from './old-grid.ts';

export const jpegShifted = defineAnalysis({
  name: 'jpeg-shifted',
  title: 'Double JPEG compression on two grids',
  question:
    'Was the picture, or a part of it, saved as JPEG on another grid before, as after a crop or a paste?',
  limits:
    'It needs a first quality below the last, standard tables, and enough blocks: a small part of a large picture is missed. An ' +
    'ordinary crop leaves the same traces as a paste; only the map tells them apart.',
  version: 1,
  needs: 'pixels',
  minimumSide: 128,
  parameters: z.object({
    leastScore: z
      .number()
      .min(4)
      .max(100)
      .default(10)
      .describe('Standard deviations from which an old grid counts as seen.'),
    smoothing: z
      .int()
      .min(0)
      .max(8)
      .default(2)
      .describe('Blocks on each side over which the map is averaged.'),
  }),
  async run(picture, { leastScore, smoothing }, signal): Promise<Findings> {
    const image = await picture.pixels();
    signal.throwIfAborted();
    const plane = luma(image);
    const size = { width: image.width, height: image.height };
    const found = findOldGrid(plane, size);
    const data = { score: found.score, gridX: found.x, gridY: found.y, quality: found.quality };
    if (found.score < leastScore)
      return {
        findings: [
          {
            code: 'no-old-grid',
            severity: 'fact',
            sentence: 'No older grid stands out. Many older savings leave nothing to see.',
            data,
          },
        ],
      };
    const { grid, values } = blockFit(plane, size, found);
    return {
      findings: [
        {
          code: 'old-grid',
          severity: 'notice',
          sentence:
            `Coefficients on the grid that begins at column ${found.x} and row ${found.y} carry traces of an earlier saving of about ` +
            `quality ${found.quality}: the picture, or a part of it, was moved after it was saved.`,
          data,
        },
      ],
      maps: [
        {
          name: 'old-grid',
          title: 'Where blocks of the old grid fit its quality',
          ...{ width: grid.width, height: grid.height, unit: 'mean nearness to whole multiples, -1 to 1' },
          data: smoothed(values, grid.width, grid.height, smoothing),
          ...{
            range: { min: -0.2, max: 1 },
            covers: grid.covers,
          },
        },
      ],
    };
  },
});
