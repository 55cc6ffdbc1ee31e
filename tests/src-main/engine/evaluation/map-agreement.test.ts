import { expect, test } from 'vitest';
import { addCounts, countMap, mapAuc, maskToCells, newMapCounts } from '#engine/evaluation/map-agreement.ts';
import { auc } from '#engine/evaluation/metrics.ts';
import { Random } from '#engine/random.ts';

test('a cell is forged where at least half of its pixels are, also where it reaches past the picture', () => {
  // 6 x 4 pixels in cells of 4: the second column of cells holds two columns of pixels.
  const mask = Uint8Array.from([
    ...[1, 1, 0, 0, 0, 1],
    ...[1, 1, 0, 0, 0, 1],
    ...[1, 1, 0, 0, 0, 0],
    ...[1, 1, 0, 0, 0, 0],
  ]);
  expect([...maskToCells(mask, 6, { cell: 4, columns: 2, rows: 1 })]).toEqual([1, 0]);
  expect([...maskToCells(mask, 6, { cell: 2, columns: 3, rows: 2 })]).toEqual([1, 0, 1, 1, 0, 0]);
});

test('the AUC of counted map values is that of the values themselves, over several pictures', () => {
  const random = new Random(1);
  const pictures = Array.from({ length: 3 }, () => {
    const cells = Uint8Array.from({ length: 500 }, () => (random.uniform() < 0.2 ? 1 : 0));
    return { cells, values: Array.from(cells, (cell) => random.uniform(0, 0.8) + 0.2 * cell) };
  });
  const counts = pictures.map(({ cells, values }) => {
    const own = newMapCounts();
    countMap(own, cells, (i) => values[i]!);
    return own;
  });
  const exact = auc(
    pictures.flatMap(({ values }) => values),
    pictures.flatMap(({ cells }) => [...cells]),
  )!;
  expect(exact).toBeGreaterThan(0.6);
  expect(Math.abs(mapAuc(addCounts(counts))! - exact)).toBeLessThan(1e-3);
});

test('without forged cells there is no AUC', () => {
  const counts = newMapCounts();
  countMap(counts, new Uint8Array(4), () => 0.5);
  expect(mapAuc(counts)).toBeNull();
});
