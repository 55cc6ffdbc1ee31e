/** Blending under a mask (claim 2). */
import * as tf from '@tensorflow/tfjs-core';

/**
 * `x_B = M x_s + (1 - M) x_r`, element by element: M = 1 takes the pixel from the real image x_s, M = 0 from the host x_r.
 * All `[n, h, w, 3]`, masks in [0, 1], pictures in one unit.
 */
export const blend = (mask: tf.Tensor4D, real: tf.Tensor4D, reference: tf.Tensor4D): tf.Tensor4D =>
  tf.add(reference, tf.mul(mask, tf.sub(real, reference)));
