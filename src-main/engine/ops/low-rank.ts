/** Low-rank denoising of block coefficients: the denoising of claim 8's second conversion. */
import * as tf from '@tensorflow/tfjs-core';
import { withoutGradient } from './stop-gradient.ts';

/**
 * Gram-Schmidt over the columns of each matrix. `[n, d, r] -> [n, d, r]`, orthonormal columns.
 * Each column is projected twice, which keeps them orthogonal in single precision.
 */
function orthonormalise(v: tf.Tensor3D): tf.Tensor3D {
  const [n, d, r] = v.shape;
  let basis: tf.Tensor3D | undefined;
  for (let j = 0; j < r; j++) {
    let column = tf.slice3d(v, [0, 0, j], [n, d, 1]);
    if (basis) {
      for (let pass = 0; pass < 2; pass++) {
        column = tf.sub(column, tf.matMul(basis, tf.matMul(basis, column, true, false)));
      }
    }
    const length = tf.sqrt(tf.add(tf.sum(tf.square(column), 1, true), 1e-20));
    column = tf.div(column, length);
    basis = basis ? tf.concat3d([basis, column], 2) : column;
  }
  return basis!;
}

/** Start of the iteration: a fixed full-rank matrix without structure, so that no direction is missed. */
function startingBasis(d: number, r: number): tf.Tensor3D {
  const values = new Float32Array(d * r);
  for (let i = 0; i < d; i++)
    for (let j = 0; j < r; j++) values[i * r + j] = Math.sin(1 + (i + 1) * (j + 1) * 0.7548776662);
  return tf.tensor3d(values, [1, d, r]);
}

/**
 * Best approximation of rank r of each matrix, by its leading right singular subspace V_r:
 * `L = A V_r V_r^T`, V_r found by orthogonal iteration on `A^T A` (products and Gram-Schmidt only, so that the same steps
 * run in the exported graph). The gradient does not pass through V_r.
 * @param a `[n, m, d]`, a matrix of m rows for each sample
 * @param passes orthogonal iterations; each multiplies by `A^T A` twice
 * @returns `lowRank` L and `residual` A - L, both `[n, m, d]`
 * Golub and Van Loan, Matrix Computations, 4th ed., 8.2.4 (orthogonal iteration).
 */
export function lowRankDenoise(
  a: tf.Tensor3D,
  rank: number,
  passes: number,
): { lowRank: tf.Tensor3D; residual: tf.Tensor3D } {
  const d = a.shape[2];
  if (rank > d) throw new Error(`lowRankDenoise: rank ${rank} is above the ${d} columns`);
  const subspace = withoutGradient(a, (x) => {
    const gram = tf.matMul(x, x, true, false); // [n, d, d]
    const scale = tf.add(tf.mean(tf.abs(gram), [1, 2], true), 1e-12);
    const normalised = tf.div(gram, scale) as tf.Tensor3D;
    let v = tf.add(
      tf.zerosLike(tf.slice3d(normalised, [0, 0, 0], [-1, d, rank])),
      startingBasis(d, rank),
    ) as tf.Tensor3D;
    for (let pass = 0; pass < passes; pass++)
      v = orthonormalise(tf.matMul(normalised, tf.matMul(normalised, v)));
    return v;
  });
  const lowRank = tf.matMul(tf.matMul(a, subspace), subspace, false, true) as tf.Tensor3D;
  return { lowRank, residual: tf.sub(a, lowRank) };
}
