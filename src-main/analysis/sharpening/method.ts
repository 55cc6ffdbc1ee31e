/** Traces of sharpening: how far edges overshoot, in the whole picture and in its cells. */
import { z } from 'zod';
import { defineAnalysis, type Findings } from '../analysis.ts';
import { cellGrid } from '../cells.ts';
import { lumaPlane } from '../luma.ts';
import { leastEdges, overshoot } from './overshoot.ts';

/** Of the median edge, from which on a picture is said to be sharpened strongly: above what was measured in photographs of cameras. */
const strong = 0.1;

const percent = (share: number): string => `${(100 * share).toFixed(0)} %`;

export const sharpening = defineAnalysis({
  name: 'sharpening',
  title: 'Traces of sharpening',
  question: 'Was the picture, or a part of it, sharpened?',
  limits:
    'Most cameras sharpen themselves, so that sharpening is no sign of a change; a part whose edges overshoot unlike those of the rest may ' +
    'be. Real edges can have bright seams of their own. Only edges between level sides count.',
  version: 1,
  needs: 'pixels',
  minimumSide: 64,
  parameters: z.object({
    cell: z
      .int()
      .min(32)
      .max(512)
      .default(96)
      .describe('Pixels a side of a cell; a cell needs several edges.'),
  }),
  async run(picture, { cell }, signal) {
    const plane = lumaPlane(await picture.pixels());
    const grid = cellGrid(plane, Math.min(cell, plane.width, plane.height));
    const { cells, median, edges } = await overshoot(plane, grid, signal);
    const measured = cells.filter((value) => !Number.isNaN(value)).length / cells.length;
    const data = { overshoot: median, edges, measuredShare: measured };
    const findings: Findings['findings'] = [
      median === null
        ? {
            code: 'sharpening-cannot-tell',
            severity: 'fact',
            sentence: `Cannot tell: only ${edges} edges between level sides were found, and ${leastEdges.picture} are needed.`,
            data,
          }
        : {
            code: median >= strong ? 'strong-overshoot' : 'overshoot',
            severity: median >= strong ? 'notice' : 'fact',
            sentence:
              `Half of ${edges} edges overshoot by more than ${percent(median)} of their height; ${percent(measured)} of the cells have enough edges.` +
              (median >= strong
                ? ' That is more than in unsharpened pictures: it was sharpened, by the camera or later.'
                : ''),
            data,
          },
    ];
    const usual = median ?? 0;
    return {
      findings,
      maps: [
        {
          ...{ name: 'overshoot', title: 'Overshoot of edges; the usual value where a cell has too few' },
          ...{ width: grid.width, height: grid.height, covers: grid.covers },
          data: cells.map((value) => (Number.isNaN(value) ? usual : value)),
          ...{ unit: 'share of the edge', range: { min: -0.1, max: 0.4 } },
        },
      ],
    };
  },
});
