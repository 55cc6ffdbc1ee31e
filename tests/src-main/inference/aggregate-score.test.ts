import { expect, test } from 'vitest';
import { scoreAggregation } from '#contract/model.ts';
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

test('every aggregation is the function of the logits that its name says', () => {
  const logits = Float32Array.of(4, -2, 0, 1, 3, -1, 2, -3);
  expect(aggregateScore(logits, 'mean')).toBeCloseTo(0.5, 6);
  expect(aggregateScore(logits, 'median')).toBe(0.5);
  expect(aggregateScore(Float32Array.of(5, 1, 3), 'median')).toBe(3);
  expect(aggregateScore(logits, 'top-quarter')).toBe(3.5);
  expect(aggregateScore(logits, 'maximum')).toBe(4);
  expect(aggregateScore(logits, 'contrast')).toBe(3.5);
  const mean = logits.reduce((sum, logit) => sum + Math.exp(logit), 0) / logits.length;
  expect(aggregateScore(logits, 'log-mean-exp')).toBeCloseTo(Math.log(mean), 6);
});

test('logits too large for exp do not overflow', () => {
  expect(aggregateScore(Float32Array.of(2000, 2000), 'log-mean-exp')).toBe(2000);
});

test('tiles that are all alike give their own logit, whatever the aggregation, and no contrast', () => {
  for (const aggregation of scoreAggregation.options)
    expect(aggregateScore(new Float32Array(30).fill(-1.5), aggregation)).toBeCloseTo(
      aggregation === 'contrast' ? 0 : -1.5,
      6,
    );
});
