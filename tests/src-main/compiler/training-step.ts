/**
 * ARCHITECTURE's yardstick: eight 3x3 convolutions with instance normalisation and a linear layer, binary cross-entropy,
 * gradients, and an Adam update, as one tensor function.
 */
import * as tf from '@tensorflow/tfjs';
import type { HostTensor, TensorFunction } from '#engine/ports.ts';
import { type Feeds, floats } from './example-tensors.ts';

export interface StepShape {
  batch: number;
  size: number;
  /** Channels after each pair of convolutions; the first of a pair halves the picture. */
  channels: number[];
}

const adam = { rate: 1e-3, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };

/** Example inputs: weights `w*`, `g*`, `b*`, `dense`; moments `m:*`, `v:*`; `x`, `labels`, `step`. */
export function stepInputs({ batch, size, channels }: StepShape): Feeds {
  const feeds: Feeds = {};
  const add = (name: string, value: HostTensor) => {
    feeds[name] = value;
    feeds[`m:${name}`] = { ...floats(value.shape, 7, -1e-3, 1e-3) };
    feeds[`v:${name}`] = { ...floats(value.shape, 8, 1e-6, 1e-5) };
  };
  let from = 3;
  channels.forEach((to, i) => {
    for (const [j, input] of [from, to].entries()) {
      const spread = Math.sqrt(6 / (9 * input));
      const name = String(2 * i + j);
      add(`w${name}`, floats([3, 3, input, to], 10 + 2 * i + j, -spread, spread));
      add(`g${name}`, floats([to], 30 + i, 0.8, 1.2));
      add(`b${name}`, floats([to], 40 + i, -0.1, 0.1));
    }
    from = to;
  });
  add('dense', floats([from, 1], 50, -0.3, 0.3));
  const labels = Float32Array.from({ length: batch }, (_, i) => i % 2);
  return {
    ...feeds,
    x: floats([batch, size, size, 3], 3),
    labels: { dtype: 'float32', shape: [batch], data: labels },
    step: { dtype: 'float32', shape: [], data: Float32Array.of(3) },
  };
}

const instanceNorm = (x: tf.Tensor, gain: tf.Tensor, bias: tf.Tensor): tf.Tensor => {
  const { mean, variance } = tf.moments(x, [1, 2], true);
  return tf.add(tf.mul(tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, 1e-5))), gain), bias);
};

export function trainingStep({ batch, channels }: StepShape): TensorFunction {
  return (inputs) => {
    const names = Object.keys(inputs).filter((name) => `m:${name}` in inputs);
    const forward = (weights: Record<string, tf.Tensor>): tf.Scalar => {
      let h = inputs['x'] as tf.Tensor4D;
      for (let i = 0; i < 2 * channels.length; i++) {
        const y = tf.conv2d(h, weights[`w${i}`] as tf.Tensor4D, i % 2 === 0 ? 2 : 1, 'same');
        h = tf.relu(instanceNorm(y, weights[`g${i}`]!, weights[`b${i}`]!)) as tf.Tensor4D;
      }
      const logit = tf.reshape(tf.matMul(tf.mean(h, [1, 2]), weights['dense'] as tf.Tensor2D), [batch]);
      return tf.mean(tf.sub(tf.softplus(logit), tf.mul(logit, inputs['labels']!))).asScalar();
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
      outputs[`grad:${name}`] = grad;
    });
    return outputs;
  };
}
