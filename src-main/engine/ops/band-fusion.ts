/** Fusion of the global and the local frequency band through an interaction attention mask (claim 9). */
import * as tf from '@tensorflow/tfjs-core';

/**
 * `M_c = sigmoid(conv1x1([F_g ; F_l]))`, `F_g' = F_g + M_c F_l`, `F_l' = F_l + M_c F_g`.
 * @param global F_g `[n, h, w, c]`
 * @param local F_l `[n, h, w, c]`
 * @param kernel `[2c, c]`
 * @param bias `[c]`
 * @returns the mask in (0, 1) and both fused bands, each `[n, h, w, c]`
 */
export function bandFusion(global: tf.Tensor4D, local: tf.Tensor4D, kernel: tf.Tensor2D, bias: tf.Tensor1D) {
  const [n, h, w, c] = global.shape;
  const joined = tf.reshape(tf.concat4d([global, local], 3), [-1, 2 * c]);
  const mask = tf.reshape(tf.sigmoid(tf.add(tf.matMul(joined, kernel), bias)), [n, h, w, c]) as tf.Tensor4D;
  return {
    mask,
    fusedGlobal: tf.add(global, tf.mul(mask, local)) as tf.Tensor4D,
    fusedLocal: tf.add(local, tf.mul(mask, global)) as tf.Tensor4D,
  };
}
