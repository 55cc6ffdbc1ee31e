/** Losses that the golden values do not cover, against their formulas worked out by hand. */
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { initWasm } from '#compute/backends/wasm.ts';
import {
  absoluteLoss,
  contentLoss,
  diversityLoss,
  flooredWeights,
  fusedMapLoss,
  maskRegulariser,
  similarityLoss,
  styleLoss,
  weightedSum,
} from '#engine/training/losses.ts';

beforeAll(initWasm);

const value = (t: tf.Tensor): number => t.dataSync()[0]!;
const map = (rows: number[][]): tf.Tensor4D => tf.tensor4d(rows.flat(), [1, rows.length, rows[0]!.length, 1]);

test('L_fus is the binary cross-entropy of P and M, and finite where P is certain and wrong', () => {
  const [p, m] = [
    [0.9, 0.2, 0.5],
    [1, 0, 0.25],
  ];
  const expected = -p.reduce((sum, x, i) => sum + m[i]! * Math.log(x) + (1 - m[i]!) * Math.log(1 - x), 0) / 3;
  expect(value(fusedMapLoss(tf.tensor1d(p), tf.tensor1d(m)))).toBeCloseTo(expected, 5);
  expect(value(fusedMapLoss(tf.tensor1d([0]), tf.tensor1d([1])))).toBeCloseTo(-Math.log(1e-5), 2);
  // Real pictures have M = 0: the loss is least where P is 0.
  expect(value(fusedMapLoss(tf.tensor1d([0.01]), tf.tensor1d([0])))).toBeLessThan(0.011);
});

describe('R', () => {
  const constant = (m: number) => map(Array.from({ length: 4 }, () => Array.from({ length: 4 }, () => m)));

  test('asks four times what the area lacks of 5 % or has above 50 %, and half of the indecision', () => {
    const R = (m: number) => value(maskRegulariser(constant(m)));
    expect(R(0.01)).toBeCloseTo(4 * 0.04 + 0.5 * 0.01 * 0.99, 5);
    expect(R(0.3)).toBeCloseTo(0.5 * 0.3 * 0.7, 5);
    expect(R(0.9)).toBeCloseTo(4 * 0.4 + 0.5 * 0.9 * 0.1, 5);
  });

  test('asks half of the total variation, down and along', () => {
    const edgeBelow = map([
      [1, 1, 1, 1],
      [0, 0, 0, 0],
      [0, 0, 0, 0],
      [0, 0, 0, 0],
    ]);
    expect(value(maskRegulariser(edgeBelow))).toBeCloseTo(0.5 * (4 / 12), 5);
    expect(value(maskRegulariser(tf.transpose(edgeBelow, [0, 2, 1, 3])))).toBeCloseTo(0.5 * (4 / 12), 5);
  });
});

describe('the style network', () => {
  const a = () =>
    map([
      [1, 3],
      [1, 3],
    ]); // mean 2, deviation 1
  const b = () =>
    map([
      [4, 10],
      [4, 10],
    ]); // mean 7, deviation 3

  test('L_sty is the squared difference of means and of deviations', () => {
    expect(value(styleLoss(a(), b()))).toBeCloseTo(25 + 4, 3);
  });

  test('L_con does not see means and deviations, only what is left without them', () => {
    expect(value(contentLoss(a(), b()))).toBeCloseTo(0, 4);
    const turned = tf.transpose(a(), [0, 2, 1, 3]); // normalised: -1 -1 / 1 1 against -1 1 / -1 1
    expect(value(contentLoss(a(), turned))).toBeCloseTo(2, 3);
  });

  test('L_rec is the mean absolute difference', () => {
    expect(value(absoluteLoss(a(), b()))).toBeCloseTo((3 + 7) / 2, 5);
  });
});

test('w_i has a floor: one map cannot take all of the weight', () => {
  const floored = flooredWeights(tf.tensor2d([[1, 0, 0, 0]]));
  expect(Array.from(floored.dataSync())).toEqual([0.625, 0.125, 0.125, 0.125]);
});

test('L_sim of one map is its root mean square distance, whatever the other maps do', () => {
  const [masks, maps] = [tf.ones([1, 4, 4, 2]) as tf.Tensor4D, tf.zeros([1, 4, 4, 2]) as tf.Tensor4D];
  const half = tf.add(maps, tf.tensor1d([0, 0.5])) as tf.Tensor4D;
  expect(value(similarityLoss(masks, half, tf.tensor2d([[1, 0]])))).toBeCloseTo(1, 4);
  expect(value(similarityLoss(masks, half, tf.tensor2d([[0.5, 0.5]])))).toBeCloseTo(0.75, 4);
});

test('L_div of equal kernels is 1, of opposite ones -1, and of a single one 0', () => {
  const kernel = tf.randomNormal([3, 3, 4, 1], 0, 1, 'float32', 1) as tf.Tensor4D;
  expect(value(diversityLoss(tf.concat4d([kernel, kernel], 3)))).toBeCloseTo(1, 5);
  expect(value(diversityLoss(tf.concat4d([kernel, tf.neg(kernel)], 3)))).toBeCloseTo(-1, 5);
  expect(value(diversityLoss(kernel))).toBe(0);
});

test('a total is the weighted sum of its losses, without those of weight 0', () => {
  const [one, two] = [tf.scalar(3), tf.scalar(Infinity)];
  expect(
    value(
      weightedSum([
        [2, one],
        [1, one],
        [0, two],
      ]),
    ),
  ).toBe(9);
  expect(value(weightedSum([]))).toBe(0);
});
