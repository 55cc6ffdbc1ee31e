import { describe, expect, test } from 'vitest';
import { featureDistance, fitDensity } from '#engine/evaluation/feature-density.ts';
import { reliability } from '#engine/evaluation/reliability.ts';
import { Random } from '#engine/random.ts';

describe('the density of features', () => {
  const random = new Random(1);
  /** The second number follows the first closely; the third never changes. */
  const rows = Array.from({ length: 400 }, () => {
    const x = random.normal();
    return [x, 10 * x + random.normal(), 7];
  });
  const groups = rows.map((_, i) => Math.floor(i / 2));
  const density = fitDensity(rows, groups, new Random(2))!;

  test('takes all but about one in a hundred of its own kind as like', () => {
    const other = Array.from({ length: 2000 }, () => {
      const x = random.normal();
      return [x, 10 * x + random.normal(), 7];
    });
    const unlike = other.filter((row) => featureDistance(density, row) > density.limit).length;
    expect(unlike).toBeGreaterThan(2);
    expect(unlike).toBeLessThan(80);
  });

  test('finds what lies far off, against the correlation, or moves where nothing ever moved', () => {
    expect(featureDistance(density, [0, 0, 7])).toBeLessThan(1);
    expect(featureDistance(density, [6, 60, 7])).toBeGreaterThan(density.limit);
    // Each number by itself is ordinary.
    expect(featureDistance(density, [1.5, -15, 7])).toBeGreaterThan(density.limit);
    expect(featureDistance(density, [1.5, 15, 7])).toBeLessThan(density.limit);
    expect(featureDistance(density, [0, 0, 7.1])).toBeGreaterThan(density.limit);
  });

  test('is none of fewer groups than folds, and refuses other numbers of features', () => {
    expect(fitDensity(rows.slice(0, 8), groups.slice(0, 8), random)).toBeNull();
    expect(() => featureDistance(density, [1])).toThrow(/1 features/);
  });
});

describe('reliability', () => {
  test('puts what ratios claim beside what came true, at even prior odds', () => {
    // Claims of 3/4: three of four simulated have it, and one of two real.
    const llr = Math.log(3);
    const bins = reliability([llr, llr, llr, -llr, llr, -llr], [1, 1, 1, 1, 0, 0]);
    expect(bins).toEqual([
      { claimed: expect.closeTo(0.25, 10), observed: expect.closeTo(1 / 3, 10), real: 1, simulated: 1 },
      { claimed: expect.closeTo(0.75, 10), observed: expect.closeTo(0.6, 10), real: 1, simulated: 3 },
    ]);
    expect(reliability([0, 0], [1, 1])).toEqual([]);
  });
});
