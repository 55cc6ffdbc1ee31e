import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { bootstrapInterval, take } from '#engine/evaluation/bootstrap.ts';
import { ap, auc, cllr, cllrMin, eer, rates } from '#engine/evaluation/metrics.ts';
import { Random } from '#engine/random.ts';

interface Golden {
  tolerance: number;
  inputs: Record<'scores' | 'labels', { data: number[] }>;
  outputs: Record<'auc' | 'ap' | 'eer' | 'cllr' | 'cllr_min', { data: [number] }>;
}
const golden = JSON.parse(
  readFileSync(new URL('../../../golden/metrics.json', import.meta.url), 'utf8'),
) as Golden;
const scores = golden.inputs.scores.data;
const labels = golden.inputs.labels.data;
const measures = { auc, ap, eer, cllr, cllr_min: cllrMin };

describe('metrics', () => {
  test.each(Object.entries(measures))('%s agrees with the golden value', (name, measure) => {
    const expected = golden.outputs[name as keyof typeof measures].data[0];
    expect(Math.abs(measure(scores, labels)! - expected)).toBeLessThan(golden.tolerance);
  });

  test('the order of the items does not matter, though many scores are equal', () => {
    const order = new Random(2).shuffle(scores.map((_, i) => i));
    for (const measure of Object.values(measures))
      expect(
        measure(
          order.map((i) => scores[i]!),
          order.map((i) => labels[i]!),
        ),
      ).toBeCloseTo(measure(scores, labels)!, 10);
  });

  test('perfect, useless and inverted scores have the values that follow from the definitions', () => {
    const two = [0, 0, 1, 1];
    expect([auc, ap, eer].map((m) => m([-2, -1, 1, 2], two))).toEqual([1, 1, 0]);
    expect([auc, ap, eer, cllr, cllrMin].map((m) => m([0, 0, 0, 0], two))).toEqual([0.5, 0.5, 0.5, 1, 1]);
    expect([auc, eer, cllrMin].map((m) => m([2, 1, -1, -2], two))).toEqual([0, 1, 1]);
    expect(cllrMin([-2, -1, 1, 2], two)).toBe(0);
    expect(cllr([-800, 800], [1, 0])).toBeCloseTo(800 / Math.LN2, 6);
    expect(cllr([Infinity, -Infinity], [1, 0])).toBe(0);
  });

  test('with one class only, or nothing, every measure is null', () => {
    for (const measure of Object.values(measures)) {
      expect(measure([1, 2], [1, 1])).toBeNull();
      expect(measure([1, 2], [0, 0])).toBeNull();
      expect(measure([], [])).toBeNull();
    }
    expect(rates([1, 0], [0, 0])).toEqual({ accuracy: 0.5, fpr: 0.5, fnr: null, inconclusive: 0 });
  });

  test('a picture without a verdict is neither right nor a false alarm nor a miss', () => {
    const verdicts = [1, 1, 0, null, 0, null, 0, 0] as const;
    const truth = [1, 1, 1, 1, 0, 0, 0, 0];
    expect(rates(verdicts, truth)).toEqual({ accuracy: 5 / 8, fpr: 0, fnr: 1 / 4, inconclusive: 1 / 4 });
  });

  test('NaN scores, foreign labels and unequal lengths are errors', () => {
    for (const measure of Object.values(measures)) {
      expect(() => measure([NaN, 1], [0, 1])).toThrow(/score 0 is NaN/);
      expect(() => measure([0, 1], [0, 2])).toThrow(/label 1 is 2/);
      expect(() => measure([0, 1], [0])).toThrow(/2 scores but 1 labels/);
    }
  });
});

describe('bootstrapInterval', () => {
  const measure = (indices: Int32Array): number | null => auc(take(scores, indices), take(labels, indices));

  test('encloses the estimate, and the same seed gives the same interval', () => {
    const interval = bootstrapInterval(labels, measure, { random: new Random(0), draws: 400 })!;
    expect(interval[0]).toBeLessThan(0.848);
    expect(interval[1]).toBeGreaterThan(0.848);
    // Hanley and McNeil's standard error of this AUC with 60 + 60 items is .036.
    expect(interval[1] - interval[0]).toBeGreaterThan(0.09);
    expect(interval[1] - interval[0]).toBeLessThan(0.2);
    expect(bootstrapInterval(labels, measure, { random: new Random(0), draws: 400 })).toEqual(interval);
  });

  test('groups are drawn whole, so repeating each item five times does not narrow the interval', () => {
    const index = Array.from({ length: 5 * scores.length }, (_, i) => Math.floor(i / 5));
    const many = index.map((i) => labels[i]!);
    const repeated = (indices: Int32Array): number | null => measure(indices.map((i) => index[i]!));
    const width = (groups?: number[]): number => {
      const options = { random: new Random(1), draws: 300, ...(groups ? { groups } : {}) };
      const [low, high] = bootstrapInterval(many, repeated, options)!;
      return high - low;
    };
    expect(width(index)).toBeGreaterThan(1.7 * width());
  });

  test('a group of which one class only was measured does not take the interval away', () => {
    const groups = scores.map((_, i) => i % 60);
    const without = scores.map((_, i) => i).filter((i) => i !== labels.indexOf(0));
    const measured = (indices: Int32Array): number | null => measure(indices.map((i) => without[i]!));
    const some = without.map((i) => labels[i]!);
    const options = { random: new Random(0), draws: 200, groups: without.map((i) => groups[i]!) };
    const interval = bootstrapInterval(some, measured, options)!;
    expect(interval[0]).toBeLessThan(0.848);
    expect(interval[1]).toBeGreaterThan(0.848);
  });

  test('there is no interval of one item a class', () => {
    expect(bootstrapInterval([0, 1], () => 1, { random: new Random(0) })).toBeNull();
  });
});
