/** Noise residual: what a median or a wavelet filter takes away from the picture, pixel by pixel. */
import { z } from 'zod';
import { defineAnalysis } from '../analysis.ts';
import { lumaPlane } from '../luma.ts';
import { medianResidual } from '../mathematics/median-residual.ts';
import { waveletResidual } from '../mathematics/wavelet-residual.ts';

export const noiseResidual = defineAnalysis({
  name: 'noise-residual',
  title: 'Noise residual',
  question: 'What remains of each pixel when a filter has taken the picture away from its noise?',
  limits:
    'Edges and texture remain in it too. It is made to be looked at: a difference of grain between surfaces of the same kind is worth ' +
    'a question, and there is no threshold and no verdict.',
  version: 1,
  needs: 'pixels',
  minimumSide: 16,
  parameters: z.object({
    filter: z.enum(['median', 'wavelet']).default('median').describe('The filter whose residual is shown.'),
    scale: z
      .number()
      .positive()
      .max(255)
      .default(8)
      .describe('Grey levels that both ends of the scale stand for.'),
    deviation: z
      .number()
      .positive()
      .max(50)
      .default(3)
      .describe('Deviation of the noise that the wavelet filter looks for, in grey levels.'),
  }),
  async run(picture, { filter, scale, deviation }, signal) {
    const image = await picture.pixels();
    const { width, height } = image;
    const plane = lumaPlane(image);
    const residual =
      filter === 'median'
        ? await medianResidual(plane, signal)
        : await waveletResidual(plane, deviation, signal);
    const level = rootMeanSquare(residual.data);
    return {
      findings: [
        {
          code: 'residual-level',
          severity: 'fact',
          sentence: `The residual of the ${filter} filter has a root mean square of ${level.toFixed(2)} grey levels.`,
          data: { filter, rootMeanSquare: level },
        },
      ],
      maps: [
        {
          name: 'residual',
          title: `Residual of the ${filter} filter`,
          ...residual,
          unit: 'grey levels',
          range: { min: -scale, max: scale },
          bits: 8,
          covers: { x: 0, y: 0, width, height },
        },
      ],
    };
  },
});

function rootMeanSquare(values: Float32Array): number {
  let sum = 0;
  for (const value of values) sum += value * value;
  return Math.sqrt(sum / values.length);
}
