/** Traces of resampling: periodic predictability of pixels from their neighbours, in the whole picture and in parts. */
import { z } from 'zod';
import { defineAnalysis, type Findings } from '../analysis.ts';
import { library } from '../library.ts';
import { lumaPlane } from '../luma.ts';
import { connectedRegions, type Region } from '../mathematics/regions.ts';
import { periodicity, type Periodicity } from './periodicity.ts';
import { predictionMap } from './prediction-map.ts';

/** A tile's own pair must stand so much above the background, in so many adjacent tiles. */
const leastTileStrength = 10;
const leastTiles = 4;
/** Tiles of one period below this share of the strongest are taken for its edge. */
const leastOfStrongest = 0.2;
/** Share of tiles whose own strongest pair must be that of the mean: by chance it is one in thousands. */
const leastCarried = 0.25;
/** Share of all tiles from which on the picture as a whole is said to have been resampled. */
const leastWhole = 0.5;
const mostRegions = 20;

/**
 * Against the background, the strength from which on the peak of a mean of `tiles` spectra is reported. One spectrum reaches 9 by chance,
 * the mean of many hardly 2; measured on photographs, see README.md.
 */
export const leastStrength = (tiles: number): number => Math.max(2, 1 + 8.5 / Math.sqrt(tiles));

export const resampling = defineAnalysis({
  name: 'resampling',
  title: 'Traces of resampling',
  question: 'Was the picture, or a part of it, scaled or turned?',
  limits:
    'JPEG compression after the scaling hides it, mostly at a quality of 90 and always below. Factors whose traces fall on the grid of ' +
    'JPEG blocks (2, 4, 4/3 and others), strong reduction, and factors that differ for both axes are not seen. A picture scaled as a ' +
    'whole is common and innocent.',
  version: 1,
  needs: 'pixels',
  minimumSide: 128,
  libraries: [library('fft.js')],
  parameters: z.object({
    tile: z.literal([64, 128, 256]).default(128).describe('Pixels a side of the tiles that are looked at.'),
  }),
  async run(picture, { tile }, signal) {
    const image = await picture.pixels();
    const { width, height } = image;
    const side = Math.min(tile, 2 ** Math.floor(Math.log2(Math.min(width, height))));
    const map = await predictionMap(lumaPlane(image), signal);
    const found = await periodicity(map, side, signal);
    const apart = Math.ceil(found.tilesAcross / 2) * Math.ceil(found.tilesDown / 2);
    const needed = leastStrength(apart);
    const { peak } = found;
    const data = { fx: peak.fx, fy: peak.fy, strength: peak.strength, needed };
    const carriers = tilesWith(found, peak.fx, peak.fy);
    const share = carriers.length / found.tileStrength.length;
    const regions = resampledRegions(found);
    // A peak of the mean that hardly any tile shows as its own strongest is a pattern of what the picture shows.
    const carried = tilesNear(found, peak.fx, peak.fy).length >= leastCarried * found.tileStrength.length;
    const whole = peak.strength >= needed && carried && (share >= leastWhole || regions.length === 0);
    const findings: Findings['findings'] = [];
    if (whole)
      findings.push({
        code: 'resampled',
        severity: 'notice',
        sentence: `Pixels are predictable with a period of ${period(peak)} pixels throughout the picture, ${peak.strength.toFixed(1)} times as strong as their surroundings: it was probably scaled or turned.`,
        data: { ...data, tiles: carriers.length, share, factors: factors(Math.max(peak.fx, peak.fy)) },
      });
    else
      for (const { region, fx, fy } of regions.slice(0, mostRegions))
        findings.push({
          code: 'part-resampled',
          severity: 'notice',
          sentence: `${region.cells} adjacent tiles of ${found.tileStrength.length} share a period of ${period({ fx, fy })} pixels: this part was probably scaled or turned, unless the rest is too flat to show it.`,
          data: { tiles: region.cells, fx, fy, factors: factors(Math.max(fx, fy)) },
          area: {
            x: (region.left * side) / 2,
            y: (region.top * side) / 2,
            width: ((region.right - region.left + 2) * side) / 2,
            height: ((region.bottom - region.top + 2) * side) / 2,
          },
        });
    if (findings.length === 0)
      findings.push({
        code: 'resampling-not-seen',
        severity: 'fact',
        sentence: `No period stands out (strongest ${peak.strength.toFixed(1)}, ${needed.toFixed(1)} needed). That does not show that nothing was scaled.`,
        data,
      });
    return { findings, maps: mapsOf(found, { map, picture: { width, height } }) };
  },
});

