/** Double JPEG compression on one grid: histograms, the first quality, and where its traces are missing. */
import { z } from 'zod';
import { defineAnalysis, NotRun, type Findings } from '../analysis.ts';
import { smoothed } from '../cells.ts';
import { readJpegCoefficients } from '../jpeg-file/coefficients.ts';
import {
  blockRatios,
  estimateFirstSaving,
  frequencyModels,
  type FirstSaving,
  type FrequencyModel,
} from './estimate.ts';

/** Largest value whose count is listed. */
const listed = 64;

export const jpegDouble = defineAnalysis({
  name: 'jpeg-double',
  title: 'Double JPEG compression',
  question:
    'Was the picture saved as JPEG before, with which quality, and where are the traces of that missing?',
  limits:
    'It sees an earlier saving only on the same 8x8 grid, with the standard tables, and mostly one of lower quality than the last. ' +
    'Every saving by a messenger or an editor leaves these traces: they are no sign of a forgery by themselves.',
  version: 1,
  needs: 'pixels',
  formats: ['jpeg'],
  minimumSide: 64,
  parameters: z.object({
    leastGain: z
      .number()
      .min(0.005)
      .max(0.5)
      .default(0.02)
      .describe(
        'Nats a coefficient from which an earlier saving counts as seen; four times as many where most blocks show none.',
      ),
    smoothing: z
      .int()
      .min(0)
      .max(8)
      .default(1)
      .describe('Blocks on each side over which the map is averaged.'),
  }),
  async run(picture, { leastGain, smoothing }, signal): Promise<Findings> {
    const { header, components } = readJpegCoefficients(picture.bytes);
    if (header.components.length === 4) throw new NotRun('It reads greyscale and colour, not CMYK.');
    const image = await picture.pixels();
    signal.throwIfAborted();
    const [coefficients] = components;
    const models = frequencyModels(image, coefficients!);
    const found = estimateFirstSaving(models);
    const details = { histograms: models.map(histogram), firstSteps: found?.steps ?? [] };
    if (found === null || found.gain < needed(found, leastGain))
      return {
        findings: [
          {
            code: 'no-earlier-saving',
            severity: 'fact',
            sentence:
              'No earlier saving on this grid is seen. Many earlier savings, above all of higher quality, leave nothing to see.',
            data: { gain: found?.gain ?? 0, leastGain },
          },
        ],
        details,
      };
    const { quality, upTo, untouched, gain, freeGain } = found;
    const qualities = quality === upTo ? `${quality}` : `${quality} to ${upTo}`;
    const { width, height } = coefficients!;
    const data = smoothed(blockRatios(models, found, coefficients!), width, height, smoothing);
    return {
      findings: [
        {
          code: 'earlier-saving',
          severity: 'notice',
          sentence:
            `The coefficients carry traces of an earlier saving on the same grid, with standard tables of about quality ${qualities}; ` +
            `about ${Math.round(100 * untouched)} % of the blocks are modelled best without them.`,
          data: { quality, upTo, untouched, gain, freeGain },
        },
      ],
      maps: [
        {
          name: 'without-traces',
          title: 'Where traces of the earlier saving are missing',
          ...{ width, height, data, unit: 'ln P(saved once) / P(saved twice)', range: { min: -8, max: 8 } },
          covers: { x: 0, y: 0, width: width * 8, height: height * 8 },
        },
      ],
      details,
    };
  },
});

/** Smooth pictures look a little as if a part of them had been saved before: where few blocks show it, it must show clearly. */
const needed = ({ untouched }: FirstSaving, leastGain: number): number =>
  untouched <= 0.25 ? leastGain : 4 * leastGain;

/** Counts of the values -64 ... 64. */
function histogram({ index, step, reach, counts }: FrequencyModel) {
  const shown = Math.min(listed, reach);
  return {
    ...{ vertical: index >> 3, horizontal: index & 7, step, from: -shown },
    counts: [...counts.subarray(reach - shown, reach + shown + 1)],
  };
}
