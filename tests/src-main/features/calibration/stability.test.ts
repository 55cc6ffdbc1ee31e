import { describe, expect, test } from 'vitest';
import type { ModelCalibration } from '#contract/calibration.ts';
import type { VerdictLabel } from '#contract/detection.ts';
import type { ChangedPicture } from '#contract/judge-messages.ts';
import { stability as stabilitySchema, type PictureChange } from '#contract/stability.ts';
import { stabilityChanges, unweighed, weighStability } from '#features/calibration/stability.ts';
import { tinyCalibration } from '#tests/support/tiny-detector.ts';

/** The ratio of the tiny calibration is 1 at 1.5, and reaches ten for simulated at 1.96, for real at 1.04. */
const changedTo = (scoreAfter: (change: PictureChange) => number | null): ChangedPicture[] =>
  stabilityChanges.map((change) => {
    const score = scoreAfter(change);
    return {
      change,
      picture: {
        ...{ width: 640, height: 480, grey: false },
        ...(change.kind === 'jpeg'
          ? { format: 'jpeg', quality: change.level }
          : { format: 'png', quality: null }),
      },
      judged: score === null ? null : { score, tiles: 70, features: [] },
      reason: score === null ? 'too small' : '',
    };
  });
const weigh = (
  verdict: VerdictLabel,
  scoreAfter: (change: PictureChange) => number | null,
  calibration: ModelCalibration | null = tinyCalibration(),
) => weighStability({ verdict, calibration, rendered: false, changed: changedTo(scoreAfter), ms: 1 });
const only =
  (kind: PictureChange['kind'], level: number, score: number | null, others = 3) =>
  (change: PictureChange): number | null =>
    change.kind === kind && change.level === level ? score : others;

test('all that the issue names is changed: JPEG, scale, every shift within a block, noise and blur', () => {
  const levels = (kind: PictureChange['kind']) =>
    stabilityChanges.filter((change) => change.kind === kind).map(({ level }) => level);
  expect(levels('jpeg')).toEqual([95, 90, 80, 70]);
  expect(levels('scale')).toEqual([0.9, 0.75, 0.5]);
  expect(levels('crop')).toEqual([1, 2, 3, 4, 5, 6, 7]);
  expect(levels('noise').length).toBeGreaterThan(0);
  expect(levels('blur').length).toBeGreaterThan(0);
});

describe('a verdict', () => {
  test('that holds after every change is stable, and what was found is told change by change', () => {
    const found = weigh('simulated', () => 3);
    expect(found).toMatchObject({ stable: true, version: 1, parameters: { band: Math.log(10) } });
    expect(found.reason).toContain('18 of 18');
    expect(new Set(found.rows.map(({ outcome }) => outcome))).toEqual(new Set(['holds']));
    expect(stabilitySchema.parse(found)).toEqual(found);
    expect(weigh('real', () => 0).stable).toBe(true);
  });

  test.each([
    ['simulated', 'scale', 0.5, 1.3, 'opposite', /scaled to 50 % \(the ratio is then 2\.7 times for real\)/],
    ['simulated', 'crop', 3, 1.9, 'lost', /cut by 3 pixels .* 7\.4 times for simulated/],
    ['real', 'jpeg', 95, 1.2, 'lost', /saved as JPEG of quality 95 .* 4\.5 times for real/],
    ['real', 'noise', 5, 1.7, 'opposite', /noise of 5 levels .* for simulated/],
  ] as const)(
    'of %s that %s %d turns to a score of %d is %s',
    (verdict, kind, level, score, outcome, words) => {
      const found = weigh(verdict, only(kind, level, score, verdict === 'real' ? 0 : 3));
      expect(found.stable).toBe(false);
      expect(found.reason).toMatch(words);
      const row = found.rows.find((one) => one.kind === kind && one.level === level);
      expect(row).toMatchObject({ outcome, score });
      expect(found.rows.filter((one) => one !== row && one.outcome !== 'holds')).toEqual([]);
    },
  );

  test.each([
    ['a strong change that only weakens it', only('jpeg', 70, 1.9)],
    ['a strong change that leaves the other side without support', only('blur', 1, 1.4)],
    ['one change after which there is no ratio', only('crop', 3, null)],
  ])('is not unstable by %s', (_, scoreAfter) => {
    expect(weigh('simulated', scoreAfter).stable).toBe(true);
  });

  test('is not unstable by a tier whose validation data could not carry it, but by one that contradicts it', () => {
    const { tiers, ...rest } = tinyCalibration();
    const weak = tiers.map((tier) =>
      tier.tier === 'jpeg_high' ? { ...tier, bounds: { lower: -1, upper: 1 } } : tier,
    );
    const calibration = { ...rest, tiers: weak };
    const found = weigh('simulated', () => 3, calibration);
    expect(found.stable).toBe(true);
    expect(found.rows.find(({ level }) => level === 95)).toMatchObject({ outcome: 'weaker', llr: 1 });
    expect(weigh('simulated', only('jpeg', 95, 0), calibration).stable).toBe(false);
  });

  test('is unstable where after most mild changes there is no ratio, or the changed pictures cannot be judged', () => {
    const silent = weigh('simulated', ({ kind }) => (kind === 'crop' ? null : 3));
    expect(silent.stable).toBe(false);
    expect(silent.reason).toContain('7 of 12 mild changes');
    const none = unweighed('out of memory.', {
      verdict: 'real',
      calibration: tinyCalibration(),
      ms: 1,
    });
    expect(none).toMatchObject({ stable: false, rows: [] });
    expect(none.reason).toContain('out of memory');
  });
});

test('without a verdict nothing can be unstable, and the ratios and scores are told all the same', () => {
  const found = weigh('inconclusive', () => 1.5);
  expect(found).toMatchObject({ stable: null });
  expect(found.rows[0]).toMatchObject({ llr: 0, outcome: null, score: 1.5 });
  const uncalibrated = weigh('inconclusive', () => 1.5, null);
  expect(uncalibrated.rows[0]).toMatchObject({ llr: null, outcome: null, score: 1.5 });
});
