import { expect, test } from 'vitest';
import { StitchedMap } from '#inference/stitched-map.ts';
import { overlappingGrid, tileGrid } from '#inference/tiling.ts';

/** Fills a map from tiles whose cells are `value(column, row)` of the whole picture's map, plus `bias` a tile. */
function fill(
  map: StitchedMap,
  grid: ReturnType<typeof tileGrid>,
  cell: number,
  value: (column: number, row: number) => number,
  bias: (x: number, y: number) => number = () => 0,
): void {
  const side = 64 / cell;
  for (const y of grid.ys)
    for (const x of grid.xs) {
      const values = Float32Array.from(
        { length: side * side },
        (_, i) => value(x / cell + (i % side), y / cell + Math.floor(i / side)) + bias(x, y),
      );
      map.add(x, y, values, 0);
    }
}

test('tiles are put where they belong, overlapping ones changing nothing where they agree', () => {
  const grid = tileGrid(150, 200, { tileSize: 64, alignment: 8 });
  const map = new StitchedMap(grid, { cell: 4, unit: false });
  const value = (column: number, row: number): number => column + 100 * row;
  fill(map, grid, 4, value);
  expect([map.width, map.height]).toEqual([36, 50]);
  map.data.forEach((v, i) => expect(v).toBeCloseTo(value(i % 36, Math.floor(i / 36)), 2));
});

test('where tiles disagree, the overlap holds their mean and the rest the value of the one tile', () => {
  const grid = tileGrid(96, 64, { tileSize: 64, alignment: 8 });
  const map = new StitchedMap(grid, { cell: 8, unit: false });
  fill(
    map,
    grid,
    8,
    () => 0,
    (x) => (x === 0 ? 2 : 6),
  );
  expect([...map.data.subarray(0, 12)]).toEqual([2, 2, 2, 2, 4, 4, 4, 4, 6, 6, 6, 6]);
});

test('a map in 16 bits keeps values of [0, 1] to a thirty-thousandth and does not wrap at the ends', () => {
  const grid = tileGrid(72, 72, { tileSize: 64, alignment: 8 });
  const map = new StitchedMap(grid, { cell: 4, unit: true });
  const value = (column: number, row: number): number =>
    column === 3 ? 1 : column === 4 ? 0 : (column * 18 + row) / 400;
  fill(map, grid, 4, value);
  map.data.forEach((v, i) =>
    expect(Math.abs(v / 65535 - value(i % 18, Math.floor(i / 18)))).toBeLessThan(1 / 30000),
  );
});

test('a map longer than the limit holds the means of its boxes, also of the last, narrower ones', () => {
  const grid = tileGrid(208, 64, { tileSize: 64, alignment: 8 });
  const map = new StitchedMap(grid, { cell: 4, unit: false, maximumSide: 20 });
  fill(map, grid, 4, (column, row) => column + 1000 * row);
  expect([map.reduction, map.width, map.height]).toEqual([3, 18, 6]);
  expect(map.data[0]).toBeCloseTo(1 + 1000, 2);
  expect(map.data[17]).toBeCloseTo(51 + 1000, 2);
  expect(map.data[5 * 18]).toBeCloseTo(1 + 15000, 2);
});

test('under a Hann window tiles that agree give their common value, and the borders of those that do not count little', () => {
  const grid = overlappingGrid(tileGrid(192, 64, { tileSize: 64, alignment: 8 }), 8);
  const agreed = new StitchedMap(grid, { cell: 4, unit: false, window: 'hann' });
  fill(agreed, grid, 4, (column, row) => column + 100 * row);
  agreed.data.forEach((v, i) => expect(v).toBeCloseTo((i % 48) + 100 * Math.floor(i / 48), 2));
  // The tile at 64 says 1, all others 0: at its own border cell it hardly counts, in its middle it decides.
  const one = new StitchedMap(grid, { cell: 4, unit: false, window: 'hann' });
  const bias = (x: number): number => (x === 64 ? 1 : 0);
  fill(one, grid, 4, () => 0, bias);
  expect(one.data[16]).toBeLessThan(0.01);
  expect(one.data[16]).toBeGreaterThan(0);
  expect(one.data[23]).toBeGreaterThan(0.99);
  expect(one.data[15]).toBe(0);
});
