/** From matched patches to copies: groups whose matches move together, the transformation of each, and the proof by its pixels. */
import { isReverse, leastPixels, type Copy } from '../copies.ts';
import { standsOut } from '../copy-search.ts';
import { breathe } from '../mathematics/breathe.ts';
import { withoutMeans } from '../mathematics/box-mean.ts';
import { applied, fitTrimmed } from '../mathematics/affine.ts';
import { bilinear, type Plane } from '../mathematics/plane.ts';
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
  // Without the coarse part of the brightness, so that two slopes of a sky are not alike.
  const detail = withoutMeans(smoothed(plane), 6);
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
  if (!standsOut(correlation, (dx, dy) => correlationOf(detail, pixels, places, dx, dy))) return null;
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
