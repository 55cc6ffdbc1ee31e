/** One picture laid over another of the same thing: how they lie, where they differ, and their histograms. */
import { z } from 'zod';
import type { RgbImage } from '#engine/ports.ts';
import { defineAnalysis, type Findings } from '../analysis.ts';
import { cellGrid, type CellGrid } from '../cells.ts';
import { library } from '../library.ts';
import { lumaPlane } from '../luma.ts';
import type { Plane } from '../mathematics/plane.ts';
import { median } from '../mathematics/quantile.ts';
import { connectedRegions } from '../mathematics/regions.ts';
import { detailsOf, findAlignment, measured, refined, warped, type Alignment } from './alignment.ts';
import { histograms } from './histograms.ts';
import { reducedLuma } from './reduced.ts';

/** Longer sides at which the alignment is looked for, and made exact. */
const [coarseSide, fineSide] = [256, 1024];
/** Correlation of details from which on pictures count as showing the same. Unrelated ones stayed below 0.1. */
const leastCorrelation = 0.3;
/** A cell differs by at least so many grey levels, and so many times the usual deviation; regions of so many cells. */
const [leastLevels, leastDeviations, leastCells] = [5, 8, 3];
const mostRegions = 20;

export const referenceComparison = defineAnalysis({
  name: 'reference-comparison',
  title: 'Comparison with another picture',
  question: 'Does another picture show the same, and where do the two differ?',
  limits:
    'It lays pictures over each other that were turned, scaled, shifted or cut out; perspective, mirroring, other moments and other view points ' +
    'it does not follow. A cut-out that was turned by anything but quarter turns is mostly not found. Edges differ wherever one was sharpened ' +
    'or scaled. Which of the two was changed it cannot tell.',
  version: 1,
  needs: 'pixels',
  minimumSide: 64,
  libraries: [library('fft.js')],
  references: { what: 'one other picture', least: 1, most: 1, required: true },
  parameters: z.object({
    cell: z.int().min(4).max(64).default(16).describe('Pixels a side of a cell of the map of differences.'),
    scale: z
      .number()
      .positive()
      .max(255)
      .default(20)
      .describe('Difference in grey levels that the upper end of the scale stands for.'),
  }),
  async run(picture, { cell, scale }, signal, [reference]) {
    const image = await picture.pixels();
    const other = await (await reference!.open()).pixels();
    const shades = histograms(image, other);
    const details = { histograms: shades.details };
    const findings: Findings['findings'] = [
      {
        code: 'histograms',
        severity: 'fact',
        sentence: `The histograms of brightness have ${Math.round(100 * shades.common)} % in common.`,
        data: { common: shades.common },
      },
    ];
    if (
      image.width === other.width &&
      image.height === other.height &&
      Buffer.compare(image.data, other.data) === 0
    ) {
      findings.unshift({
        code: 'same-pixels',
        severity: 'fact',
        sentence: 'Both pictures have the same pixels, one by one.',
      });
      return { findings, details };
    }
    const [first, second] = [lumaPlane(image), lumaPlane(other)];
    const found = await align(image, other, signal);
    if (found === null || found.correlation < leastCorrelation) {
      findings.unshift({
        code: 'not-aligned',
        severity: 'notice',
        sentence: `The pictures could not be laid over each other (their details correlate with ${(found?.correlation ?? 0).toFixed(2)} at the best, ${leastCorrelation} is needed), so that no difference is drawn.`,
        data: { correlation: found?.correlation ?? 0 },
      });
      return { findings, details };
    }
    const over = warped(second, image, found);
    const grid = cellGrid(image, cell);
    const { data, gain, offset } = differences(first, over, grid);
    const turn = (((((found.angle * 180) / Math.PI) % 360) + 540) % 360) - 180;
    findings.unshift(
      {
        code: 'aligned',
        severity: 'fact',
        sentence: `The other picture lies over this one scaled by ${(1 / found.scale).toFixed(3)} and turned by ${(-turn).toFixed(1)} degrees; it covers ${Math.round(100 * found.overlap)} % of it, and details correlate with ${found.correlation.toFixed(2)}.`,
        data: {
          scale: 1 / found.scale,
          degrees: -turn,
          overlap: found.overlap,
          correlation: found.correlation,
        },
      },
      {
        code: 'brightness',
        severity: 'fact',
        sentence: `Its brightness times ${gain.toFixed(2)} ${offset < 0 ? 'less' : 'plus'} ${Math.abs(offset).toFixed(1)} grey levels fits this one's best; the difference is what is left.`,
        data: { gain, offset },
      },
      ...parts(data, grid),
    );
    return {
      findings,
      details,
      maps: [
        {
          ...{ name: 'difference', title: 'Difference of the means of cells', unit: 'grey levels' },
          ...{ width: grid.width, height: grid.height, covers: grid.covers, range: { min: 0, max: scale } },
          // Cells that the other picture does not cover differ in nothing.
          data: data.map((value) => (Number.isNaN(value) ? 0 : Math.abs(value))),
        },
      ],
    };
  },
});

