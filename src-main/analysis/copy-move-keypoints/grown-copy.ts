/** From a movement to the copy: the pixels around its keypoints whose neighbourhoods correlate under the map, and the proof. */
import { SumTable, withoutMeans } from '../mathematics/box-mean.ts';
import type { Copy } from '../copies.ts';
import { standsOut } from '../copy-search.ts';
import { applied } from '../mathematics/affine.ts';
import { bilinear, newPlane, type Plane } from '../mathematics/plane.ts';
import { connectedRegions } from '../mathematics/regions.ts';
import type { Movement } from './common-movements.ts';

/** Half the side of the neighbourhood that is correlated, in pixels. */
const reach = 5;
/** Correlation from which on a pixel belongs to the copy. */
const leastLocal = 0.75;
/** Deviation in grey levels below which a neighbourhood is too flat to be compared. */
const leastDeviation = 2;
/** Correlation of both parts' detail from which on it is a copy. */
const leastCorrelation = 0.92;
/**
 * @param plane smoothed
 * @param apart pixels between both parts, at least
 * @param least pixels of a copy
 * @returns the parts that hold at least two keypoints of the movement, together; null where that is no copy
 */
export function grownCopy(plane: Plane, { map, pairs }: Movement, apart: number, least: number): Copy | null {
  const box = boxAround(plane, pairs);
  const here = newPlane(box.width, box.height);
  const there = newPlane(box.width, box.height);
  const inside = new Uint8Array(here.data.length);
  for (let y = 0, at = 0; y < box.height; y++)
    for (let x = 0; x < box.width; x++, at++) {
      here.data[at] = plane.data[(box.y + y) * plane.width + box.x + x]!;
      const [u, v] = applied(map, box.x + x, box.y + y);
      if (u < 0 || v < 0 || u > plane.width - 2 || v > plane.height - 2) continue;
      there.data[at] = bilinear(plane, u, v);
      if (Math.hypot(u - box.x - x, v - box.y - y) >= apart / 2) inside[at] = 1;
    }
  const marked = correlated(here, there).map((marks, at) => marks & inside[at]!);
  const [one, two] = [withoutMeans(here, reach), withoutMeans(there, reach)];
  const keys = pairs.map(({ x, y }) => (Math.round(y) - box.y) * box.width + Math.round(x) - box.x);
  const parts = connectedRegions(marked, box.width, 60).filter(
    ({ indices }) => indices.length >= 60 && keysWithin(keys, indices, box.width) >= 2,
  );
  const indices = parts.flatMap((part) => part.indices);
  if (indices.length < least) return null;
  const correlation = correlationOf(one, two, indices, 0);
  if (!(correlation >= leastCorrelation)) return null;
  if (!standsOut(correlation, (dx, dy) => correlationOf(one, two, indices, dy * box.width + dx))) return null;
  const at = (index: number): [number, number] => [
    box.x + (index % box.width),
    box.y + Math.floor(index / box.width),
  ];
  const pixels = Int32Array.from(indices, (index) => {
    const [x, y] = at(index);
    return y * plane.width + x;
  });
  const others = Int32Array.from(indices, (index) => {
    const [u, v] = applied(map, ...at(index));
    return Math.round(v) * plane.width + Math.round(u);
  });
  return { map, pixels, others, correlation };
}

/** The pairs' first places and half as much again on every side, or 40 pixels. */
function boxAround(
  { width, height }: Plane,
  pairs: Movement['pairs'],
): { x: number; y: number; width: number; height: number } {
  const xs = pairs.map(({ x }) => x);
  const ys = pairs.map(({ y }) => y);
  const more = Math.max(80, (Math.max(...xs) - Math.min(...xs)) / 2, (Math.max(...ys) - Math.min(...ys)) / 2);
  const x = Math.max(0, Math.floor(Math.min(...xs) - more));
  const y = Math.max(0, Math.floor(Math.min(...ys) - more));
  return {
    x,
    y,
    width: Math.min(width, Math.ceil(Math.max(...xs) + more)) - x,
    height: Math.min(height, Math.ceil(Math.max(...ys) + more)) - y,
  };
}

/** How many keypoints lie on or beside marked pixels. */
function keysWithin(keys: readonly number[], indices: readonly number[], width: number): number {
  const marked = new Set(indices);
  const beside = [0, 1, -1, width, -width, 2, -2, 2 * width, -2 * width];
  return keys.reduce((count, key) => count + (beside.some((step) => marked.has(key + step)) ? 1 : 0), 0);
}

/** 1 where the neighbourhoods of both planes correlate and neither is flat. */
function correlated(one: Plane, two: Plane): Uint8Array {
  const { width, height } = one;
  const product = newPlane(width, height);
  for (let i = 0; i < product.data.length; i++) product.data[i] = one.data[i]! * two.data[i]!;
  const tables = [
    new SumTable(one, (value) => value),
    new SumTable(two, (value) => value),
    new SumTable(one, (value) => value * value),
    new SumTable(two, (value) => value * value),
    new SumTable(product, (value) => value),
  ];
  const rows = tables.map(() => new Float32Array(width));
  const marks = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    tables.forEach((table, i) => table.meanRow(y, reach, rows[i]!));
    for (let x = 0; x < width; x++) {
      const p = rows[0]![x]!;
      const q = rows[1]![x]!;
      const pp = rows[2]![x]! - p * p;
      const qq = rows[3]![x]! - q * q;
      const flat = leastDeviation * leastDeviation;
      if (pp >= flat && qq >= flat && rows[4]![x]! - p * q >= leastLocal * Math.sqrt(pp * qq))
        marks[y * width + x] = 1;
    }
  }
  return marks;
}

/** Correlation of `one` at the indices with `two` at those moved by `step`. */
function correlationOf(one: Plane, two: Plane, indices: readonly number[], step: number): number {
  let [p, q, pp, qq, pq, n] = [0, 0, 0, 0, 0, 0];
  for (const at of indices) {
    const a = one.data[at]!;
    const b = two.data[at + step];
    if (b === undefined) continue;
    p += a;
    q += b;
    pp += a * a;
    qq += b * b;
    pq += a * b;
    n++;
  }
  return (pq - (p * q) / n) / Math.sqrt((pp - (p * p) / n) * (qq - (q * q) / n));
}
