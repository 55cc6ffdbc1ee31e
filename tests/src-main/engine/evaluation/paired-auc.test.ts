import { describe, expect, test } from 'vitest';
import { auc } from '#engine/evaluation/metrics.ts';
import { pairedAuc } from '#engine/evaluation/paired-auc.ts';
import { Random } from '#engine/random.ts';

const labels = [0, 0, 0, 1, 1, 1];
const own = labels.map((_, i) => i);

describe('two AUCs on the same pictures', () => {
  test('have the difference and standard error that follow by hand', () => {
    // First: all nine pairs right. Second: scores 1, 2, 5 against 3, 4, 6, seven of nine.
    // Differences of components, simulated: -1/3, -1/3, 0; real: 0, 0, -2/3. Mean -2/9 in both.
    const found = pairedAuc([1, 2, 3, 4, 5, 6], [1, 2, 5, 3, 4, 6], labels, own)!;
    expect(found.first).toBe(1);
    expect(found.second).toBeCloseTo(7 / 9, 12);
    const squares = (values: number[]): number => values.reduce((sum, v) => sum + (v + 2 / 9) ** 2, 0);
    const variance = squares([-1 / 3, -1 / 3, 0]) / 2 / 3 + squares([0, 0, -2 / 3]) / 2 / 3;
    expect(found.standardError).toBeCloseTo(Math.sqrt(variance), 12);
    // z = .2222 / .2485 = .894; the normal distribution leaves .371 beyond it on both sides.
    expect(found.p).toBeCloseTo(0.371, 3);
    expect(found.interval[1]).toBeCloseTo(-2 / 9 + 1.959964 * Math.sqrt(variance), 10);
  });

  test('agree with the AUC where scores tie', () => {
    const tied = [1, 1, 2, 1, 2, 2];
    expect(pairedAuc(tied, tied, labels, own)).toMatchObject({
      first: auc(tied, labels),
      difference: 0,
      p: 1,
    });
  });

  test('are not told apart any better by counting versions of a photograph one by one', () => {
    const random = new Random(1);
    const truth = Array.from({ length: 80 }, (_, i) => i % 2);
    const [a, b] = [2, 1].map((d) => truth.map((label) => random.normal(d * label, 1)));
    const index = Array.from({ length: 400 }, (_, i) => Math.floor(i / 5));
    const repeat = (values: number[]): number[] => index.map((i) => values[i]!);
    const once = pairedAuc(
      a!,
      b!,
      truth,
      truth.map((_, i) => i),
    )!;
    const grouped = pairedAuc(repeat(a!), repeat(b!), repeat(truth), index)!;
    const alone = pairedAuc(
      repeat(a!),
      repeat(b!),
      repeat(truth),
      index.map((_, i) => i),
    )!;
    expect(grouped.standardError).toBeCloseTo(once.standardError, 10);
    expect(once.standardError / alone.standardError).toBeGreaterThan(2);
  });

  test('a test of no difference rejects about one time in twenty', () => {
    const random = new Random(2);
    let rejected = 0;
    for (let trial = 0; trial < 400; trial++) {
      const truth = Array.from({ length: 60 }, (_, i) => i % 2);
      const [a, b] = [0, 1].map(() => truth.map((label) => random.normal(label, 1)));
      if (
        pairedAuc(
          a!,
          b!,
          truth,
          truth.map((_, i) => i),
        )!.p < 0.05
      )
        rejected++;
    }
    expect(rejected).toBeGreaterThan(6);
    expect(rejected).toBeLessThan(40);
  });

  test('need two groups of each class, and scores that are numbers', () => {
    expect(pairedAuc([1, 2], [1, 2], [0, 1], [0, 1])).toBeNull();
    expect(pairedAuc([1, 2, 3], [1, 2, 3], [1, 1, 1], [0, 1, 2])).toBeNull();
    expect(() => pairedAuc([NaN, 2], [1, 2], [0, 1], [0, 1])).toThrow(/score 0 is NaN/);
    expect(() => pairedAuc([1], [1, 2], [0, 1], [0, 1])).toThrow(/1 and 2 scores/);
  });
});
