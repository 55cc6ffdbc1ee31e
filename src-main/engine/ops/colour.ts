/** JFIF colour conversion (ITU-T T.871): full-range YCbCr. Pictures are NHWC with three channels in [0, 255]. */
import * as tf from '@tensorflow/tfjs-core';

const TO_YCBCR = [0.299, -0.168735892, 0.5, 0.587, -0.331264108, -0.418687589, 0.114, 0.5, -0.081312411];
const FROM_YCBCR = [1, 1, 1, 0, -0.344136286, 1.772, 1.402, -0.714136286, 0];

const apply = (x: tf.Tensor4D, rowsOfInput: number[]): tf.Tensor4D =>
  tf.reshape(tf.matMul(tf.reshape(x, [-1, 3]), tf.tensor2d(rowsOfInput, [3, 3])), x.shape);

/** Y, Cb and Cr, all about zero: chroma without its offset of 128, luma minus 128. `[n, h, w, 3] -> [n, h, w, 3]` */
export const rgbToCentredYcbcr = (rgb: tf.Tensor4D): tf.Tensor4D =>
  tf.sub(apply(rgb, TO_YCBCR), tf.tensor1d([128, 0, 0]));

/** The inverse of `rgbToCentredYcbcr`, not clamped. */
export const centredYcbcrToRgb = (ycc: tf.Tensor4D): tf.Tensor4D =>
  apply(tf.add(ycc, tf.tensor1d([128, 0, 0])), FROM_YCBCR);
