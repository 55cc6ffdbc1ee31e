/**
 * Periodic patterns of a prediction map: its power spectrum over tiles, the peaks that stand above their surroundings, and in
 * which tiles they are. A picture that is scaled, turned, or both, by one factor for both axes leaves peaks in pairs, at
 * (fx, fy) and at (-fy, fx): a peak counts as much as the smaller of its pair.
 */
import { breathe } from '../mathematics/breathe.ts';
import type { Plane } from '../mathematics/plane.ts';
import { hann, PlaneTransform } from '../mathematics/plane-transform.ts';
import { select } from '../mathematics/quantile.ts';

export interface Peak {
  /** Cycles a pixel, in (-0.5, 0.5]; the other of the pair is at (-fy, fx). */
  fx: number;
  fy: number;
  /** The smaller power of the pair, against the background around it. */
  strength: number;
}

export interface Periodicity {
  /** Pixels a side of a tile; tiles overlap by half. */
  side: number;
  tilesAcross: number;
  tilesDown: number;
  /** Mean power over tiles, [side x side], frequency 0 in the middle. */
  spectrum: Float32Array;
  /** The strongest pair of the mean spectrum. */
  peak: Peak;
  /** Of each tile, its strongest pair: strength and place in `pairs`. */
  tileStrength: Float32Array;
  tilePair: Int32Array;
  /** Frequencies of the pairs that were looked at. */
  pairs: { fx: Float32Array; fy: Float32Array };
}

/**
 * Frequencies within this many bins of a multiple of 1/8 on either axis are passed over: the grid of JPEG blocks and colour filter
 * arrays put peaks there.
 */
const gridBins = 1.5;
/** Cycles a pixel below which what the picture shows, as rows of windows, has periods of its own. */
const lowest = 0.1;

/** The pairs that are looked at, as places in a half spectrum. Each pair once. */
function pairsOf(side: number): {
  first: Int32Array;
  second: Int32Array;
  fx: Float32Array;
  fy: Float32Array;
} {
  const first: number[] = [];
  const second: number[] = [];
  const fx: number[] = [];
  const fy: number[] = [];
  /** Place of the frequency (u, v) in bins, by the symmetry of real input. */
  const place = (u: number, v: number): number => {
    const [a, b] = u < 0 ? [-u, -v] : [u, v];
    return a * side + ((b + side) % side);
  };
  const onGrid = (u: number): boolean => {
    const eighths = (8 * u) / side;
    return Math.abs(eighths - Math.round(eighths)) * (side / 8) <= gridBins;
  };
  for (let u = 1; u < side / 2; u++)
    for (let v = 0; v < side / 2; v++) {
      // On an axis one of the coordinates is 0, which is no sign of the grid.
      if ((onGrid(u) && (v === 0 || onGrid(v))) || Math.hypot(u, v) < lowest * side) continue;
      first.push(place(u, v));
      second.push(place(-v, u));
      fx.push(u / side);
      fy.push(v / side);
    }
  return {
    first: Int32Array.from(first),
    second: Int32Array.from(second),
    fx: Float32Array.from(fx),
    fy: Float32Array.from(fy),
  };
}

