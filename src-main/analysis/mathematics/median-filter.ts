/** 3x3 median of a plane; rows and columns beyond the border repeat the border's. */
import type { Plane } from './plane.ts';

/**
 * The medians of rows [`from`, `to`). Each column of three is sorted once and used three times: the median of nine is the middle
 * one of the largest minimum, the middle median and the smallest maximum.
 * @param out receives them at the same places
 */
export function medianRows(
  { width, height, data }: Plane,
  out: Float32Array,
  from: number,
  to: number,
): void {
  const low = new Float32Array(width + 2);
  const middle = new Float32Array(width + 2);
  const high = new Float32Array(width + 2);
  for (let y = from; y < to; y++) {
    const above = Math.max(0, y - 1) * width;
    const here = y * width;
    const below = Math.min(height - 1, y + 1) * width;
    for (let x = 0; x < width; x++) {
      let a = data[above + x]!;
      let b = data[here + x]!;
      let c = data[below + x]!;
      let t = a;
      if (a > b) {
        a = b;
        b = t;
      }
      if (b > c) {
        t = b;
        b = c;
        c = t;
        if (a > b) {
          t = a;
          a = b;
          b = t;
        }
      }
      low[x + 1] = a;
      middle[x + 1] = b;
      high[x + 1] = c;
    }
    for (const sorted of [low, middle, high]) {
      sorted[0] = sorted[1]!;
      sorted[width + 1] = sorted[width]!;
    }
    for (let x = 0; x < width; x++) {
      let a = low[x]! > low[x + 1]! ? low[x]! : low[x + 1]!;
      if (low[x + 2]! > a) a = low[x + 2]!;
      let c = high[x]! < high[x + 1]! ? high[x]! : high[x + 1]!;
      if (high[x + 2]! < c) c = high[x + 2]!;
      const b = middleOf(middle[x]!, middle[x + 1]!, middle[x + 2]!);
      out[here + x] = middleOf(a, b, c);
    }
  }
}

function middleOf(a: number, b: number, c: number): number {
  if (a > b) return b > c ? b : a > c ? c : a;
  return a > c ? a : b > c ? c : b;
}
