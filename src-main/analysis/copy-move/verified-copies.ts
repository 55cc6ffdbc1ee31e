/** From matched patches to copies: groups whose matches move together, the transformation of each, and the proof by its pixels. */
import { isReverse, leastPixels, type Copy } from '../copies.ts';
import { breathe } from '../mathematics/breathe.ts';
import { SumTable } from '../mathematics/box-mean.ts';
import { applied, fitTrimmed } from '../mathematics/affine.ts';
import type { Plane } from '../mathematics/plane.ts';
import type { NearestField } from './nearest-field.ts';
import type { PatchFeatures } from './patch-features.ts';
import { smoothed } from '../mathematics/reduced-plane.ts';

/** Squared feature distance of a match that counts. */
const mostDistance = 700;
/** How much the matches of neighbours may part, in pixels along an axis. */
const mostParting = 2;
/** Pixels by which a match may miss the transformation of its group. */
const mostMiss = 2.5;
/** Correlation of the detail from which on a group is a copy. */
const leastCorrelation = 0.93;
/**
 * How much the correlation must fall when one part is moved by four pixels in the direction in which it falls least. Along a straight edge
 * it does not fall: every piece of a long edge is like every other, which is no copy.
 */
const leastFall = 0.3;
const shifts = [
  [4, 0],
  [3, 3],
  [0, 4],
  [-3, 3],
  [-4, 0],
  [-3, -3],
  [0, -4],
  [3, -3],
] as const;
/** Area scale that is believed. */
const scales = [0.35, 2.9] as const;

export async function verifiedCopies(
  plane: Plane,
  { usable }: PatchFeatures,
  { match, distance }: NearestField,
  options: { apart: number },
  signal: AbortSignal,
): Promise<Copy[]> {
  const { width, height } = plane;
  const detail = detailOf(plane);
  const seen = new Uint8Array(width * height);
  const least = leastPixels(width * height);
  const copies: Copy[] = [];
  const counts = (at: number): boolean => !!usable[at] && match[at]! >= 0 && distance[at]! <= mostDistance;
  for (let start = 0; start < seen.length; start++) {
    if (start % (64 * width) === 0) await breathe(signal);
    if (seen[start] || !counts(start)) continue;
    const group = [start];
    seen[start] = 1;
    for (let next = 0; next < group.length; next++) {
      const at = group[next]!;
      const u = match[at]! % width;
      const v = (match[at]! - u) / width;
      for (const [dx, dy] of neighbours) {
        const other = at + dy * width + dx;
        if (other < 0 || other >= seen.length || seen[other] || !counts(other)) continue;
        const otherU = match[other]! % width;
        const otherV = (match[other]! - otherU) / width;
        if (Math.abs(otherU - u - dx) > mostParting || Math.abs(otherV - v - dy) > mostParting) continue;
        seen[other] = 1;
        group.push(other);
      }
    }
    if (group.length < least) continue;
    const copy = verify(group, match, detail, options.apart);
    if (copy && copy.pixels.length >= least && !copies.some((known) => isReverse(known, copy)))
      copies.push(copy);
  }
  return copies.toSorted((a, b) => b.pixels.length - a.pixels.length || a.pixels[0]! - b.pixels[0]!);
}

const neighbours = [
  [1, 0],
  [-1, 0],
  [0, 1],
  [0, -1],
] as const;

/** Brightness without its coarse part, so that two slopes of a sky are not alike. */
function detailOf(plane: Plane): Plane {
  const soft = smoothed(plane);
  const table = new SumTable(soft, (value) => value);
  const row = new Float32Array(plane.width);
  for (let y = 0; y < plane.height; y++) {
    table.meanRow(y, 6, row);
    for (let x = 0; x < plane.width; x++) soft.data[y * plane.width + x]! -= row[x]!;
  }
  return soft;
}

function verify(group: readonly number[], match: Int32Array, detail: Plane, apart: number): Copy | null {
  const { width, height } = detail;
  const pairs = new Float64Array(4 * group.length);
  group.forEach((at, i) => {
    const to = match[at]!;
    pairs[4 * i] = at % width;
    pairs[4 * i + 1] = Math.floor(at / width);
    pairs[4 * i + 2] = to % width;
    pairs[4 * i + 3] = Math.floor(to / width);
  });
  const fit = fitTrimmed(pairs, mostMiss);
  if (fit === null) return null;
  const { map } = fit;
  const area = Math.abs(map[0] * map[4] - map[1] * map[3]);
  if (area < scales[0] || area > scales[1]) return null;
  const pixels: number[] = [];
  const places: number[] = [];
  for (const at of group) {
    const x = at % width;
    const y = (at - x) / width;
    const [u, v] = applied(map, x, y);
    if (u < 5 || v < 5 || u >= width - 6 || v >= height - 6) continue;
    if (Math.abs(u - x) < apart / 2 && Math.abs(v - y) < apart / 2) continue;
    pixels.push(at);
    places.push(u, v);
  }
  const correlation = correlationOf(detail, pixels, places, 0, 0);
  if (!(correlation >= leastCorrelation)) return null;
  for (const [dx, dy] of shifts)
    if (correlationOf(detail, pixels, places, dx, dy) > correlation - leastFall) return null;
  const others = pixels.map((_, i) => Math.round(places[2 * i + 1]!) * width + Math.round(places[2 * i]!));
  return { map, pixels: Int32Array.from(pixels), others: Int32Array.from(others), correlation };
}

/** Correlation of the detail at `pixels` with that at `places` (u, v), moved by (dx, dy); NaN where there is none. */
function correlationOf(
  detail: Plane,
  pixels: readonly number[],
  places: readonly number[],
  dx: number,
  dy: number,
): number {
  let [p, q, pp, qq, pq] = [0, 0, 0, 0, 0];
  pixels.forEach((at, i) => {
    const one = detail.data[at]!;
    const two = bilinear(detail, places[2 * i]! + dx, places[2 * i + 1]! + dy);
    p += one;
    q += two;
    pp += one * one;
    qq += two * two;
    pq += one * two;
  });
  const n = pixels.length;
  return (pq - (p * q) / n) / Math.sqrt((pp - (p * p) / n) * (qq - (q * q) / n));
}

function bilinear({ width, data }: Plane, x: number, y: number): number {
  const left = Math.floor(x);
  const top = Math.floor(y);
  const [tx, ty] = [x - left, y - top];
  const at = top * width + left;
  const above = data[at]! + (data[at + 1]! - data[at]!) * tx;
  const below = data[at + width]! + (data[at + width + 1]! - data[at + width]!) * tx;
  return above + (below - above) * ty;
}
