import { describe, expect, test } from 'vitest';
import { applyCalibration } from '#engine/evaluation/calibration.ts';
import { tierOf } from '#engine/evaluation/compression-tier.ts';
import { cllr, cllrMin } from '#engine/evaluation/metrics.ts';
import { withinBounds } from '#engine/evaluation/ratio-bounds.ts';
import { calibrateTier, type CalibrationItem } from '#engine/evaluation/tier-calibration.ts';
import { isGrey } from '#engine/evaluation/validated-domain.ts';
import { Random } from '#engine/random.ts';

/** `groups` photographs, each real and forged twice: seen by half of a deviation or more, and not at all. */
function photographs(seed: number, groups: number, strength: number): CalibrationItem[] {
  const random = new Random(seed);
  return Array.from({ length: groups }, (_, i) => {
    const own = random.normal(0, 0.5);
    const item = (category: string | null, mean: number): CalibrationItem => ({
      ...{ category, group: `${i}`, simulated: category !== null },
      score: 3 * (own + mean + random.normal()) + 20,
    });
    return [item(null, 0), item('seen', strength), item('unseen', 0)];
  }).flat();
}

describe('the calibration of a tier', () => {
  const tier = calibrateTier(photographs(1, 60, 3), new Random(0))!;

  test('keeps C_llr within .05 of its minimum on groups that it has not seen', () => {
    const held = photographs(2, 500, 3);
    const labels = held.map(({ simulated }) => Number(simulated));
    const llrs = held.map(({ score }) => withinBounds(applyCalibration(tier.map, score), tier.bounds));
    const least = cllrMin(
      held.map(({ score }) => score),
      labels,
    )!;
    expect(cllr(llrs, labels)! - least).toBeLessThan(0.05);
    expect(least).toBeLessThan(0.9);
  });

  test('says of each category whether it is at chance', () => {
    expect(
      tier.categories.map(({ category, atChance, simulated }) => [category, simulated, atChance]),
    ).toEqual([
      ['seen', 60, false],
      ['unseen', 60, true],
    ]);
    expect(tier.atChance).toBe(false);
    expect(calibrateTier(photographs(3, 60, 0), new Random(0))!.atChance).toBe(true);
  });

  test('has figures with intervals by group, and bounds that the number of groups limits', () => {
    for (const { value, interval } of Object.values(tier.figures)) {
      expect(interval![0]).toBeLessThanOrEqual(value!);
      expect(interval![1]).toBeGreaterThanOrEqual(value!);
    }
    expect(tier.counts).toEqual({ real: 60, simulated: 120, realGroups: 60, simulatedGroups: 60 });
    expect(tier.bounds.upper).toBeLessThanOrEqual(Math.log(60));
    expect(tier.bounds.lower).toBeGreaterThanOrEqual(-Math.log(60));
    expect(tier.bounds.upper).toBeGreaterThan(0);
    expect(tier.reliability.reduce((sum, { real }) => sum + real, 0)).toBe(60);
  });

  test('separated classes support the ratio of their number of groups, no more', () => {
    const { bounds, figures } = calibrateTier(
      photographs(4, 40, 50).filter(({ category }) => category !== 'unseen'),
      new Random(0),
    )!;
    // Ratios are not seen beyond what the fit itself gives: a little less than 40.
    expect(bounds.upper).toBeLessThanOrEqual(Math.log(40));
    expect(bounds.upper).toBeGreaterThan(Math.log(20));
    expect(figures.auc.value).toBe(1);
    expect(figures.cllrMin.value).toBe(0);
  });

  test('is none of fewer than twenty groups, of no pictures, or of one class', () => {
    expect(calibrateTier(photographs(1, 19, 3), new Random(0))).toBeNull();
    expect(calibrateTier([], new Random(0))).toBeNull();
    const real = photographs(1, 60, 3).filter(({ simulated }) => !simulated);
    expect(calibrateTier(real, new Random(0))).toBeNull();
  });

  test('is the same for the same draws', () => {
    expect(calibrateTier(photographs(1, 60, 3), new Random(0))).toEqual(tier);
  });
});

test.each([
  ['png', null, 'lossless'],
  ['jpeg', 100, 'jpeg_high'],
  ['jpeg', 85, 'jpeg_high'],
  ['jpeg', 84, 'jpeg_medium'],
  ['jpeg', 70, 'jpeg_medium'],
  ['jpeg', 69, null],
  ['jpeg', null, null],
  ['webp', null, null],
])('a file of format %s and quality %s belongs to the tier %s', (format, quality, tier) => {
  expect(tierOf(format, quality)).toBe(tier);
});

test('a picture is grey where no pixel has any colour', () => {
  const data = Uint8Array.from([7, 7, 7, 9, 9, 9]);
  expect(isGrey({ width: 2, height: 1, data })).toBe(true);
  expect(isGrey({ width: 2, height: 1, data: Uint8Array.from([7, 7, 7, 9, 9, 8]) })).toBe(false);
});
