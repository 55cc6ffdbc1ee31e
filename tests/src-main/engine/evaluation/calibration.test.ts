import { describe, expect, test } from 'vitest';
import {
  applyCalibration,
  dealFolds,
  fitIsotonic,
  fitLogistic,
  heldOutLlrs,
  type CalibrationData,
} from '#engine/evaluation/calibration.ts';
import { cllr, cllrMin } from '#engine/evaluation/metrics.ts';
import { Random } from '#engine/random.ts';

const data = (real: number[], simulated: number[]): CalibrationData => {
  const scores = [...real, ...simulated];
  return {
    scores,
    labels: scores.map((_, i) => Number(i >= real.length)),
    groups: scores.map((_, i) => i),
  };
};
/** Two normal classes of deviation 1 whose means lie `d` apart about `middle`: the true ratio is d (score - middle). */
function normals(seed: number, count: number, d: number, middle: number): CalibrationData {
  const random = new Random(seed);
  const draw = (mean: number): number[] => Array.from({ length: count }, () => random.normal(mean, 1));
  return data(draw(middle - d / 2), draw(middle + d / 2));
}

describe('logistic calibration', () => {
  test("gives two separated scores the odds of Platt's targets, worked out by hand", () => {
    // Two real at -1: target 1/4; three simulated at 1: target 4/5.
    const { slope, offset } = fitLogistic(data([-1, -1], [1, 1, 1]));
    expect(slope + offset).toBeCloseTo(Math.log(4), 8);
    expect(offset - slope).toBeCloseTo(-Math.log(3), 8);
  });

  test('finds the ratio of two normal classes, whatever the share of either in the data', () => {
    const { slope, offset } = fitLogistic(normals(1, 4000, 2, 5));
    expect(slope).toBeCloseTo(2, 0);
    expect(offset / slope).toBeCloseTo(-5, 1);
    const uneven = normals(2, 4000, 2, 5);
    const few = Array.from(uneven.scores).slice(4000, 4400);
    const again = fitLogistic(data(Array.from(uneven.scores).slice(0, 4000), few));
    expect(again.offset / again.slope).toBeCloseTo(-5, 0);
    expect(Math.abs(again.slope * 5 + again.offset)).toBeLessThan(0.2);
  });

  test('does not change when every picture stands there five times as versions of one group', () => {
    const once = normals(3, 30, 1, 0);
    const index = Array.from({ length: 300 }, (_, i) => Math.floor(i / 5));
    const repeated = {
      scores: index.map((i) => once.scores[i]!),
      labels: index.map((i) => once.labels[i]!),
      groups: index,
    };
    const [a, b] = [fitLogistic(once), fitLogistic(repeated)];
    expect(b.slope).toBeCloseTo(a.slope, 8);
    expect(b.offset).toBeCloseTo(a.offset, 8);
  });

  test('says nothing where scores do not differ, or rise with real', () => {
    const none = { kind: 'logistic', slope: 0, offset: 0 };
    expect(fitLogistic(data([4, 4, 4], [4, 4]))).toEqual(none);
    expect(fitLogistic(data([1, 2, 3], [-1, -2, -3]))).toEqual(none);
  });

  test('does not depend on the scale of the scores, nor break where they are huge', () => {
    const plain = normals(4, 50, 2, 0);
    const huge = { ...plain, scores: Array.from(plain.scores, (s) => 1e9 * s + 1e12) };
    const [a, b] = [fitLogistic(plain), fitLogistic(huge)];
    for (let i = 0; i < 100; i++)
      expect(applyCalibration(b, huge.scores[i]!)).toBeCloseTo(applyCalibration(a, plain.scores[i]!), 3);
  });
});