const period = ({ fx, fy }: { fx: number; fy: number }): string => (1 / Math.hypot(fx, fy)).toFixed(2);

/** Scale factors that leave a period of frequency f: itself or its alias, enlarging and reducing. */
const factors = (f: number): number[] =>
  [1 / (1 - f), 1 / f, 1 / (1 + f)].map((factor) => Number(factor.toFixed(3)));

/** The tiles whose strongest pair is the one given, within a bin. */
function tilesNear({ side, tilePair, pairs }: Periodicity, fx: number, fy: number): number[] {
  const near = (pair: number): boolean =>
    Math.abs(pairs.fx[pair]! - fx) * side <= 1 && Math.abs(pairs.fy[pair]! - fy) * side <= 1;
  return [...tilePair.keys()].filter((tile) => near(tilePair[tile]!));
}

/** Those of them that show it clearly. */
function tilesWith(found: Periodicity, fx: number, fy: number): number[] {
  const { tileStrength } = found;
  const tiles = tilesNear(found, fx, fy).filter((tile) => tileStrength[tile]! >= leastTileStrength);
  const top = tiles.reduce((most, tile) => Math.max(most, tileStrength[tile]!), 0);
  return tiles.filter((tile) => tileStrength[tile]! >= leastOfStrongest * top);
}

type Found = { region: Region; fx: number; fy: number };

/** Adjacent tiles that share one pair of frequencies, from the strongest tile on. */
function resampledRegions(found: Periodicity): Found[] {
  const { tilesAcross, tileStrength, tilePair, pairs } = found;
  const regions: Found[] = [];
  const taken = new Uint8Array(tileStrength.length);
  const strong = [...tileStrength.keys()].filter((tile) => tileStrength[tile]! >= leastTileStrength);
  for (const tile of strong.sort((a, b) => tileStrength[b]! - tileStrength[a]! || a - b)) {
    if (taken[tile]) continue;
    taken[tile] = 1;
    const [fx, fy] = [pairs.fx[tilePair[tile]!]!, pairs.fy[tilePair[tile]!]!];
    const marked = new Uint8Array(tileStrength.length);
    for (const other of tilesWith(found, fx, fy)) marked[other] = 1;
    for (const region of connectedRegions(marked, tilesAcross, leastTiles)) {
      if (region.indices.some((index) => taken[index] === 2)) continue;
      for (const index of region.indices) taken[index] = 2;
      regions.push({ region, fx, fy });
    }
  }
  return regions;
}

function mapsOf(
  { side, spectrum, tilesAcross, tilesDown, tileStrength }: Periodicity,
  { map, picture }: { map: { data: Float32Array }; picture: { width: number; height: number } },
): Findings['maps'] {
  const step = side / 2;
  const logs = spectrum.map((power) => Math.log10(power + 1e-9));
  const [low, high] = rangeOf(logs);
  return [
    {
      ...{ name: 'prediction', title: 'How well pixels are predicted', ...picture, data: map.data },
      unit: 'share',
      range: { min: 0, max: 1 },
      bits: 8,
      covers: { x: 0, y: 0, ...picture },
    },
    {
      ...{ name: 'spectrum', title: 'Spectrum of the prediction', width: side, height: side, data: logs },
      unit: 'log10 of power',
      range: { min: low, max: high },
      covers: null,
    },
    {
      ...{ name: 'tiles', title: 'Strongest period of each tile' },
      ...{ width: tilesAcross, height: tilesDown, data: tileStrength },
      unit: 'times the background',
      range: { min: 0, max: 2 * leastTileStrength },
      covers: { x: step / 2, y: step / 2, width: tilesAcross * step, height: tilesDown * step },
    },
  ];
}

function rangeOf(values: Float32Array): [number, number] {
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [low, high];
}
