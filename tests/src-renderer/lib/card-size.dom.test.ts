import { expect, test } from 'vitest';
import { cardSize } from '#renderer/lib/card-size.ts';

test('cards fill a narrow list in several columns, never in none, and are larger in a wide one', () => {
  expect(cardSize(0).columns).toBe(1);
  expect(cardSize(800)).toEqual({ columns: 4, height: 192, thumb: 132 });
  const wide = cardSize(1920);
  expect(wide.thumb).toBeGreaterThan(132);
  expect(wide.columns).toBe(7);
  expect(cardSize(800, 3).height - cardSize(800, 2).height).toBe(16);
});
