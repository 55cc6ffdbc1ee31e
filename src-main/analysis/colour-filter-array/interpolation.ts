/**
 * Traces of colour filter array interpolation in the green channel. Half of the green values of a camera are measured, on a
 * chequerboard, the others interpolated: the error of predicting a value from its four neighbours varies more where it was measured.
 * P. Ferrara, T. Bianchi, A. De Rosa, A. Piva, "Image forgery localization via fine-grained analysis of CFA artifacts", IEEE TIFS 7(5),
 * 2012.
 */
import { inStrips } from '../mathematics/breathe.ts';
import type { Plane } from '../mathematics/plane.ts';

export interface InterpolationCells {
  /** Cells across and down, of `side` pixels, from the picture's upper left corner. */
  width: number;
  height: number;
  /**
   * ln of the variance of the prediction error at pixels with x + y even, less that at pixels with x + y odd, in nats. Above 0: green was
   * measured where x + y is even. 0 in cells without detail.
   */
  evenOverOdd: Float32Array;
  /** 1 in cells that hold enough detail to say anything. */
  usable: Uint8Array;
}

/** Variance of the error, in squared grey levels, below which rounding and coding rule. */
const leastVariance = 0.15;

/**
 * @param green 0 to 255
 * @param side pixels a side of a cell, even
 */
export async function interpolationCells(
  green: Plane,
  side: number,
  signal: AbortSignal,
): Promise<InterpolationCells> {
  const { width, height, data } = green;
  const across = Math.floor(width / side);
  const down = Math.floor(height / side);
  const evenOverOdd = new Float32Array(across * down);
  const usable = new Uint8Array(across * down);
  const sums = [new Float64Array(across), new Float64Array(across)];
  const clipped = new Uint32Array(across);
  await inStrips(down, 16, signal, (from, to) => {
    for (let cy = from; cy < to; cy++) {
      for (const sum of sums) sum.fill(0);
      clipped.fill(0);
      for (let y = Math.max(1, cy * side); y < Math.min(height - 1, (cy + 1) * side); y++)
        for (let cx = 0; cx < across; cx++) {
          const left = Math.max(1, cx * side);
          const right = Math.min(width - 1, (cx + 1) * side);
          let own = 0;
          let other = 0;
          let cut = 0;
          const first = (left + y) & 1;
          for (let x = left, at = y * width + left; x < right; x++, at++) {
            const value = data[at]!;
            if (value < 2 || value > 253) cut++;
            const error =
              value - 0.25 * (data[at - 1]! + data[at + 1]! + data[at - width]! + data[at + width]!);
            if ((x ^ left) & 1) other += error * error;
            else own += error * error;
          }
          sums[first]![cx]! += own;
          sums[1 - first]![cx]! += other;
          clipped[cx]! += cut;
        }
      const half = (side * side) / 2;
      for (let cx = 0; cx < across; cx++) {
        const even = sums[0]![cx]! / half;
        const odd = sums[1]![cx]! / half;
        if (Math.max(even, odd) < leastVariance || clipped[cx]! > half / 5) continue;
        usable[cy * across + cx] = 1;
        evenOverOdd[cy * across + cx] = Math.log((even + 0.02) / (odd + 0.02));
      }
    }
  });
  return { width: across, height: down, evenOverOdd, usable };
}
