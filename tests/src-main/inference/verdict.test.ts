import { expect, test } from 'vitest';
import type { ModelValidation } from '#contract/model.ts';
import { decideVerdict } from '#inference/verdict.ts';
import { tinyValidation } from '#tests/support/tiny-detector.ts';

const decide = (score: number, changes: Partial<ModelValidation> = {}, tiles = 20) =>
  decideVerdict({
    score,
    tiles,
    validation: { ...tinyValidation, realCount: 31, simulatedCount: 57, ...changes },
  });

test.each([
  { name: 'far above the threshold', score: 5, verdict: 'simulated' },
  { name: 'exactly at the threshold for simulated', score: 2, verdict: 'simulated' },
  { name: 'just below it', score: 1.99, verdict: 'inconclusive' },
  { name: 'just above the threshold for real', score: 1.01, verdict: 'inconclusive' },
  { name: 'exactly at the threshold for real', score: 1, verdict: 'real' },
  { name: 'far below it', score: -8, verdict: 'real' },
])('a score $name is judged $verdict, and the reason names both counts', ({ score, verdict }) => {
  const decision = decide(score);
  expect(decision.verdict).toBe(verdict);
  expect(decision.reason).toContain('31');
  expect(decision.reason).toContain('57');
  expect(decision.reason).toMatch(/^[^.]+(\.\d+[^.]*)*\.$/);
  expect(decision.llr).toBeNull();
});

test('between crossed thresholds, where both would hold, the verdict is inconclusive', () => {
  const crossed = { realThreshold: 3, simulatedThreshold: -3 };
  expect(decide(0, crossed).verdict).toBe('inconclusive');
  expect(decide(3.1, crossed).verdict).toBe('simulated');
  expect(decide(-3.1, crossed).verdict).toBe('real');
});

test('with one threshold only, only its verdict can be given', () => {
  expect(decide(9, { realThreshold: null }).verdict).toBe('simulated');
  expect(decide(-9, { realThreshold: null }).verdict).toBe('inconclusive');
  expect(decide(9, { simulatedThreshold: null }).verdict).toBe('inconclusive');
  expect(decide(-9, { simulatedThreshold: null }).verdict).toBe('real');
});

test('between the thresholds the reason names both, or the only one there is', () => {
  expect(decide(1.5).reason).toContain('lies between the thresholds 1.00 and 2.00 that');
  expect(decide(1.5, { realThreshold: null }).reason).toMatch(
    /is below the threshold .* for simulated, the only one/,
  );
  expect(decide(1.5, { simulatedThreshold: null }).reason).toMatch(
    /is above the threshold .* for real, the only one/,
  );
});

test('the share of errors is stated, or said to be unmeasured', () => {
  expect(decide(5).reason).toContain('at most 5.0 % of the 31 untouched');
  expect(decide(-5).reason).toContain('at most 5.0 % of the 57 forged');
  expect(decide(5, { falsePositiveRate: null }).reason).toContain('an unmeasured share');
});

test('a model that was not validated supports no verdict', () => {
  const decision = decideVerdict({ score: 50, tiles: 20, validation: null });
  expect(decision.verdict).toBe('inconclusive');
  expect(decision.reason).toContain('not validated');
});

test('a validation without thresholds supports no verdict, and says what it counted', () => {
  const none = { simulatedThreshold: null, realThreshold: null };
  expect(decide(50, none)).toMatchObject({ verdict: 'inconclusive' });
  expect(decide(50, none).reason).toContain('31 untouched and 57 forged');
  expect(decide(50, { ...none, realCount: 10 }).reason).toContain('on 10 untouched and 57 forged');
});

test('thresholds measured on too few pictures support no verdict', () => {
  expect(decide(50, { realCount: 19 })).toMatchObject({ verdict: 'inconclusive' });
  expect(decide(50, { simulatedCount: 19 })).toMatchObject({ verdict: 'inconclusive' });
  expect(decide(50, { realCount: 20, simulatedCount: 20 })).toMatchObject({ verdict: 'simulated' });
  expect(decide(50, { realCount: 19 }).reason).toContain('19 untouched');
});

test('a picture of too few tiles gets no verdict', () => {
  expect(decide(50, {}, 3)).toMatchObject({ verdict: 'inconclusive' });
  expect(decide(50, {}, 1).reason).toContain('only one tile');
  expect(decide(50, {}, 4)).toMatchObject({ verdict: 'simulated' });
});
