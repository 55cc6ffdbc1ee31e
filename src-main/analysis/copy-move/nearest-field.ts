/**
 * For each patch the most similar one elsewhere, approximately. C. Barnes, E. Shechtman, A. Finkelstein, D. Goldman, "PatchMatch", ACM TOG
 * 28(3), 2009, with candidates that also follow turned and scaled copies (Cozzolino and others, 2015): a neighbour's match, and the match
 * that goes on from two neighbours.
 */
import { breathe } from '../mathematics/breathe.ts';
import { Random } from '#engine/random.ts';
import { dimensions, margin, type PatchFeatures } from './patch-features.ts';

const passes = 5;

export interface NearestField {
  /** Index of the matched pixel; -1 where there is no patch. */
  match: Int32Array;
  /** Squared distance of the features. */
  distance: Int32Array;
}

/** @param apart pixels that a match is at least away along one axis */
export async function nearestField(
  { width, height, values, usable }: PatchFeatures,
  apart: number,
  signal: AbortSignal,
): Promise<NearestField> {
  const match = new Int32Array(width * height).fill(-1);
  const distance = new Int32Array(width * height).fill(0x7fffffff);
  const random = new Random('nearest field');
  const [right, bottom] = [width - margin, height - margin];

  /** Takes pixel (u, v) as the match of (x, y) where it is better. */
  const consider = (x: number, y: number, u: number, v: number): void => {
    if (u < margin || v < margin || u >= right || v >= bottom) return;
    const dx = u - x;
    const dy = v - y;
    if (dx < apart && dx > -apart && dy < apart && dy > -apart) return;
    const to = v * width + u;
    if (!usable[to]) return;
    const at = y * width + x;
    const best = distance[at]!;
    let sum = 0;
    for (let i = 0, a = at * dimensions, b = to * dimensions; i < dimensions; i += 4, a += 4, b += 4) {
      const p = values[a]! - values[b]!;
      const q = values[a + 1]! - values[b + 1]!;
      const r = values[a + 2]! - values[b + 2]!;
      const s = values[a + 3]! - values[b + 3]!;
      sum += p * p + q * q + r * r + s * s;
      if (sum >= best) return;
    }
    distance[at] = sum;
    match[at] = to;
  };
  /** The match of the neighbour `one` step back, moved along; and the line through it and the neighbour two steps back. */
  const follow = (x: number, y: number, stepX: number, stepY: number): void => {
    const at = y * width + x;
    const near = match[at - stepY * width - stepX]!;
    if (near < 0) return;
    const u = near % width;
    const v = (near - u) / width;
    consider(x, y, u + stepX, v + stepY);
    const far = match[at - 2 * (stepY * width + stepX)]!;
    if (far < 0) return;
    const farU = far % width;
    const du = u - farU;
    const dv = v - (far - farU) / width;
    if (Math.abs(du) <= 3 && Math.abs(dv) <= 3) consider(x, y, u + du, v + dv);
  };

  const [spanX, spanY] = [right - margin, bottom - margin];
  for (let pass = 0; pass < passes; pass++) {
    const back = pass % 2 === 1;
    const step = back ? -1 : 1;
    for (let row = 0; row < spanY; row++) {
      if (row % 32 === 0) await breathe(signal);
      const y = back ? bottom - 1 - row : margin + row;
      for (let column = 0; column < spanX; column++) {
        const x = back ? right - 1 - column : margin + column;
        const at = y * width + x;
        if (!usable[at]) continue;
        if (pass === 0)
          for (let i = 0; i < 2; i++)
            consider(x, y, margin + random.integer(spanX), margin + random.integer(spanY));
        follow(x, y, step, 0);
        follow(x, y, 0, step);
        follow(x, y, step, step);
        follow(x, y, -step, step);
        const found = match[at]!;
        if (found < 0) continue;
        const u = found % width;
        const v = (found - u) / width;
        for (let reach = Math.max(width, height) >> 1; reach >= 1; reach >>= 2) {
          const bits = random.bits();
          const du = ((bits & 0xffff) * (2 * reach + 1)) >> 16;
          const dv = ((bits >>> 16) * (2 * reach + 1)) >> 16;
          consider(x, y, u + du - reach, v + dv - reach);
        }
      }
    }
  }
  return { match, distance };
}
