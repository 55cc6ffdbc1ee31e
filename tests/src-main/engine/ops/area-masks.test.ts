/** Masks of a given area, and the fixed filters before the detector. */
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { initWasm } from '#compute/backends/wasm.ts';
import { areaMask, standardiseMaps, upperQuantile } from '#engine/ops/mask-kernels.ts';
import { residualFilters } from '#engine/ops/residual-filters.ts';

beforeAll(initWasm);

const AREAS = [0.06, 0.2, 0.45];
/** Standardised maps `[3, 16, 16, 2]`: skewed in the first channel, even in the second. */
const maps = (): tf.Tensor4D => {
  const draws = tf.randomNormal([3, 16, 16, 2], 0, 1, 'float32', 7);
  const skewed = tf.mul(draws, tf.tensor1d([1, 0]));
  return standardiseMaps(tf.add(draws, tf.square(skewed)) as tf.Tensor4D);
};
const areas = (): tf.Tensor4D => tf.tensor4d(AREAS, [3, 1, 1, 1]);

describe('q_a(z)', () => {
  test('is the (1 - a) quantile of each map, as sorting finds it', () => {
    const z = maps();
    const found = upperQuantile(z, areas()).arraySync() as number[][][][];
    const planes = tf.transpose(z, [0, 3, 1, 2]).reshape([3, 2, 256]).arraySync() as number[][][];
    for (const [n, area] of AREAS.entries()) {
      for (const channel of [0, 1]) {
        const sorted = planes[n]![channel]!.sort((a, b) => b - a);
        const above = Math.floor(area * 256);
        const q = found[n]![0]![0]![channel]!;
        expect(q).toBeGreaterThanOrEqual(sorted[above]! - 1e-5);
        expect(q).toBeLessThanOrEqual(sorted[above - 1]! + 1e-5);
      }
    }
  });

  test('passes no gradient: that of the mask is slope M (1 - M) alone', () => {
    const z = maps();
    const slope = 4;
    const gradient = tf.grad((x: tf.Tensor) => tf.sum(areaMask(x as tf.Tensor4D, areas(), slope)))(z);
    const mask = areaMask(z, areas(), slope);
    const expected = tf.mul(tf.mul(mask, tf.sub(1, mask)), slope);
    expect(tf.max(tf.abs(tf.sub(gradient, expected))).dataSync()[0]).toBeLessThan(1e-5);
  });
});

test('M lies above one half on the area that was asked for, whatever the slope', () => {
  for (const slope of [1.5, 4, 100]) {
    const above = tf.mean(tf.cast(tf.greater(areaMask(maps(), areas(), slope), 0.5), 'float32'), [1, 2]);
    (above.arraySync() as number[][]).forEach((shares, n) => {
      for (const share of shares) expect(Math.abs(share - AREAS[n]!)).toBeLessThanOrEqual(1 / 256 + 1e-6);
    });
  }
});

test('a map is standardised by its own mean and deviation', () => {
  const { mean, variance } = tf.moments(maps(), [1, 2]);
  expect(tf.max(tf.abs(mean)).dataSync()[0]).toBeLessThan(1e-5);
  expect(tf.max(tf.abs(tf.sub(variance, 1))).dataSync()[0]).toBeLessThan(1e-3);
});

describe('the high-pass residuals', () => {
  const inner = (t: tf.Tensor4D) => t.slice([0, 2, 2, 0], [1, 5, 5, 9]);

  test('of flat colours and of even slopes are nothing', () => {
    const slope = tf.add(tf.reshape(tf.range(0, 9), [1, 9, 1, 1]), tf.reshape(tf.range(0, 9), [1, 1, 9, 1]));
    const picture = tf.add(tf.mul(slope, tf.tensor1d([3, -2, 0])), 90) as tf.Tensor4D;
    expect(tf.max(tf.abs(inner(residualFilters(picture)))).dataSync()[0]).toBeLessThan(1e-4);
  });

  test('of one bright pixel are the three filters, each colour by itself', () => {
    const data = new Float32Array(9 * 9 * 3);
    data[(4 * 9 + 4) * 3 + 1] = 12; // green
    const centre = residualFilters(tf.tensor4d(data, [1, 9, 9, 3]))
      .slice([0, 4, 4, 0], [1, 1, 1, 9])
      .dataSync();
    // divisors 4, 12 and 2 of the second-order, the square and the horizontal filter
    expect(Array.from(centre)).toEqual([0, 0, 0, -12, -12, -12, 0, 0, 0]);
    const right = residualFilters(tf.tensor4d(data, [1, 9, 9, 3]))
      .slice([0, 4, 5, 0], [1, 1, 1, 9])
      .dataSync();
    expect(Array.from(right)).toEqual([0, 0, 0, 6, 8, 6, 0, 0, 0]);
  });
});
