/** Painting a mask: strokes by pointer and by keys, what is kept of them, and what is taken back. */
import { expect, test } from 'vitest';
import { maskStroke } from '#contract/dataset.ts';
import { MaskPainting } from '#renderer/controllers/mask-painting.svelte.ts';

const painting = () => new MaskPainting({ width: 240, height: 120 });

test('a line of the brush is one stroke that the contract accepts, and single keys draw one too', () => {
  const mask = painting();
  mask.begin({ x: 10, y: 10 });
  mask.move({ x: 10.2, y: 10 });
  mask.move({ x: 30, y: 10 });
  mask.end();
  expect(mask.strokes.map(({ points }) => points)).toEqual([
    [
      [10, 10],
      [30, 10],
    ],
  ]);
  mask.press();
  mask.step(5, 0);
  mask.step(0, 5);
  mask.press();
  expect(mask.strokes[1]?.points).toEqual([
    [120, 60],
    [125, 60],
    [125, 65],
  ]);
  for (const stroke of mask.strokes) expect(maskStroke.safeParse(stroke).success).toBe(true);
});

test('a polygon is kept once it has three corners, and its corners are taken back one by one', () => {
  const mask = painting();
  mask.choose('polygon', false);
  for (const [x, y] of [
    [0, 0],
    [50, 0],
    [50, 50],
  ] as const)
    mask.begin({ x, y });
  mask.undo();
  mask.end();
  expect(mask.strokes).toEqual([]);
  for (const [x, y] of [
    [0, 0],
    [50, 0],
    [50, 50],
  ] as const)
    mask.begin({ x, y });
  mask.end();
  expect(mask.strokes).toMatchObject([{ tool: 'polygon', erase: false }]);
});

test('strokes are taken back and made again in order, and a new one forgets those that were taken back', () => {
  const mask = painting();
  for (const x of [10, 20]) {
    mask.begin({ x, y: 5 });
    mask.end();
  }
  mask.undo();
  expect([mask.strokes.length, mask.canRedo]).toEqual([1, true]);
  mask.redo();
  expect(mask.strokes.map(({ points }) => points[0]?.[0])).toEqual([10, 20]);
  mask.undo();
  mask.choose('brush', true);
  mask.begin({ x: 40, y: 5 });
  mask.end();
  expect([mask.strokes.at(-1)?.erase, mask.canRedo]).toEqual([true, false]);
});
