/** Attention-based style fusion (claims 4 and 5): per position, the reference's weighted mean and deviation. */
import * as tf from '@tensorflow/tfjs-core';

const INSTANCE_EPSILON = 1e-3;
const VARIANCE_FLOOR = 1e-4;

/** `(z - mean) / (std + 1e-3)` per channel over space, population deviation. `[n, h, w, c] -> [n, h, w, c]` */
export function instanceStandardise(z: tf.Tensor4D): tf.Tensor4D {
  const centred = tf.sub(z, tf.mean(z, [1, 2], true));
  const deviation = tf.sqrt(tf.add(tf.mean(tf.square(centred), [1, 2], true), 1e-12));
  return tf.div(centred, tf.add(deviation, INSTANCE_EPSILON));
}

/**
 * The style is taken as normally distributed and described by mean and standard deviation:
 * `A = softmax(Q K^T / sqrt(d))`, `mean = A V`, `std = sqrt(max(A V^2 - mean^2, 0) + 1e-4)`, `fused = std IN(c) + mean`,
 * with `Q = IN(c) Wq`, `K = IN(s) Wk`, `V = s Wv`.
 * @param content second real features `[n, h, w, c]`
 * @param style style features of the reference `[n, h', w', c]`
 * @param wq `[c, d]`
 * @param wk `[c, d]`
 * @param wv `[c, c]`
 * @returns `mean`, `std` and `fused`, each `[n, h, w, c]`. Source: Liu et al., AdaAttN, ICCV 2021.
 */
export function attentionStyle(
  content: tf.Tensor4D,
  style: tf.Tensor4D,
  wq: tf.Tensor2D,
  wk: tf.Tensor2D,
  wv: tf.Tensor2D,
) {
  const [n, h, w, c] = content.shape;
  const [, sh, sw] = style.shape;
  const d = wq.shape[1];
  const normalised = instanceStandardise(content);
  const project = (x: tf.Tensor, weights: tf.Tensor2D, positions: number) =>
    tf.reshape(tf.matMul(tf.reshape(x, [-1, c]), weights), [n, positions, weights.shape[1]]);
  const q = project(normalised, wq, h * w); // [n, hw, d]
  const k = project(instanceStandardise(style), wk, sh * sw); // [n, h'w', d]
  const v = project(style, wv, sh * sw); // [n, h'w', c]
  const attention = tf.softmax(tf.mul(tf.matMul(q, k, false, true), 1 / Math.sqrt(d))); // [n, hw, h'w']
  const mean = tf.matMul(attention, v);
  const secondMoment = tf.matMul(attention, tf.square(v));
  const std = tf.sqrt(tf.add(tf.relu(tf.sub(secondMoment, tf.square(mean))), VARIANCE_FLOOR));
  const shape: [number, number, number, number] = [n, h, w, c];
  const meanMap = tf.reshape(mean, shape);
  const stdMap = tf.reshape(std, shape);
  return { mean: meanMap, std: stdMap, fused: tf.add(tf.mul(stdMap, normalised), meanMap) as tf.Tensor4D };
}
