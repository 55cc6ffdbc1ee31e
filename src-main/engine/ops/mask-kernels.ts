/** Masks from features by learned kernels (claim 3), and masks of a given area, which is what trains (METHOD, pitfall 1). */
import * as tf from '@tensorflow/tfjs-core';
import { withoutGradient } from './stop-gradient.ts';

/** Logits of the masks, `K_i * F`: 3x3 convolution, stride 1, zero padding 1. `[n, h, w, c], [3, 3, c, k] -> [n, h, w, k]` */
export const maskLogits = (features: tf.Tensor4D, kernels: tf.Tensor4D): tf.Tensor4D =>
  tf.conv2d(features, kernels, 1, 'same');

/** `M_i = sigmoid(K_i * F)`, in (0, 1). `[n, h, w, c], [3, 3, c, k] -> [n, h, w, k]` */
export const maskKernels = (features: tf.Tensor4D, kernels: tf.Tensor4D): tf.Tensor4D =>
  tf.sigmoid(maskLogits(features, kernels));

/** `(z - mean) / std` of each map by itself. `[n, h, w, k] -> [n, h, w, k]` */
export function standardiseMaps(z: tf.Tensor4D): tf.Tensor4D {
  const centred = tf.sub(z, tf.mean(z, [1, 2], true));
  return tf.div(centred, tf.sqrt(tf.add(tf.mean(tf.square(centred), [1, 2], true), 1e-6)));
}

/**
 * Bisections of the quantile search: the range of 16 deviations is halved to under 4e-6 of one. A place whose comparison
 * rounding turns over moves the quantile by that much, and the steepest masks have a slope of 100 a deviation.
 */
const BISECTIONS = 22;
const HALF_RANGE = 8;

/**
 * The (1 - area) quantile of each standardised map, by bisection (comparisons and means only: no sorting, the same on every
 * processor). Its gradient is stopped.
 * @param z standardised maps `[n, h, w, k]`, values within 8 deviations
 * @param area share of the positions that shall lie above, `[n, 1, 1, 1]`, in (0, 1)
 * @returns `[n, 1, 1, k]`
 */
export function upperQuantile(z: tf.Tensor4D, area: tf.Tensor4D): tf.Tensor4D {
  return withoutGradient(z, (maps) => {
    let middle = tf.zerosLike(tf.mean(maps, [1, 2], true)) as tf.Tensor4D;
    let half = HALF_RANGE / 2;
    for (let i = 0; i < BISECTIONS; i++, half /= 2) {
      const above = tf.mean(tf.cast(tf.greater(maps, middle), 'float32'), [1, 2], true);
      const tooMany = tf.cast(tf.greater(above, area), 'float32'); // 1: raise the threshold
      middle = tf.add(middle, tf.mul(tf.sub(tooMany, 0.5), 2 * half)) as tf.Tensor4D;
    }
    return middle;
  });
}

/**
 * A soft mask whose area is fixed by construction: `sigmoid(slope (z - q_a(z)))`.
 * @param z standardised maps `[n, h, w, k]`
 * @param area `[n, 1, 1, 1]`
 * @param slope number, or `[n, 1, 1, 1]`
 */
export const areaMask = (z: tf.Tensor4D, area: tf.Tensor4D, slope: number | tf.Tensor4D): tf.Tensor4D =>
  tf.sigmoid(tf.mul(tf.sub(z, upperQuantile(z, area)), slope));
