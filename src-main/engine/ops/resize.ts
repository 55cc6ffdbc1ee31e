/** Changes of a map's resolution as separable linear maps, exact and with exact gradients on every backend. */
import type * as tf from '@tensorflow/tfjs-core';
import { matrix, separable, type Matrix } from './separable.ts';

/** Linear interpolation from n to m samples, half-pixel centres, edges repeated. */
function interpolation(m: number, n: number): Matrix {
  return matrix(m, n, (row, column) => {
    const position = Math.min(n - 1, Math.max(0, ((row + 0.5) * n) / m - 0.5));
    return Math.max(0, 1 - Math.abs(position - column));
  });
}

/** Mean over n / m neighbours. */
function averaging(m: number, n: number): Matrix {
  const size = n / m;
  return matrix(m, n, (row, column) => (Math.floor(column / size) === row ? 1 / size : 0));
}

/** Bilinear resize with half-pixel centres. `[n, h, w, c] -> [n, height, width, c]` */
export const bilinearResize = (x: tf.Tensor4D, height: number, width: number): tf.Tensor4D =>
  separable(x, interpolation(height, x.shape[1]), interpolation(width, x.shape[2]), 'bilinearResize');

/** Area average. `[n, h, w, c] -> [n, height, width, c]`; h and w must be multiples of height and width. */
export function areaResize(x: tf.Tensor4D, height: number, width: number): tf.Tensor4D {
  const [, h, w] = x.shape;
  if (h % height) throw new Error(`areaResize: height ${h} is not a multiple of ${height}`);
  if (w % width) throw new Error(`areaResize: width ${w} is not a multiple of ${width}`);
  return separable(x, averaging(height, h), averaging(width, w), 'areaResize');
}

/** Each pixel repeated 2x2. `[n, h, w, c] -> [n, 2h, 2w, c]` */
export function upsampleNearest2(x: tf.Tensor4D): tf.Tensor4D {
  const doubling = (n: number) => matrix(2 * n, n, (row, column) => (row >> 1 === column ? 1 : 0));
  return separable(x, doubling(x.shape[1]), doubling(x.shape[2]), 'upsampleNearest2');
}
