import { expect, test } from 'vitest';
import { bestValidation, comparedFields } from '#renderer/lib/run-comparison.ts';
import { alignedColumns } from '#renderer/lib/series.ts';
import { metricExample, runExample } from '../examples.ts';

const judged = (step: number, auc: number) => ({
  ...metricExample(step),
  validation: { step, loss: 1, auc },
});

test('curves of two runs share one axis of steps; where one has no point, there is none', () => {
  const runs = [
    [metricExample(10), metricExample(30)],
    [metricExample(20), metricExample(30)],
  ];
  expect(alignedColumns(runs, (metric) => metric.step)).toEqual([
    [10, 20, 30],
    [10, null, 30],
    [null, 20, 30],
  ]);
});

test('the best validation of a run is its highest, and said to be absent where it was never evaluated', () => {
  expect(bestValidation([judged(100, 0.71), judged(200, 0.843), judged(300, 0.8)])).toBe('0.843');
  expect(bestValidation([metricExample(10)])).toBe('not evaluated');
});

test('what differs between runs is told apart from what is the same, field by field', () => {
  const runs = [
    runExample({ config: { crop: 64, kernels: 4 } }),
    runExample({ id: 'r2', config: { crop: 128, kernels: 4, late: true }, step: 9 }),
  ];
  const { results, configuration } = comparedFields(runs, [[], []]);
  const differing = [...results, ...configuration].filter(({ differs }) => differs).map(({ name }) => name);
  expect(differing).toEqual(['Step', 'crop', 'late']);
  expect(configuration.find(({ name }) => name === 'late')?.values).toEqual(['–', 'true']);
});
