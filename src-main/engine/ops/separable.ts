/**
 * Separable linear maps over height and width: one constant matrix from the left, one from the right. The global DCT,
 * bilinear enlargement and area averaging are all of this kind. Tensors are NHWC.
 */
import * as tf from '@tensorflow/tfjs-core';

/** A constant matrix, row-major: `values[r * columns + c]`. */
export interface Matrix {
  rows: number;
  columns: number;
  values: Float32Array;
}

/** Builds a matrix from a function of row and column. */
export function matrix(
  rows: number,
  columns: number,
  value: (row: number, column: number) => number,
): Matrix {
  const values = new Float32Array(rows * columns);
  for (let r = 0; r < rows; r++) for (let c = 0; c < columns; c++) values[r * columns + c] = value(r, c);
  return { rows, columns, values };
}

/** x times the matrix' transpose, over the last axis. `[..., columns] -> [..., rows]` */
function applyLast(x: tf.Tensor4D, m: Matrix): tf.Tensor4D {
  const [a, b, c] = x.shape;
  const product = tf.matMul(
    tf.reshape(x, [-1, m.columns]),
    tf.tensor2d(m.values, [m.rows, m.columns]),
    false,
    true,
  );
  return tf.reshape(product, [a, b, c, m.rows]);
}

/**
 * `Y[n, :, :, c] = left X[n, :, :, c] right^T`.
 * @param x `[n, left.columns, right.columns, c]`
 * @returns `[n, left.rows, right.rows, c]`
 * @throws Error that names both numbers where a side does not fit.
 */
export function separable(x: tf.Tensor4D, left: Matrix, right: Matrix, operation: string): tf.Tensor4D {
  const [, height, width] = x.shape;
  if (height !== left.columns) throw new Error(`${operation}: height ${height} is not ${left.columns}`);
  if (width !== right.columns) throw new Error(`${operation}: width ${width} is not ${right.columns}`);
  const rows = applyLast(tf.transpose(x, [0, 3, 1, 2]), right); // [n, c, h, w']
  return tf.transpose(applyLast(tf.transpose(rows, [0, 1, 3, 2]), left), [0, 3, 2, 1]); // [n, h', w', c]
}
