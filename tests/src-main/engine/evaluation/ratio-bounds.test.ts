import { describe, expect, test } from 'vitest';
import { ratioBounds, withinBounds } from '#engine/evaluation/ratio-bounds.ts';

const bounds = (
  ratios: number[],
  labels: number[],
  groups: (number | string)[] = ratios.map((_, i) => i),
) => {
  const { lower, upper } = ratioBounds(ratios.map(Math.log), labels, groups);
  return [Math.exp(lower), Math.exp(upper)];
};
const close = (...values: number[]) => values.map((value) => expect.closeTo(value, 10));
const five = [0.01, 0.1, 1, 10, 100];

describe('bounds of the ratio', () => {
  test('are the number of items a class where nothing overlaps', () => {
    expect(bounds([Infinity, 0], [1, 0])).toEqual(close(1, 1));
    expect(bounds([Infinity, Infinity, Infinity, 0, 0, 0], [1, 1, 1, 0, 0, 0])).toEqual(close(1 / 3, 3));
  });

  test('agree with values worked out by hand from the expected costs', () => {
    // 1 <= t < 10: two of four simulated are missed, one of three real alarmed: 1/2 + t/3 <= 1.
    // .1 <= t < 1: 1/4 + t/3 <= t.
    expect(bounds(five, [0, 0, 1, 1, 1])).toEqual(close(0.375, 1.5));
    expect(bounds(five, [0, 0, 0, 1, 1])).toEqual(close(2 / 3, 8 / 3));
  });

  test('are one where the ratios mislead', () => {
    expect(bounds(five, [1, 1, 1, 0, 0])).toEqual(close(1, 1));
  });

  test('never lie beyond the largest ratio that was seen', () => {
    const many = Array.from({ length: 400 }, (_, i) => i);
    const [lower, upper] = bounds(
      many.map((i) => (i < 200 ? 0.5 : 2)),
      many.map((i) => Number(i >= 200)),
    );
    expect([lower, upper]).toEqual(close(0.5, 2));
  });

  test('do not widen when the versions of a photograph are counted one by one', () => {
    const labels = Array.from({ length: 60 }, (_, i) => Number(i >= 30));
    const ratios = labels.map((label) => (label === 1 ? Infinity : 0));
    const groups = labels.map((_, i) => Math.floor((i % 30) / 10));
    expect(bounds(ratios, labels, groups)).toEqual(close(1 / 3, 3));
    expect(bounds(ratios, labels)).toEqual(close(1 / 30, 30));
  });

  test('cut a ratio and leave one inside as it is', () => {
    expect([-9, 0.5, 9].map((llr) => withinBounds(llr, { lower: -1, upper: 2 }))).toEqual([-1, 0.5, 2]);
  });

  test('refuse one class, NaN and unequal lengths', () => {
    expect(() => bounds([1, 2], [1, 1])).toThrow(/a class is missing/);
    expect(() => ratioBounds([NaN, 0], [0, 1], [0, 1])).toThrow(/ratio 0 is NaN/);
    expect(() => ratioBounds([0], [0, 1], [0, 1])).toThrow(/1 ratios but 2 labels/);
  });
});