describe('isotonic calibration', () => {
  test('pools by hand: separated classes of three get ratios of one third and three', () => {
    const map = fitIsotonic(data([0, 0, 0], [1, 1, 1]));
    expect(map.from).toEqual([0.5]);
    expect(map.llrs).toEqual([expect.closeTo(-Math.log(3), 10), expect.closeTo(Math.log(3), 10)]);
    expect(applyCalibration(map, 0.49)).toBeCloseTo(-Math.log(3), 10);
    expect(applyCalibration(map, 0.5)).toBeCloseTo(Math.log(3), 10);
  });

  test('never falls, is finite, and says nothing where the scores do', () => {
    const map = fitIsotonic(normals(5, 200, 1, 0));
    expect(map.llrs.length).toBe(map.from.length + 1);
    for (let i = 1; i < map.llrs.length; i++) expect(map.llrs[i]!).toBeGreaterThan(map.llrs[i - 1]!);
    for (const llr of map.llrs) expect(Number.isFinite(llr)).toBe(true);
    expect(fitIsotonic(data([2, 2], [2, 2]))).toEqual({ kind: 'isotonic', from: [], llrs: [0] });
  });
});

describe.each([
  ['logistic', fitLogistic],
  ['isotonic', fitIsotonic],
] as const)('%s calibration', (_, fit) => {
  test('keeps C_llr within .05 of its minimum on groups that it was not fitted to', () => {
    // Distorted scores: their own C_llr is far off, what they can tell is not.
    const learn = normals(6, 150, 1.5, 0);
    const held = normals(7, 1500, 1.5, 0);
    const distort = (s: number): number => 7 * s + 3;
    const map = fit({ ...learn, scores: Array.from(learn.scores, distort) });
    const scores = Array.from(held.scores, distort);
    expect(cllr(scores, held.labels)! - cllrMin(scores, held.labels)!).toBeGreaterThan(1);
    const llrs = scores.map((score) => applyCalibration(map, score));
    expect(cllr(llrs, held.labels)! - cllrMin(scores, held.labels)!).toBeLessThan(0.05);
  });

  test('refuses one class, NaN, infinite scores and unequal lengths', () => {
    expect(() => fit(data([1, 2], []))).toThrow(/a class is missing/);
    expect(() => fit(data([NaN], [1]))).toThrow(/score 0 is NaN/);
    expect(() => fit(data([0], [Infinity]))).toThrow(/not a finite number/);
    expect(() => fit({ scores: [1], labels: [0, 1], groups: [0, 1] })).toThrow(/1 scores but 2 labels/);
    expect(() => fit({ scores: [1], labels: [2], groups: [0] })).toThrow(/neither 0 nor 1/);
  });

  test('takes three pictures', () => {
    const map = fit(data([0], [1, 2]));
    expect(applyCalibration(map, 2)).toBeGreaterThan(applyCalibration(map, 0));
  });
});

describe('held-out ratios', () => {
  test('come from a calibration that never saw the group: one odd group cannot calibrate itself', () => {
    // Group 0 alone has scores near 100; whoever learned from it would call them simulated with certainty.
    const scores = [100, 100, 1, 2, 3, 4, 5, 6, 1.5, 2.5, 3.5, 4.5, 5.5, 6.5];
    const labels = [1, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1];
    const groups = [0, 0, 1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 5, 6];
    const seen: number[][] = [];
    const llrs = heldOutLlrs(
      { scores, labels, groups },
      (rest) => {
        seen.push(Array.from(rest.groups as number[]));
        return { kind: 'logistic', slope: 1, offset: Math.max(...Array.from(rest.scores)) };
      },
      { folds: 7, random: new Random(0) },
    )!;
    expect(seen).toHaveLength(7);
    for (const rest of seen) expect(new Set(rest).size).toBe(6);
    expect(llrs[0]).toBe(100 + 6.5);
    expect(llrs[2]).toBe(1 + 100);
  });

  test('are none where a class stands in one group', () => {
    const few = { scores: [1, 2, 3], labels: [1, 0, 0], groups: ['a', 'b', 'c'] };
    expect(heldOutLlrs(few, fitLogistic, { folds: 3, random: new Random(0) })).toBeNull();
  });

  test('folds hold whole groups, and of each kind of group as many', () => {
    const labels = Array.from({ length: 60 }, (_, i) => Number(i % 3 === 0));
    const groups = labels.map((_, i) => Math.floor(i / 2));
    const foldOf = dealFolds({ labels, groups }, 5, new Random(1));
    for (let i = 0; i < 60; i += 2) expect(foldOf[i]).toBe(foldOf[i + 1]);
    for (let fold = 0; fold < 5; fold++) expect(foldOf.filter((f) => f === fold).length).toBe(12);
  });
});
