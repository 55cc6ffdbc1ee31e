/** Parts of a picture that occur in it twice: how a pair is told, and the mask of all pairs. For every way of finding them. */
import type { PictureArea } from '#contract/analysis.ts';
import type { Findings, FoundMap } from './analysis.ts';
import type { Affine } from './mathematics/affine.ts';
import { newPlane, type Plane } from './mathematics/plane.ts';

/** Pairs that are told one by one; the largest. */
const mostCopies = 30;

export interface Copy {
  /** From one of the two parts to the other; which is the original cannot be told. */
  map: Affine;
  /** Pixels of the one part, as indices. */
  pixels: Int32Array;
  /** Those of the other. */
  others: Int32Array;
  /** Correlation of both parts' detail, in [-1, 1]. */
  correlation: number;
}

/** Fewest pixels of a part that counts, in a plane of so many. */
export const leastPixels = (pixels: number): number => Math.max(240, Math.round(0.0004 * pixels));

/** Whether most of `copy` says the same as `known`, seen from the other part. */
export function isReverse(known: Copy, copy: Copy): boolean {
  const others = new Set(known.others);
  const shared = copy.pixels.reduce((count, at) => count + (others.has(at) ? 1 : 0), 0);
  if (shared < 0.3 * copy.pixels.length) return false;
  const pixels = new Set(known.pixels);
  return copy.others.reduce((count, at) => count + (pixels.has(at) ? 1 : 0), 0) >= 0.3 * copy.others.length;
}

/**
 * One finding a copy.
 * @param factor by which the picture was reduced before the copies were found
 */
export const describeCopies = (
  copies: readonly Copy[],
  width: number,
  factor: number,
): Findings['findings'] => copies.slice(0, mostCopies).map((copy) => describe(copy, width, factor));

function describe(
  { map, pixels, others, correlation }: Copy,
  width: number,
  factor: number,
): Findings['findings'][number] {
  const [a, b, , d, e] = map;
  const determinant = a * e - b * d;
  const mirrored = determinant < 0;
  const scale = Math.sqrt(Math.abs(determinant));
  const angle = (Math.atan2(mirrored ? d + b : d - b, mirrored ? a - e : a + e) * 180) / Math.PI;
  const first = boxOf(pixels, width, factor);
  const second = boxOf(others, width, factor);
  const turn = Math.abs(angle) < 1 ? 'not turned' : `turned by ${angle.toFixed(0)} degrees`;
  const size = Math.abs(scale - 1) < 0.02 ? 'of the same size' : `scaled by ${scale.toFixed(2)}`;
  return {
    code: 'part-occurs-twice',
    severity: 'notice',
    sentence: `The part at (${first.x}, ${first.y}) occurs again at (${second.x}, ${second.y}), ${turn}, ${size}${mirrored ? ', mirrored' : ''}: ${pixels.length * factor * factor} pixels, correlation ${correlation.toFixed(2)}. Which one is the original cannot be told.`,
    data: {
      ...{ correlation, scale, angle, mirrored, pixels: pixels.length * factor * factor },
      ...{ first, second, map: [...map].map((value, i) => (i % 3 === 2 ? value * factor : value)) },
    },
    area: second,
  };
}

function boxOf(indices: Int32Array, width: number, factor: number): PictureArea {
  let [left, top, right, bottom] = [Infinity, Infinity, 0, 0];
  for (const at of indices) {
    const x = at % width;
    const y = (at - x) / width;
    left = Math.min(left, x);
    right = Math.max(right, x);
    top = Math.min(top, y);
    bottom = Math.max(bottom, y);
  }
  return {
    x: left * factor,
    y: top * factor,
    width: (right - left + 1) * factor,
    height: (bottom - top + 1) * factor,
  };
}

/** @param plane in which the copies were found @param factor by which it is smaller than the picture */
export const copiesMap = (
  copies: readonly Copy[],
  { width, height }: { width: number; height: number },
  factor: number,
): FoundMap => ({
  ...{ name: 'copies', title: 'Parts that occur twice', ...copyMask(copies, width, height) },
  ...{ unit: 'share', range: { min: 0, max: 1 }, bits: 8 as const },
  covers: { x: 0, y: 0, width: width * factor, height: height * factor },
});

/** 1 in both parts of all copies, closed over gaps of a pixel. */
function copyMask(copies: readonly Copy[], width: number, height: number): Plane {
  const mask = newPlane(width, height);
  const mark = (at: number): void => {
    const x = at % width;
    for (let dy = -3; dy <= 3; dy++)
      for (let dx = -3; dx <= 3; dx++) {
        const place = at + dy * width + dx;
        if (x + dx >= 0 && x + dx < width && place >= 0 && place < mask.data.length) mask.data[place] = 1;
      }
  };
  for (const { pixels, others } of copies) {
    pixels.forEach(mark);
    others.forEach(mark);
  }
  return mask;
}
