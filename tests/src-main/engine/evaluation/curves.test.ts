import { expect, test } from 'vitest';
import {
  detCurve,
  histograms,
  precisionRecallCurve,
  probit,
  rocCurve,
  thin,
  tippettCurves,
} from '#engine/evaluation/curves.ts';
import { auc } from '#engine/evaluation/metrics.ts';
import { Random } from '#engine/random.ts';

// Ranked: 1 1 0 (1 and 0 tie) 0
const scores = [5, 4, 3, 2, 2, 1];
const labels = [1, 1, 0, 1, 0, 0];

test('the ROC passes every distinct threshold once, and the area under it is the AUC', () => {
  expect(rocCurve(scores, labels)).toEqual({
    x: [0, 0, 0, 1 / 3, 2 / 3, 1],
    y: [0, 1 / 3, 2 / 3, 2 / 3, 1, 1],
  });
  const random = new Random(1);
  const truth = Array.from({ length: 300 }, (_, i) => i % 2);
  const drawn = truth.map((label) => Math.round(2 * random.normal(label, 1)));
  const { x, y } = rocCurve(drawn, truth);
  let area = 0;
  for (let i = 1; i < x.length; i++) area += (x[i]! - x[i - 1]!) * ((y[i]! + y[i - 1]!) / 2);
  expect(area).toBeCloseTo(auc(drawn, truth)!, 10);
});

test('precision and recall are those at every threshold', () => {
  expect(precisionRecallCurve(scores, labels)).toEqual({
    x: [1 / 3, 2 / 3, 2 / 3, 1, 1],
    y: [1, 1, 2 / 3, 3 / 5, 1 / 2],
  });
});

test('normal deviates are those of the tables', () => {
  for (const [p, z] of [
    [0.5, 0],
    [0.975, 1.959963985],
    [0.025, -1.959963985],
    [0.001, -3.090232306],
    [0.8, 0.841621234],
  ] as const)
    expect(probit(p)).toBeCloseTo(z, 7);
  const { x, y } = detCurve(scores, labels);
  expect(x).toEqual([probit(1 / 3)]);
  expect(y[0]).toBeCloseTo(probit(1 / 3), 10);
});

test('Tippett curves fall from one, and say what share of either class has at least a ratio', () => {
  expect(tippettCurves([-1, 0, 2, 2], [0, 0, 1, 0])).toEqual({
    x: [-1, 0, 2],
    real: [1, 2 / 3, 1 / 3],
    simulated: [1, 1, 1],
  });
});

test('histograms count every value once, the highest in the last bin', () => {
  const { x, counts } = histograms({ a: [0, 0.4, 4], b: [2] }, 4);
  expect(x).toEqual([0.5, 1.5, 2.5, 3.5]);
  expect(counts).toEqual({ a: [2, 0, 0, 1], b: [0, 0, 1, 0] });
  expect(histograms({ a: [7, 7] }, 2).counts.a).toEqual([2, 0]);
});

test('without both classes, or anything, there is no curve', () => {
  for (const curve of [rocCurve, precisionRecallCurve, detCurve]) {
    expect(curve([1, 2], [1, 1])).toEqual({ x: [], y: [] });
    expect(curve([], [])).toEqual({ x: [], y: [] });
  }
  expect(tippettCurves([1], [1]).x).toEqual([]);
  expect(histograms({ a: [] })).toEqual({ x: [], counts: { a: [] } });
});

test('a long curve is thinned to its ends and evenly between', () => {
  const long = { x: Array.from({ length: 1000 }, (_, i) => i), y: Array.from({ length: 1000 }, (_, i) => i) };
  const { x } = thin(long, 10);
  expect(x).toHaveLength(10);
  expect([x[0], x.at(-1)]).toEqual([0, 999]);
});
