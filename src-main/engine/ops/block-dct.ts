/** The blocked discrete cosine transform: the second conversion of claim 8, before its denoising. */
import * as tf from '@tensorflow/tfjs-core';
import { dctMatrix } from './dct.ts';

const BLOCK = 8;

/** `K[8h + w, 8u + v] = D[u, h] D[v, w]`: all 64 two-dimensional basis functions, so that a block is one product. */
function basis(): Float32Array {
  const d = dctMatrix(BLOCK).values;
  const k = new Float32Array(BLOCK ** 4);
  for (let p = 0; p < BLOCK ** 2; p++) {
    for (let q = 0; q < BLOCK ** 2; q++) {
      k[p * BLOCK ** 2 + q] = d[(q >> 3) * BLOCK + (p >> 3)]! * d[(q & 7) * BLOCK + (p & 7)]!;
    }
  }
  return k;
}

/** Splits planes into 8x8 blocks: `[m, h, w] -> [m, h/8, w/8, 64]`, pixels of a block row by row. */
export function toBlocks(planes: tf.Tensor3D, operation: string): tf.Tensor4D {
  const [m, height, width] = planes.shape;
  if (height % BLOCK) throw new Error(`${operation}: height ${height} is not a multiple of ${BLOCK}`);
  if (width % BLOCK) throw new Error(`${operation}: width ${width} is not a multiple of ${BLOCK}`);
  const split = tf.reshape(planes, [m, height / BLOCK, BLOCK, width / BLOCK, BLOCK]);
  return tf.reshape(tf.transpose(split, [0, 1, 3, 2, 4]), [m, height / BLOCK, width / BLOCK, BLOCK ** 2]);
}

/** The inverse of `toBlocks`. `[m, h/8, w/8, 64] -> [m, h, w]` */
export function fromBlocks(blocks: tf.Tensor4D): tf.Tensor3D {
  const [m, rows, columns] = blocks.shape;
  const split = tf.reshape(blocks, [m, rows, columns, BLOCK, BLOCK]);
  return tf.reshape(tf.transpose(split, [0, 1, 3, 2, 4]), [m, rows * BLOCK, columns * BLOCK]);
}

/** Multiplies the last axis of `[..., 64]` by the basis or its transpose. */
function multiplyBasis(blocks: tf.Tensor4D, transpose: boolean): tf.Tensor4D {
  const k = tf.tensor2d(basis(), [BLOCK ** 2, BLOCK ** 2]);
  return tf.reshape(tf.matMul(tf.reshape(blocks, [-1, BLOCK ** 2]), k, false, transpose), blocks.shape);
}

/** Orthonormal DCT of every block of `toBlocks`. `[..., 64] -> [..., 64]`, index `8u + v`, u the vertical frequency. */
export const transformBlocks = (blocks: tf.Tensor4D): tf.Tensor4D => multiplyBasis(blocks, false);

/** The inverse of `transformBlocks`. */
export const inverseTransformBlocks = (coefficients: tf.Tensor4D): tf.Tensor4D =>
  multiplyBasis(coefficients, true);

/**
 * Orthonormal 8x8 DCT-II of each block that does not overlap another.
 * @param x `[n, h, w, c]`, h and w multiples of 8
 * @returns `[n, h/8, w/8, 64, c]`, coefficient index `8u + v` with u the vertical frequency
 */
export function blockDct(x: tf.Tensor4D): tf.Tensor5D {
  const [n, height, width, channels] = x.shape;
  const planes = tf.reshape(tf.transpose(x, [0, 3, 1, 2]), [-1, height, width]) as tf.Tensor3D;
  const y = transformBlocks(toBlocks(planes, 'blockDct')); // [n c, h/8, w/8, 64]
  const apart = tf.reshape(y, [n, channels, height / BLOCK, width / BLOCK, BLOCK ** 2]);
  return tf.transpose(apart, [0, 2, 3, 4, 1]) as tf.Tensor5D;
}
