/**
 * The yardstick step: eight 3x3 convolutions, every first one of a pair with stride 2, with instance normalisation, the
 * mean over the picture and a linear classifier; binary cross-entropy, gradients, and an Adam update, as one pure tensor
 * function. Small enough to be written again in any other library and compared with it.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { HostTensor, TensorFunction } from '#engine/ports.ts';
import { Random } from '#engine/random.ts';

export interface Conv8Shape {
  batch: number;
  /** Side of a picture in pixels. */
  size: number;
  /** Channels after each pair of convolutions; the first of a pair halves the picture. */
  channels: readonly number[];
}

/** The shape that it is measured with. */
export const conv8Shape: Conv8Shape = { batch: 8, size: 128, channels: [24, 48, 96, 128] };

type Tensors = Record<string, HostTensor>;
const adam = { rate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };

/**
 * Inputs of the step, the same at every call: weights `w0`, `g0`, `b0` (filter, gain and bias of each convolution) ...
 * `dense`, each with its moments `m:*` and `v:*`; `x` `[batch, size, size, 3]`, `labels` `[batch]`, `step` `[]`.
 */
export function conv8Inputs({ batch, size, channels }: Conv8Shape): Tensors {
  const random = new Random('conv8');
  const floats = (shape: number[], low: number, high: number): HostTensor => {
    const length = shape.reduce((product, dim) => product * dim, 1);
    return { dtype: 'float32', shape, data: Float32Array.from({ length }, () => random.uniform(low, high)) };
  };
  const inputs: Tensors = {};
  const add = (name: string, value: HostTensor) => {
    inputs[name] = value;
    inputs[`m:${name}`] = floats(value.shape, -1e-3, 1e-3);
    inputs[`v:${name}`] = floats(value.shape, 1e-6, 1e-5);
  };
  let from = 3;
  channels.forEach((to, pair) => {
    for (const [second, input] of [from, to].entries()) {
      const spread = Math.sqrt(6 / (9 * input));
      const index = 2 * pair + second;
      add(`w${index}`, floats([3, 3, input, to], -spread, spread));
      add(`g${index}`, floats([to], 0.8, 1.2));
      add(`b${index}`, floats([to], -0.1, 0.1));
    }
    from = to;
  });
  add('dense', floats([from, 1], -0.3, 0.3));
  return {
    ...inputs,
    x: floats([batch, size, size, 3], -1, 1),
    labels: { dtype: 'float32', shape: [batch], data: Float32Array.from({ length: batch }, (_, i) => i % 2) },
    step: { dtype: 'float32', shape: [], data: Float32Array.of(3) },
  };
}

const instanceNorm = (x: tf.Tensor, gain: tf.Tensor, bias: tf.Tensor): tf.Tensor => {
  const { mean, variance } = tf.moments(x, [1, 2], true);
  return tf.add(tf.mul(tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, 1e-5))), gain), bias);
};

/**
 * - in: `conv8Inputs`
 * - out: `loss` `[]`, and new weights and moments under the names that they came in with
 * @param withGradients also gives the gradient of each weight, as `grad:*`
 */
export function conv8Step({ batch, channels }: Conv8Shape, { withGradients = false } = {}): TensorFunction {
  return (inputs) => {
    const names = Object.keys(inputs).filter((name) => `m:${name}` in inputs);
    const forward = (weights: Record<string, tf.Tensor>): tf.Scalar => {
      let h = inputs['x'] as tf.Tensor4D; // [batch, size, size, 3]
      for (let i = 0; i < 2 * channels.length; i++) {
        const y = tf.conv2d(h, weights[`w${i}`] as tf.Tensor4D, i % 2 === 0 ? 2 : 1, 'same');
        h = tf.relu(instanceNorm(y, weights[`g${i}`]!, weights[`b${i}`]!)) as tf.Tensor4D;
      }
      const logit = tf.reshape(tf.matMul(tf.mean(h, [1, 2]), weights['dense'] as tf.Tensor2D), [batch]);
      return tf.mean(tf.sub(tf.softplus(logit), tf.mul(logit, inputs['labels']!)));
    };
    const { value, grads } = tf.valueAndGrads((...tensors: tf.Tensor[]) =>
      forward(Object.fromEntries(tensors.map((tensor, i) => [names[i]!, tensor]))),
    )(names.map((name) => inputs[name]!));
    const outputs: Record<string, tf.Tensor> = { loss: value };
    const correction = (beta: number) => tf.sub(1, tf.pow(beta, inputs['step']!));
    grads.forEach((grad, i) => {
      const name = names[i]!;
      const m = tf.add(tf.mul(inputs[`m:${name}`]!, adam.beta1), tf.mul(grad, 1 - adam.beta1));
      const v = tf.add(tf.mul(inputs[`v:${name}`]!, adam.beta2), tf.mul(tf.square(grad), 1 - adam.beta2));
      const corrected = tf.sqrt(tf.div(v, correction(adam.beta2)));
      const direction = tf.div(tf.div(m, correction(adam.beta1)), tf.add(corrected, adam.epsilon));
      outputs[name] = tf.sub(inputs[name]!, tf.mul(direction, adam.rate));
      outputs[`m:${name}`] = m;
      outputs[`v:${name}`] = v;
      if (withGradients) outputs[`grad:${name}`] = grad;
    });
    return outputs;
  };
}
