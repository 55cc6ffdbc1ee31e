/** The optimiser on a network's flat parameter vector: gradient clipping, AdamW, moving average. Pure tensor functions. */
import * as tf from '@tensorflow/tfjs-core';
import type { NamedTensors } from '../models/parameters.ts';

export interface AdamConfig {
  beta1: number;
  beta2: number;
  /** Decoupled weight decay, multiplied by the learning rate. */
  weightDecay: number;
  /** Largest norm of the whole gradient; above it the gradient is scaled down. */
  clip: number;
}

/** What changes from step to step, as one tensor `[4]`: learning rate, 1 - beta1^t, 1 - beta2^t, decay of the average. */
export function scheduleValues(
  config: AdamConfig,
  learningRate: number,
  step: number,
  averageDecay: number,
): Float32Array {
  return Float32Array.of(learningRate, 1 - config.beta1 ** step, 1 - config.beta2 ** step, averageDecay);
}
export const scheduleValue = (schedule: tf.Tensor1D, index: number): tf.Tensor1D =>
  tf.slice1d(schedule, index, 1);

export interface OptimiserState {
  weights: tf.Tensor1D;
  firstMoment: tf.Tensor1D;
  secondMoment: tf.Tensor1D;
}

/**
 * One AdamW update (Loshchilov and Hutter, 2019) after clipping by the global norm.
 * @param gradient `[size]`
 * @returns the new state and the gradient's norm before clipping `[]`
 */
export function adamUpdate(
  state: OptimiserState,
  gradient: tf.Tensor1D,
  schedule: tf.Tensor1D,
  config: AdamConfig,
) {
  const norm = tf.sqrt(tf.sum(tf.square(gradient)));
  const scale = tf.minimum(1, tf.div(config.clip, tf.add(norm, 1e-6)));
  const g = tf.mul(gradient, scale);
  const firstMoment = tf.add(
    tf.mul(state.firstMoment, config.beta1),
    tf.mul(g, 1 - config.beta1),
  ) as tf.Tensor1D;
  const secondMoment = tf.add(
    tf.mul(state.secondMoment, config.beta2),
    tf.mul(tf.square(g), 1 - config.beta2),
  ) as tf.Tensor1D;
  const m = tf.div(firstMoment, scheduleValue(schedule, 1));
  const v = tf.div(secondMoment, scheduleValue(schedule, 2));
  const direction = tf.add(tf.div(m, tf.add(tf.sqrt(v), 1e-8)), tf.mul(state.weights, config.weightDecay));
  const weights = tf.sub(state.weights, tf.mul(direction, scheduleValue(schedule, 0))) as tf.Tensor1D;
  return { weights, firstMoment, secondMoment, norm };
}

/** `average + (1 - decay) (value - average)`, decay in the schedule's fourth place. */
export const movingAverage = (average: tf.Tensor1D, value: tf.Tensor1D, schedule: tf.Tensor1D): tf.Tensor1D =>
  tf.add(average, tf.mul(tf.sub(value, average), tf.sub(1, scheduleValue(schedule, 3))));

/**
 * A loss' value, its gradients by name, and tensors that were made on the way. A parameter that the loss does not reach has
 * a gradient of zero.
 * @param f gives `loss` (a scalar) and whatever else shall be returned, as tensors
 */
export function valueAndGradients<A extends NamedTensors>(
  f: (p: NamedTensors) => { loss: tf.Scalar; others: A },
  parameters: NamedTensors,
): { loss: tf.Scalar; gradients: NamedTensors; others: A } {
  const names = Object.keys(parameters);
  let others = {} as A;
  const forward = () => {
    const result = f(parameters);
    others = result.others;
    for (const t of Object.values(others)) tf.keep(t); // survives the gradient's own scope
    return result.loss;
  };
  // Unlike tf.valueAndGrads, this allows parameters without a gradient: their places are empty.
  const { value, grads } = tf.engine().gradients(
    forward,
    names.map((name) => parameters[name]!),
    undefined,
    true,
  ) as { value: tf.Tensor; grads: (tf.Tensor | undefined)[] };
  const handedOver = Object.fromEntries(
    Object.entries(others).map(([name, kept]) => {
      const copy = tf.clone(kept);
      kept.dispose();
      return [name, copy];
    }),
  ) as A;
  return {
    loss: value as tf.Scalar,
    gradients: Object.fromEntries(
      names.map((name, i) => [name, grads[i] ?? tf.zerosLike(parameters[name]!)]),
    ),
    others: handedOver,
  };
}
