/**
 * Error level analysis: the picture is saved as JPEG once more, and the map shows by how much each part of it changes.
 * N. Krawetz, "A Picture's Worth", Hacker Factor Solutions, 2007.
 */
import { z } from 'zod';
import sharp from 'sharp';
import { defineAnalysis } from '../analysis.ts';
import { cellGrid, cellMeans } from '../cells.ts';

export const errorLevel = defineAnalysis({
  name: 'error-level',
  title: 'Error level analysis',
  question: 'Which parts change differently from the rest when the picture is saved as JPEG once more?',
  limits:
    'Edges and texture change more than flat areas in untouched pictures too: only a difference between areas of the same ' +
    'kind says anything, and its absence says nothing. It gives no verdict.',
  version: 1,
  needs: 'pixels',
  minimumSide: 16,
  parameters: z.object({
    quality: z
      .int()
      .min(50)
      .max(99)
      .default(90)
      .describe('Quality of the JPEG that the picture is compared with.'),
    scale: z
      .number()
      .positive()
      .max(255)
      .default(20)
      .describe('Mean difference of a cell, in grey levels, that the upper end of the scale stands for.'),
    cell: z.int().min(1).max(16).default(8).describe('Pixels a side of a cell of the map.'),
  }),
  async run(picture, { quality, scale, cell }) {
    const image = await picture.pixels();
    const raw = { width: image.width, height: image.height, channels: 3 as const };
    const again = await sharp(
      await sharp(image.data, { raw, limitInputPixels: false })
        .jpeg({ quality, chromaSubsampling: '4:4:4' })
        .toBuffer(),
    )
      .raw()
      .toBuffer();
    const grid = cellGrid(image, cell);
    const data = cellMeans(grid, (y, row) => {
      const before = image.data;
      for (let x = 0, at = 3 * y * image.width; x < row.length; x++, at += 3)
        row[x] =
          (Math.abs(before[at]! - again[at]!) +
            Math.abs(before[at + 1]! - again[at + 1]!) +
            Math.abs(before[at + 2]! - again[at + 2]!)) /
          3;
    });
    let sum = 0;
    for (const value of data) sum += value;
    const mean = sum / data.length;
    return {
      findings: [
        {
          code: 'error-level',
          severity: 'fact',
          sentence: `Saved again at quality ${quality}, the picture changes by ${mean.toFixed(2)} grey levels on average.`,
          data: { quality, mean },
        },
      ],
      maps: [
        {
          name: 'error-level',
          title: 'Change of each cell when saved again',
          ...{ width: grid.width, height: grid.height, data, covers: grid.covers },
          ...{ unit: 'grey levels', range: { min: 0, max: scale } },
        },
      ],
    };
  },
});