/** @param map a prediction map of at least `side` pixels a side */
export async function periodicity(map: Plane, side: number, signal: AbortSignal): Promise<Periodicity> {
  const transform = new PlaneTransform(side);
  const step = side / 2;
  const tilesAcross = Math.floor((map.width - side) / step) + 1;
  const tilesDown = Math.floor((map.height - side) / step) + 1;
  const pairs = pairsOf(side);
  const bins = transform.half * side;
  const total = new Float64Array(bins);
  const spectrum = transform.newSpectrum();
  const window = hann(side);
  const tile = new Float32Array(side * side);
  /** Power of every tile at the two places of every pair would be large; tiles are transformed twice instead. */
  const powerOf = (index: number, power: Float64Array): void => {
    const left = (index % tilesAcross) * step;
    const top = Math.floor(index / tilesAcross) * step;
    cutTile(map, left, top, side, tile);
    transform.forward((y, row) => {
      const weight = window[y]!;
      for (let x = 0; x < side; x++) row[x] = tile[y * side + x]! * weight * window[x]!;
    }, spectrum);
    for (let i = 0; i < bins; i++)
      power[i] = spectrum[2 * i]! * spectrum[2 * i]! + spectrum[2 * i + 1]! * spectrum[2 * i + 1]!;
  };
  const tiles = tilesAcross * tilesDown;
  const power = new Float64Array(bins);
  // The mean over tiles that do not overlap is the background of all.
  for (let index = 0; index < tiles; index++) {
    if (index % tilesAcross === 0) await breathe(signal);
    if ((index % tilesAcross) % 2 || Math.floor(index / tilesAcross) % 2) continue;
    powerOf(index, power);
    for (let i = 0; i < bins; i++) total[i]! += power[i]!;
  }
  const counted = Math.ceil(tilesAcross / 2) * Math.ceil(tilesDown / 2);
  const background = localMedian(total, side, transform.half);
  const peak = strongest(total, background, pairs, 1);
  const tileStrength = new Float32Array(tiles);
  const tilePair = new Int32Array(tiles);
  for (let index = 0; index < tiles; index++) {
    if (index % tilesAcross === 0) await breathe(signal);
    powerOf(index, power);
    let ratio = 0;
    for (const place of pairs.first) ratio += power[place]! / background[place]!;
    const found = strongest(power, background, pairs, ratio / pairs.first.length || 1);
    tileStrength[index] = found.strength;
    tilePair[index] = found.pair;
  }
  return {
    ...{ side, tilesAcross, tilesDown, tileStrength, tilePair },
    spectrum: centred(total, side, counted),
    peak: { fx: pairs.fx[peak.pair]!, fy: pairs.fy[peak.pair]!, strength: peak.strength },
    pairs,
  };
}

function cutTile({ width, data }: Plane, left: number, top: number, side: number, tile: Float32Array): void {
  let sum = 0;
  for (let y = 0; y < side; y++)
    for (let x = 0, at = (top + y) * width + left; x < side; x++, at++) {
      tile[y * side + x] = data[at]!;
      sum += data[at]!;
    }
  const mean = sum / tile.length;
  for (let i = 0; i < tile.length; i++) tile[i]! -= mean;
}

function strongest(
  power: Float64Array,
  background: Float64Array,
  { first, second }: { first: Int32Array; second: Int32Array },
  scale: number,
): { pair: number; strength: number } {
  let pair = 0;
  let strength = 0;
  for (let i = 0; i < first.length; i++) {
    const a = power[first[i]!]! / background[first[i]!]!;
    if (a <= strength) continue;
    const b = power[second[i]!]! / background[second[i]!]!;
    const both = a < b ? a : b;
    if (both > strength) {
      strength = both;
      pair = i;
    }
  }
  return { pair, strength: strength / scale };
}

/** Around each bin the median of the 9 x 9 bins, itself and its eight neighbours left out; periodic and symmetric. */
function localMedian(power: Float64Array, side: number, half: number): Float64Array {
  const reach = 4;
  const out = new Float64Array(power.length);
  const values = new Float64Array((2 * reach + 1) ** 2 - 9);
  for (let u = 0; u < half; u++)
    for (let v = 0; v < side; v++) {
      let count = 0;
      for (let du = -reach; du <= reach; du++)
        for (let dv = -reach; dv <= reach; dv++) {
          if (Math.abs(du) <= 1 && Math.abs(dv) <= 1) continue;
          let a = u + du;
          let b = v + dv;
          if (a < 0 || a >= half) {
            a = a < 0 ? -a : side - a;
            b = -b;
          }
          values[count++] = power[a * side + ((b + 2 * side) % side)]!;
        }
      out[u * side + v] = Math.max(select(values, count >> 1, count), 1e-12);
    }
  return out;
}

/** The whole plane of frequencies from its half, frequency 0 at (side / 2, side / 2), divided by `count`. */
function centred(power: Float64Array, side: number, count: number): Float32Array {
  const out = new Float32Array(side * side);
  for (let y = 0; y < side; y++)
    for (let x = 0; x < side; x++) {
      let u = x - side / 2;
      let v = y - side / 2;
      if (u < 0) [u, v] = [-u, -v];
      out[y * side + x] = power[u * side + ((v + side) % side)]! / count;
    }
  return out;
}