/** In pixels of both pictures at full resolution; its correlation is that of details at the finer of the two reduced sizes. */
async function align(image: RgbImage, other: RgbImage, signal: AbortSignal): Promise<Alignment | null> {
  const small = [await reducedLuma(image, coarseSide), await reducedLuma(other, coarseSide)] as const;
  const ratio = (a: number, b: number): number => a / b;
  const coarse = await findAlignment(
    small[0].plane,
    small[1].plane,
    ratio(small[0].factor, small[1].factor),
    signal,
  );
  if (coarse === null || coarse.correlation < leastCorrelation / 2) return coarse;
  const fine = [await reducedLuma(image, fineSide), await reducedLuma(other, fineSide)] as const;
  const start = {
    angle: coarse.angle,
    scale: (coarse.scale * ratio(small[1].factor, fine[1].factor)) / ratio(small[0].factor, fine[0].factor),
    x: coarse.x * ratio(small[1].factor, fine[1].factor),
    y: coarse.y * ratio(small[1].factor, fine[1].factor),
  };
  const better = await refined(fine[0].plane, fine[1].plane, start, signal);
  const checked = better && measured(detailsOf(fine[0].plane), detailsOf(fine[1].plane), better);
  if (checked === null) return null;
  const { factor } = fine[1];
  return {
    ...checked,
    correlation: Math.max(checked.correlation, coarse.correlation),
    scale: checked.scale * ratio(factor, fine[0].factor),
    x: checked.x * factor,
    y: checked.y * factor,
  };
}

/** The mean of each cell less that of the other picture, whose brightness was fitted; NaN where that does not cover the cell. */
function differences(
  own: Plane,
  over: Plane,
  grid: CellGrid,
): { data: Float32Array; gain: number; offset: number } {
  const means = (plane: Plane): Float32Array => {
    const out = new Float32Array(grid.width * grid.height);
    for (let y = 0; y < grid.covers.height; y++)
      for (let x = 0; x < grid.covers.width; x++)
        out[Math.floor(y / grid.side) * grid.width + Math.floor(x / grid.side)]! +=
          plane.data[y * plane.width + x]! / (grid.side * grid.side);
    return out;
  };
  const [a, b] = [means(own), means(over)];
  const { gain, offset } = fitted(a, b);
  return { data: a.map((value, i) => value - gain * b[i]! - offset), gain, offset };
}

/** a = gain b + offset by least squares, twice: the second time without the tenth that fits worst. */
function fitted(a: Float32Array, b: Float32Array): { gain: number; offset: number } {
  let pairs = Array.from(a, (value, i) => [value, b[i]!] as const).filter(
    ([, other]) => !Number.isNaN(other),
  );
  let [gain, offset] = [1, 0];
  for (let round = 0; round < 2 && pairs.length > 0; round++) {
    const n = pairs.length;
    const [meanA, meanB] = [0, 1].map((k) => pairs.reduce((sum, pair) => sum + pair[k]!, 0) / n) as [
      number,
      number,
    ];
    const spread = pairs.reduce((sum, [, y]) => sum + (y - meanB) ** 2, 0);
    gain = spread > 1e-6 ? pairs.reduce((sum, [x, y]) => sum + (x - meanA) * (y - meanB), 0) / spread : 1;
    offset = meanA - gain * meanB;
    const miss = ([x, y]: readonly [number, number]): number => Math.abs(x - gain * y - offset);
    pairs = pairs.toSorted((p, q) => miss(p) - miss(q)).slice(0, Math.ceil(0.9 * n));
  }
  return { gain, offset };
}

function parts(data: Float32Array, { width, side }: CellGrid): Findings['findings'] {
  const usual = 1.4826 * median(data.filter((value) => !Number.isNaN(value)).map(Math.abs));
  const least = Math.max(leastLevels, leastDeviations * usual);
  const marked = Uint8Array.from(data, (value) => (Math.abs(value) >= least ? 1 : 0));
  return connectedRegions(marked, width, leastCells)
    .slice(0, mostRegions)
    .map(({ left, top, right, bottom, cells, indices }): Findings['findings'][number] => {
      const area = {
        x: left * side,
        y: top * side,
        width: (right - left + 1) * side,
        height: (bottom - top + 1) * side,
      };
      const mean = indices.reduce((sum, at) => sum + Math.abs(data[at]!), 0) / cells;
      return {
        code: 'part-differs',
        severity: 'notice',
        sentence: `A part of ${area.width} by ${area.height} pixels differs by ${mean.toFixed(0)} grey levels.`,
        data: { cells, mean, least },
        area,
      };
    });
}
