import { expect, test } from 'vitest';
import { AppError } from '#contract/errors.ts';
import {
  copyTile,
  overlappingGrid,
  placesBetween,
  placesOf,
  tileGrid,
  unseenNote,
} from '#inference/tiling.ts';

const model = { tileSize: 64, alignment: 8 };

test('tiles start at multiples of eight, cover every aligned pixel and never leave the picture', () => {
  for (let width = 64; width <= 330; width++) {
    const { xs, seen } = tileGrid(width, 64, model);
    const covered = new Uint8Array(width);
    for (const x of xs) {
      expect(x % 8).toBe(0);
      expect(x + 64).toBeLessThanOrEqual(width);
      covered.fill(1, x, x + 64);
    }
    expect(new Set(xs).size).toBe(xs.length);
    expect(seen.width).toBe(Math.floor(width / 8) * 8);
    expect(covered.indexOf(0)).toBe(seen.width === width ? -1 : seen.width);
  }
});

test('the last row and column are shifted back to the last aligned position', () => {
  expect(tileGrid(133, 64, model).xs).toEqual([0, 64]);
  expect(tileGrid(136, 150, model).xs).toEqual([0, 64, 72]);
  expect(tileGrid(136, 150, model).ys).toEqual([0, 64, 80]);
  expect(tileGrid(64, 64, model)).toMatchObject({ xs: [0], ys: [0], seen: { width: 64, height: 64 } });
});

test('a picture smaller than a tile is refused with its size', () => {
  for (const [width, height] of [
    [63, 64],
    [64, 63],
    [1, 1],
  ] as const) {
    const attempt = (): unknown => tileGrid(width, height, model);
    expect(attempt).toThrow(AppError);
    expect(attempt).toThrow(`${width} x ${height}`);
    expect(attempt).toThrow(expect.objectContaining({ code: 'image_too_small' }));
  }
});

test('pixels beyond the last whole block are stated as unseen', () => {
  const note = (width: number, height: number): string | null =>
    unseenNote(tileGrid(width, height, model), width, height);
  expect(note(128, 72)).toBeNull();
  expect(note(131, 72)).toContain('the last 3 columns of pixels');
  expect(note(129, 79)).toContain('the last column and the last 7 rows of pixels');
});

test('a tile is cut from the place asked for', () => {
  const image = { width: 100, height: 80, data: new Uint8Array(100 * 80 * 3) };
  for (let y = 0; y < 80; y++) for (let x = 0; x < 100; x++) image.data.set([x, y, 7], (y * 100 + x) * 3);
  const target = new Uint8Array(2 * 64 * 64 * 3);
  copyTile(image, { x: 32, y: 16, tileSize: 64 }, target, 64 * 64 * 3);
  const at = (x: number, y: number): number[] => [
    ...target.subarray((64 * 64 + y * 64 + x) * 3).subarray(0, 3),
  ];
  expect(at(0, 0)).toEqual([32, 16, 7]);
  expect(at(63, 63)).toEqual([95, 79, 7]);
  expect(target.subarray(0, 64 * 64 * 3).every((v) => v === 0)).toBe(true);
});

test('the overlapping grid has a tile every half tile and every tile of the plain one', () => {
  const grid = tileGrid(203, 130, model);
  const fine = overlappingGrid(grid, 8);
  expect(fine).toMatchObject({ xs: [0, 32, 64, 96, 128, 136], ys: [0, 32, 64], seen: grid.seen });
  const between = placesBetween(grid, fine);
  const name = ({ x, y }: { x: number; y: number }): string => `${x},${y}`;
  expect(new Set([...placesOf(grid), ...between].map(name))).toEqual(new Set(placesOf(fine).map(name)));
  expect(between).toHaveLength(6 * 3 - 4 * 2);
});

test('where half a tile is off the alignment, overlapping tiles stay on it', () => {
  const grid = tileGrid(200, 72, { tileSize: 72, alignment: 8 });
  expect(overlappingGrid(grid, 8).xs).toEqual([0, 40, 80, 120, 128]);
});
