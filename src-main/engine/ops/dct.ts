/** The discrete cosine transform of a whole picture or crop: the first conversion of claim 8. */
import type * as tf from '@tensorflow/tfjs-core';
import { matrix, separable, type Matrix } from './separable.ts';

/** Orthonormal DCT-II matrix of size n: `D[u, h] = a(u) cos(pi (2h + 1) u / 2n)`, `a(0) = sqrt(1/n)`, else `sqrt(2/n)`. */
export const dctMatrix = (n: number): Matrix =>
  matrix(n, n, (u, h) => Math.sqrt((u === 0 ? 1 : 2) / n) * Math.cos((Math.PI * (2 * h + 1) * u) / (2 * n)));

/**
 * Orthonormal DCT-II over height and width: `Y[n,u,v,c] = sum_hw D_h[u,h] X[n,h,w,c] D_w[v,w]`.
 * @param x `[n, h, w, c]`, any unit, which the coefficients share
 * @returns `[n, h, w, c]`, u the vertical and v the horizontal frequency
 */
export function globalDct(x: tf.Tensor4D): tf.Tensor4D {
  const [, height, width] = x.shape;
  return separable(x, dctMatrix(height), dctMatrix(width), 'globalDct');
}
