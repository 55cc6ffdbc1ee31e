import { describe, expect, test } from 'vitest';
import { upperThreshold } from '#compute/trainer/validate-detector.ts';

const ramp = (count: number, from: number): number[] => Array.from({ length: count }, (_, i) => from + i);

describe('a threshold of the verdict', () => {
  test('is reached by at most the allowed share of the pictures that it is wrong for', () => {
    const found = upperThreshold(ramp(100, 0), ramp(100, 80), 0.05)!;
    expect(found.threshold).toBe(94.5);
    expect(found.share).toBe(0.05);
  });

  test('lies above all of them where they are too few to allow an error', () => {
    const found = upperThreshold(ramp(10, 0), ramp(10, 50), 0.05)!;
    expect(found.threshold).toBeGreaterThan(9);
    expect(found.share).toBe(0);
  });

  test('counts ties as reaching it', () => {
    const found = upperThreshold([1, 1, 1, 1, 1, 1, 1, 1, 1, 5], ramp(10, 5), 0.1)!;
    expect(found.threshold).toBe(3);
    expect(found.share).toBe(0.1);
    expect(
      upperThreshold(
        ramp(20, 0).map(() => 1),
        ramp(20, 1).map(() => 1),
        0.05,
      ),
    ).toBeNull();
  });

  test('is none where the classes are not told apart, or where there is nothing to measure', () => {
    expect(upperThreshold(ramp(100, 0), ramp(100, 0), 0.05)).toBeNull();
    expect(upperThreshold([], ramp(10, 0), 0.05)).toBeNull();
  });
});
