import { describe, expect, test } from 'vitest';
import { Random } from '#engine/random.ts';
import { compareRows } from '#features/evaluation/comparison.ts';
import { leaveOneCategoryOut, leaveOneSourceOut } from '#features/evaluation/left-out.ts';
import type { JudgedRow } from '#features/evaluation/figures.ts';

const random = new Random(1);
const row = (changes: Partial<JudgedRow>): JudgedRow => ({
  ...{ path: '', simulated: false, category: null, group: '', source: 'a', tier: 'lossless' },
  ...{ score: 0, llr: null, verdict: 'inconclusive', map: null },
  ...changes,
});
/** `count` rows whose scores lie about `mean`. */
const rows = (name: string, count: number, mean: number, changes: Partial<JudgedRow>): JudgedRow[] =>
  Array.from({ length: count }, (_, i) =>
    row({ path: `${name}${i}`, group: `${name}${i}`, score: random.normal(mean, 1), ...changes }),
  );
const splices = { simulated: true, category: 'splice' };
const blurs = { simulated: true, category: 'blur' };

describe('a category left out', () => {
  test('is stated on by a calibration of the others, which misleads where it is not like them', () => {
    // Blurs score below real pictures: whoever calibrated with splices alone calls them real.
    const all = [...rows('r', 80, 0, {}), ...rows('s', 60, 4, splices), ...rows('b', 60, -3, blurs)];
    const [blur, splice] = leaveOneCategoryOut(all, new Random(0));
    expect(blur).toMatchObject({ left_out: 'blur', counts: { real: 80, simulated: 60 } });
    expect(blur!.figures.cllr.value).toBeGreaterThan(1);
    expect(blur!.figures.misleading.value).toBeGreaterThan(0.95);
    expect(blur!.figures.auc.value).toBeLessThan(0.1);
    // With splices out, scores fall with "simulated": nothing is said of anything.
    expect(splice!.figures.cllr.value).toBeCloseTo(1, 6);
    expect(splice!.figures.misleading.value).toBe(0);
  });

  test('does as well as the rest where it is like them', () => {
    const all = [
      ...rows('r', 150, 0, {}),
      ...rows('s', 80, 2, splices),
      ...rows('t', 80, 2, { simulated: true, category: 'other' }),
    ];
    for (const { figures } of leaveOneCategoryOut(all, new Random(0))) {
      // The least cost of eighty scores is itself too small by a few hundredths.
      expect(figures.cllr.value! - figures.cllr_min.value!).toBeLessThan(0.1);
      expect(figures.cllr.value!).toBeLessThan(0.7);
      expect(figures.cllr.interval![0]).toBeLessThan(figures.cllr.value!);
    }
  });

  test('needs another category', () => {
    expect(leaveOneCategoryOut([...rows('r', 9, 0, {}), ...rows('s', 9, 2, splices)], random)).toEqual([]);
  });
});

describe('a source left out', () => {
  test('is judged by the others, also where its scores are shifted as a whole', () => {
    const all = [
      ...rows('r', 80, 0, {}),
      ...rows('s', 80, 3, splices),
      ...rows('q', 60, 4, { source: 'b' }),
      ...rows('t', 60, 7, { ...splices, source: 'b' }),
    ];
    const found = leaveOneSourceOut(all, new Random(0)).find(({ left_out }) => left_out === 'b')!;
    expect(found.counts).toEqual({ real: 60, simulated: 60 });
    expect(found.figures.auc.value).toBeGreaterThan(0.95);
    expect(found.figures.cllr.value! - found.figures.cllr_min.value!).toBeGreaterThan(0.5);
    // All its real ones are called simulated.
    expect(found.figures.misleading.value).toBeGreaterThan(0.4);
  });

  test('of one label has the share that is misled, and says why it has no cost', () => {
    const all = [...rows('r', 40, 0, {}), ...rows('s', 40, 3, splices), ...rows('q', 40, 0, { source: 'b' })];
    const [a, b] = leaveOneSourceOut(all, new Random(0));
    expect(b!.figures.cllr).toEqual({
      value: null,
      interval: null,
      reason: 'It needs pictures of both labels.',
    });
    expect(b!.figures.misleading.value).toBeLessThan(0.3);
    expect(a!.figures.cllr.reason).toContain('too few pictures of both labels are left');
  });
});

test('two models are compared on the pictures that both judged, with every verdict that changes', () => {
  const before = [
    ...rows('r', 40, 0, { verdict: 'real' }),
    ...rows('s', 40, 1, { ...splices, verdict: 'real' }),
  ];
  const after = before.slice(1).map((one, i) => ({
    ...one,
    score: one.simulated ? one.score + 3 : one.score,
    verdict: i === 50 ? ('simulated' as const) : one.verdict,
  }));
  const found = compareRows(before, after.toReversed());
  expect(found.pictures).toBe(79);
  expect(found.changes).toEqual([{ path: 's11', simulated: true, from: 'real', to: 'simulated' }]);
  expect(found.auc!.difference).toBeGreaterThan(0.1);
  expect(found.auc!.p).toBeLessThan(0.01);
});
