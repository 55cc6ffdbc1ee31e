import { describe, expect, test } from 'vitest';
import { calibrationLoss } from '#engine/evaluation/calibration-loss.ts';
import { Random } from '#engine/random.ts';

/** Ratios of two normal classes whose means lie `d` apart, times `factor`: 1 is perfect. */
function ratios(seed: number, count: number, d: number, factor = 1) {
  const random = new Random(seed);
  const labels = Array.from({ length: 2 * count }, (_, i) => i % 2);
  return { llrs: labels.map((label) => factor * d * random.normal((label - 0.5) * d, 1)), labels };
}
const lossOf = (seed: number, count: number, factor = 1) => {
  const { llrs, labels } = ratios(seed, count, 2, factor);
  return calibrationLoss(llrs, labels, { random: new Random(0) })!;
};

describe('the loss of calibration', () => {
  test('of perfect ratios on few pictures is what is expected of them, and nothing is left', () => {
    const seeds = Array.from({ length: 30 }, (_, seed) => seed);
    const found = seeds.map((seed) => lossOf(seed, 40));
    const mean = (of: 'loss' | 'expected' | 'excess'): number =>
      found.reduce((sum, one) => sum + one[of], 0) / found.length;
    expect(mean('loss')).toBeGreaterThan(0.04);
    expect(Math.abs(mean('loss') - mean('expected'))).toBeLessThan(0.015);
    expect(mean('excess')).toBeLessThan(0.025);
  });

  test('of ratios that overstate is left over, few pictures or many', () => {
    const many = lossOf(1, 3000, 3);
    expect(many.expected).toBeLessThan(0.01);
    expect(many.excess).toBeGreaterThan(0.25);
    expect(lossOf(2, 60, 3).excess).toBeGreaterThan(0.15);
  });

  test('of ratios of one, all alike, is none', () => {
    const { loss, excess } = calibrationLoss([0, 0, 0, 0], [0, 1, 0, 1], { random: new Random(0) })!;
    expect(loss).toBeCloseTo(0, 12);
    expect(excess).toBe(0);
  });

  test('is none without both classes', () => {
    expect(calibrationLoss([1, 2], [1, 1], { random: new Random(0) })).toBeNull();
    expect(calibrationLoss([], [], { random: new Random(0) })).toBeNull();
  });
});
