/** Traces of colour filter array interpolation: whether the picture has them, and where they are missing or shifted. */
import { z } from 'zod';
import { defineAnalysis, type Findings } from '../analysis.ts';
import { greenPlane } from '../mathematics/plane.ts';
import { median } from '../mathematics/quantile.ts';
import { connectedRegions, type Region } from '../mathematics/regions.ts';
import { interpolationCells } from './interpolation.ts';

/** Fewest cells with detail. */
const leastCells = 40;
/**
 * Traces are taken for found where cells agree in sign and the median of the logarithm is this far from 0: nearly all cells, or most cells
 * with a median that no camera of another interpolation reached.
 */
const agreed = [
  { agreement: 0.92, median: 0.1 },
  { agreement: 0.7, median: 0.8 },
];
/** A cell lacks the traces below this share of the picture's median. */
const missingBelow = 0.15;
/** Fewest cells of a region, and the least share of its box that they fill. */
const leastRegion = 8;
const leastFilled = 0.5;
const mostRegions = 20;

export const colourFilterArray = defineAnalysis({
  name: 'colour-filter-array',
  title: 'Colour filter array',
  question: "Do the traces of a camera's colour filter array run through the whole picture?",
  limits:
    'It sees interpolation from the four neighbours, as simple cameras do it, in pictures that were neither resized nor compressed ' +
    'below a quality of about 90. Most pictures from phones, editors and the web carry no such trace, and then it cannot tell.',
  version: 1,
  needs: 'pixels',
  minimumSide: 128,
  parameters: z.object({
    cell: z.int().min(8).max(64).multipleOf(2).default(16).describe('Pixels a side of a cell.'),
  }),
  async run(picture, { cell }, signal) {
    const image = await picture.pixels();
    const cells = await interpolationCells(greenPlane(image), cell, signal);
    const { width, height, evenOverOdd, usable } = cells;
    const values = evenOverOdd.filter((_, i) => usable[i]);
    const middle = values.length > 0 ? median(values) : 0;
    const orientation = middle < 0 ? -1 : 1;
    const agreement = values.filter((value) => orientation * value > 0).length / Math.max(1, values.length);
    const data = { usableCells: values.length, agreement, median: middle };
    const map = {
      ...{ name: 'interpolation', title: 'Traces of interpolation', width, height },
      data: evenOverOdd.map((value) => orientation * value),
      unit: 'ln of variance ratio',
      range: { min: -Math.max(0.5, 1.5 * Math.abs(middle)), max: Math.max(0.5, 1.5 * Math.abs(middle)) },
      covers: { x: 0, y: 0, width: width * cell, height: height * cell },
    };
    if (values.length < leastCells)
      return cannotTell(`only ${values.length} of ${usable.length} cells hold enough detail`, data);
    if (!agreed.some((least) => agreement >= least.agreement && Math.abs(middle) >= least.median))
      return cannotTell(
        'its green values show no steady traces of interpolation, as after resizing, compression, or in a camera that interpolates otherwise',
        data,
      );
    const missing = usable.map((use, i) =>
      use && orientation * evenOverOdd[i]! < missingBelow * Math.abs(middle) ? 1 : 0,
    );
    const regions = connectedRegions(missing, width, leastRegion).filter(
      (region) => region.cells >= leastFilled * boxCells(region),
    );
    return {
      findings: [
        {
          code: 'interpolation-found',
          severity: 'fact',
          sentence: `${Math.round(100 * agreement)} % of the cells with detail show the same traces of colour filter array interpolation, green measured where x + y is ${middle > 0 ? 'even' : 'odd'}.`,
          data,
        },
        ...regions.slice(0, mostRegions).map((region): Findings['findings'][number] => ({
          code: 'interpolation-missing',
          severity: 'notice',
          sentence: `The traces are missing or shifted in ${region.cells} adjacent cells.`,
          data: { cells: region.cells },
          area: {
            x: region.left * cell,
            y: region.top * cell,
            width: (region.right - region.left + 1) * cell,
            height: (region.bottom - region.top + 1) * cell,
          },
        })),
      ],
      maps: [map],
    };
  },
});

const boxCells = ({ left, right, top, bottom }: Region): number => (right - left + 1) * (bottom - top + 1);

/** Without steady traces a map would only show texture, so that there is none. */
const cannotTell = (why: string, data: Record<string, number>): Findings => ({
  findings: [
    {
      code: 'interpolation-cannot-tell',
      severity: 'fact',
      sentence: `Cannot tell anything from the colour filter array: ${why}.`,
      data,
    },
  ],
});
