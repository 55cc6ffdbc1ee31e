/** Traces of a median filter: adjacent pixels that are equal more often than texture makes them. */
import { z } from 'zod';
import { defineAnalysis, type Findings } from '../analysis.ts';
import { cellGrid } from '../cells.ts';
import { lumaPlane } from '../luma.ts';
import { connectedRegions } from '../mathematics/regions.ts';
import { equalNeighbours } from './equal-neighbours.ts';

/** Of the median cell, from which on the picture was smoothed; of adjacent cells, from which on a part was. */
const leastRatio = 1.25;
/** Adjacent cells that make a part: single ones reach the ratio by chance. */
const leastCells = 4;
const alsoBy =
  'A median filter leaves that; strong smoothing and JPEG coding below a quality of about 80 do so as well.';

export const medianFilter = defineAnalysis({
  name: 'median-filter',
  title: 'Traces of a median filter',
  question: 'Was the picture, or a part of it, smoothed by a median filter?',
  limits:
    'JPEG coding after the filter wipes the trace out, and coding at a low quality makes the same trace: in JPEG files nothing is concluded. ' +
    'Other strong smoothing looks alike.',
  version: 1,
  needs: 'pixels',
  minimumSide: 64,
  parameters: z.object({
    cell: z
      .int()
      .min(32)
      .max(256)
      .default(64)
      .describe('Pixels a side of a cell; small cells are less exact.'),
  }),
  async run(picture, { cell }, signal) {
    const plane = lumaPlane(await picture.pixels());
    plane.data.forEach((value, at) => (plane.data[at] = Math.round(value)));
    const grid = cellGrid(plane, Math.min(cell, plane.width, plane.height));
    const { cells, ratio, textured } = await equalNeighbours(plane, grid, signal);
    const findings: Findings['findings'] = [];
    const data = { ratio, texturedShare: textured };
    if (ratio === null)
      findings.push({
        code: 'median-cannot-tell',
        severity: 'fact',
        sentence: 'Cannot tell: too little of the picture has texture.',
        data,
      });
    else if (picture.format === 'jpeg')
      findings.push({
        code: 'neighbours-equal',
        severity: 'fact',
        sentence: `In half of the textured cells, adjacent pixels are equal at least ${ratio.toFixed(2)} times as often as they differ by one in either direction. Nothing is concluded, as the picture is a JPEG.`,
        data,
      });
    else if (ratio >= leastRatio)
      findings.push({
        code: 'median-traces',
        severity: 'notice',
        sentence: `In half of the textured cells, adjacent pixels are equal at least ${ratio.toFixed(2)} times as often as they differ by one in either direction, where about 1 is usual. ${alsoBy}`,
        data,
      });
    else {
      findings.push({
        code: 'neighbours-usual',
        severity: 'fact',
        sentence: `In half of the textured cells, adjacent pixels are equal at least ${ratio.toFixed(2)} times as often as they differ by one in either direction, as is usual without a median filter.`,
        data,
      });
      const marked = Uint8Array.from(cells, (value) => (value >= leastRatio ? 1 : 0));
      for (const { left, top, right, bottom, indices } of connectedRegions(marked, grid.width, leastCells)) {
        const mean = indices.reduce((sum, at) => sum + cells[at]!, 0) / indices.length;
        const area = {
          ...{ x: left * grid.side, y: top * grid.side },
          ...{ width: (right - left + 1) * grid.side, height: (bottom - top + 1) * grid.side },
        };
        findings.push({
          code: 'median-traces-in-part',
          severity: 'notice',
          sentence: `In the part at (${area.x}, ${area.y}), of ${area.width}x${area.height} pixels, the ratio is ${mean.toFixed(2)}. ${alsoBy}`,
          data: { ratio: mean, cells: indices.length },
          area,
        });
      }
    }
    return {
      findings,
      maps: [
        {
          ...{
            name: 'equal-neighbours',
            title: 'Equal neighbours against those that differ by one; 1 where a cell has too little texture',
          },
          ...{ width: grid.width, height: grid.height, covers: grid.covers },
          data: cells.map((value) => (Number.isNaN(value) ? 1 : value)),
          ...{ unit: 'ratio', range: { min: 0.5, max: 3 } },
        },
      ],
    };
  },
});
