/** The optimiser on a vector: clipping, AdamW, moving average, against the formulas written out. */
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, test } from 'vitest';
import { initWasm } from '#compute/backends/wasm.ts';
import { adamUpdate, movingAverage, scheduleValues, type AdamConfig } from '#engine/training/optimiser.ts';

beforeAll(() => initWasm());

const config: AdamConfig = { beta1: 0.9, beta2: 0.999, weightDecay: 0.01, clip: 5 };
const rate = 0.1;

function update(gradient: number[], weights = [1, -2]) {
  return tf.tidy(() => {
    const zeros = tf.zeros([2]) as tf.Tensor1D;
    const state = { weights: tf.tensor1d(weights), firstMoment: zeros, secondMoment: zeros };
    const schedule = tf.tensor1d(scheduleValues(config, rate, 1, 0.99));
    const { norm, ...after } = adamUpdate(state, tf.tensor1d(gradient), schedule, config);
    return {
      norm: norm.dataSync()[0]!,
      weights: [...after.weights.dataSync()],
      firstMoment: [...after.firstMoment.dataSync()],
      secondMoment: [...after.secondMoment.dataSync()],
    };
  });
}

test('a gradient above the largest norm is scaled down to it; the norm told is that before', () => {
  const { norm, firstMoment, secondMoment } = update([30, 40]);
  expect(norm).toBeCloseTo(50, 4);
  firstMoment.forEach((m, i) => expect(m).toBeCloseTo(0.1 * [3, 4][i]!, 5));
  secondMoment.forEach((v, i) => expect(v).toBeCloseTo(0.001 * [9, 16][i]!, 6));
});

test('a gradient below it is left as it is', () => {
  const { firstMoment } = update([0.3, -0.4]);
  firstMoment.forEach((m, i) => expect(m).toBeCloseTo(0.1 * [0.3, -0.4][i]!, 6));
});

test('the first step goes by the learning rate against the sign, and the decay shrinks the weights', () => {
  const { weights } = update([0.3, -0.4]);
  expect(weights[0]).toBeCloseTo(1 - rate * (1 + 0.01 * 1), 5);
  expect(weights[1]).toBeCloseTo(-2 - rate * (-1 + 0.01 * -2), 5);
});

test('the moving average keeps its decay and takes the rest of the value', () => {
  const average = tf.tidy(() => {
    const schedule = tf.tensor1d(scheduleValues(config, rate, 1, 0.75));
    return [...movingAverage(tf.tensor1d([1, 0]), tf.tensor1d([3, -4]), schedule).dataSync()];
  });
  expect(average).toEqual([1.5, -1]);
});
