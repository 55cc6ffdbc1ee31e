import { expect, test } from 'vitest';
import { aggregateScore } from '#inference/aggregate-score.ts';

test('the score is the mean of the highest tenth of the tiles', () => {
  const logits = Float32Array.from({ length: 40 }, (_, i) => (i * 7) % 40);
  expect(aggregateScore(logits)).toBe((39 + 38 + 37 + 36) / 4);
});

test('a picture of few tiles is judged by its highest one', () => {
  expect(aggregateScore(Float32Array.of(-3))).toBe(-3);
  expect(aggregateScore(Float32Array.of(-3, 2, -1, 0))).toBe(2);
});

test('negative logits are ordered as numbers, and the tiles are left as they were', () => {
  const logits = Float32Array.of(-10, -9, -2, -30);
  expect(aggregateScore(logits)).toBe(-2);
  expect([...logits]).toEqual([-10, -9, -2, -30]);
});

test('no tiles have no score', () => {
  expect(() => aggregateScore(new Float32Array())).toThrow(RangeError);
});
