/** When a run ends, and what its learning rate does until then. */
import { describe, expect, test } from 'vitest';
import { cosineSchedule, openEndedSchedule } from '#engine/training/schedule.ts';
import { shareDone, stopReason, type RunProgress } from '#engine/training/stop-conditions.ts';

const progress = (changes: Partial<RunProgress> = {}): RunProgress => ({
  step: 50,
  seconds: 60,
  loss: null,
  evaluationsSinceBest: 0,
  ...changes,
});

describe('a run ends', () => {
  test('with its steps or its minutes, whichever come first', () => {
    const stop = { steps: 100, minutes: 2 };
    expect(stopReason(stop, progress())).toBeNull();
    expect(stopReason(stop, progress({ step: 100 }))).toBe('steps');
    expect(stopReason(stop, progress({ seconds: 120 }))).toBe('minutes');
  });

  test('with an averaged loss under the bound, and not between two points of the curves', () => {
    const stop = { steps: 100, lossBelow: 0.5 };
    expect(stopReason(stop, progress({ loss: 0.5 }))).toBeNull();
    expect(stopReason(stop, progress({ loss: null }))).toBeNull();
    expect(stopReason(stop, progress({ loss: 0.49 }))).toBe('lossBelow');
  });

  test('after so many evaluations without improvement', () => {
    expect(stopReason({ patience: 3 }, progress({ evaluationsSinceBest: 2 }))).toBeNull();
    expect(stopReason({ patience: 3 }, progress({ evaluationsSinceBest: 3 }))).toBe('patience');
  });

  test('not by a condition that was not given', () => {
    const far = progress({ step: 1e6, seconds: 1e6, loss: 0, evaluationsSinceBest: 100 });
    expect(stopReason({ steps: 2e6 }, far)).toBeNull();
  });
});

describe('the share of a run that is done', () => {
  test('goes by the nearer of the expected ends', () => {
    expect(shareDone({ steps: 100 }, progress())).toBe(0.5);
    expect(shareDone({ steps: 100, minutes: 1.25 }, progress())).toBe(0.8);
    expect(shareDone({ steps: 10 }, progress())).toBe(1);
  });

  test('is unknown where only open conditions end it, which otherwise change nothing', () => {
    expect(shareDone({ patience: 3, lossBelow: 1 }, progress())).toBeNull();
    expect(shareDone({ steps: 100, patience: 3, lossBelow: 1 }, progress())).toBe(0.5);
  });
});

describe('the learning rate', () => {
  test('falls along a cosine from 1 to its floor where an end is expected', () => {
    expect(cosineSchedule(0, 0.05)).toBe(1);
    expect(cosineSchedule(0.5, 0.05)).toBeCloseTo(0.525, 12);
    expect(cosineSchedule(1, 0.05)).toBeCloseTo(0.05, 12);
  });

  test('is held, then falls as 1 / sqrt(steps) to its floor where none is', () => {
    expect(openEndedSchedule(1000, 1000, 0.05)).toBe(1);
    expect(openEndedSchedule(4000, 1000, 0.05)).toBe(0.5);
    expect(openEndedSchedule(1e9, 1000, 0.05)).toBe(0.05);
  });
});
