/** Local noise: the deviation of noise in cells of the picture, and where it is not what is usual at that brightness. */
import { z } from 'zod';
import { defineAnalysis, type Findings } from '../analysis.ts';
import { lumaPlane } from '../luma.ts';
import { quantile } from '../mathematics/quantile.ts';
import { noiseCells } from './noise-level.ts';

/** Grey levels below which only the rounding to 8 bits is left, and the share of such cells from which on nothing can be told. */
const roundingLevel = 0.3;
const mostEmpty = 0.5;

export const noiseLevel = defineAnalysis({
  name: 'noise-level',
  title: 'Local noise',
  question: 'Is the noise of some part of the picture not that of the rest?',
  limits:
    'Fine texture counts as noise, and JPEG coding takes noise away where a picture is smooth: untouched pictures are uneven too. It ' +
    'compares parts and gives no verdict.',
  version: 1,
  needs: 'pixels',
  minimumSide: 64,
  parameters: z.object({
    cell: z
      .int()
      .min(8)
      .max(128)
      .multipleOf(2)
      .default(32)
      .describe('Pixels a side of a cell; small cells are less exact.'),
  }),
  async run(picture, { cell }, signal) {
    const image = await picture.pixels();
    const plane = lumaPlane(image);
    const { width, height, sigma, relative } = await noiseCells(plane, cell, signal);
    const [low, middle, high] = [0.05, 0.5, 0.95].map((q) => quantile(sigma, q)) as [number, number, number];
    const emptyCells = sigma.filter((value) => value < roundingLevel).length / sigma.length;
    const findings: Findings['findings'] = [
      {
        code: 'noise-level',
        severity: 'fact',
        sentence: `The noise of half of the cells is below ${middle.toFixed(2)} grey levels, that of nine in ten between ${low.toFixed(2)} and ${high.toFixed(2)}.`,
        data: { median: middle, lowest5: low, highest5: high, cells: sigma.length },
      },
    ];
    if (emptyCells > mostEmpty)
      findings.push({
        code: 'noise-cannot-tell',
        severity: 'fact',
        sentence: `Cannot tell whether noise differs: ${Math.round(100 * emptyCells)} % of the cells hold no fine detail, as after strong compression or smoothing.`,
        data: { emptyShare: emptyCells },
      });
    const covers = { x: 0, y: 0, width: width * cell, height: height * cell };
    return {
      findings,
      maps: [
        {
          ...{ name: 'noise', title: 'Deviation of noise', width, height, data: sigma, covers },
          unit: 'grey levels',
          range: { min: 0, max: Math.max(1, 2 * high) },
        },
        {
          ...{ name: 'against-usual', title: 'Noise against what is usual at that brightness' },
          ...{ width, height, data: relative, covers },
          unit: 'log2',
          range: { min: -3, max: 3 },
        },
      ],
    };
  },
});
