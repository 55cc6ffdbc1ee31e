import { expect, test } from 'vitest';
import { Random } from '#engine/random.ts';
import { falseAlarmRate, shareAbove, thresholdOf } from '#features/method-study/false-alarms.ts';

test('a tenth of the scores that set the threshold lie above it', () => {
  const scores = Array.from({ length: 101 }, (_, i) => (i * 37) % 101);
  expect(thresholdOf(scores)).toBe(90);
  expect(shareAbove(scores, 90)).toBe(10 / 101);
  expect(shareAbove([], 90)).toBeNull();
});

test('either half is measured against the threshold of the other one', () => {
  // Even places score 0 to 9, odd ones 100 higher: all of the odd half lie above, none of the even half.
  const scores = Array.from({ length: 20 }, (_, i) => Math.floor(i / 2) + 100 * (i % 2));
  expect(falseAlarmRate(scores, new Random(0)).value).toBe(0.5);
  const alike = Array.from({ length: 400 }, (_, i) => Math.floor(i / 2));
  const { value, interval } = falseAlarmRate(alike, new Random(0));
  expect(value).toBeCloseTo(0.1, 2);
  expect(interval![0]).toBeLessThan(value!);
  expect(interval![1]).toBeGreaterThan(value!);
});

test('three photographs are too few', () => {
  expect(falseAlarmRate([1, 2, 3], new Random(0))).toEqual({ value: null, interval: null });
});
