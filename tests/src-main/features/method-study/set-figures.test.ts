import { expect, test } from 'vitest';
import { countMap, newMapCounts } from '#engine/evaluation/map-agreement.ts';
import { Random } from '#engine/random.ts';
import { imageScoreNames, type ImageScoreName } from '#features/method-study/image-scores.ts';
import { scoreFigures, setFigures, type JudgedStudyPicture } from '#features/method-study/set-figures.ts';

/** A map of four cells, two of them inside the mask. */
function mapOf(inside: number, outside: number): ReturnType<typeof newMapCounts> {
  const counts = newMapCounts();
  countMap(counts, Uint8Array.of(1, 1, 0, 0), (cell) => (cell < 2 ? inside : outside));
  return counts;
}
function judged(
  source: string,
  own: { native: number; q90: number; mean?: number; map?: [number, number] },
): JudgedStudyPicture {
  const reading = (score: number) => ({
    scores: Object.fromEntries(
      imageScoreNames.map((name) => [name, name === 'mean' ? (own.mean ?? 0) : score]),
    ) as Record<ImageScoreName, number>,
    map: own.map ? mapOf(...own.map) : null,
  });
  const picture = { path: '', name: '', sha256: '', mask: null, group: String(Math.random()) };
  return {
    picture: { ...picture, source, simulated: !source.startsWith('real') },
    readings: { native: reading(own.native), q90: reading(own.q90) },
  };
}
const set = { name: 'set', simulated: ['manipulated/a', 'manipulated/b'], real: ['real/c'] };
const pictures = [
  judged('manipulated/a', { native: 5, q90: 1, mean: 3, map: [0.9, 0.8] }),
  judged('manipulated/a', { native: 6, q90: 2, mean: 3, map: [0.3, 0.2] }),
  judged('manipulated/b', { native: 0, q90: 0, mean: 3 }),
  judged('real/c', { native: 1, q90: 2, mean: 1 }),
  judged('real/c', { native: 2, q90: 1, mean: 1 }),
  judged('real/other', { native: 100, q90: 100, mean: 100 }),
];

test('a set has its AUCs as files are and saved again, and each source against all its real pictures', () => {
  const figures = setFigures(set, pictures, new Random(0));
  expect(figures.native).toBeCloseTo(4 / 6, 10);
  expect(figures.q90).toBeCloseTo(2 / 6, 10);
  expect(figures.counts).toEqual({ real: 2, simulated: 3, masks: 2 });
  expect(figures.categories['a']).toMatchObject({ native: 1, q90: 0.5 });
  expect(figures.categories['b']).toMatchObject({
    native: 0,
    pixel: null,
    counts: { real: 2, simulated: 1 },
  });
  expect(figures.intervals['native']).toEqual([expect.any(Number), 1]);
});

test('pixels are compared over all pictures, and within each', () => {
  const { pixel, pixel_within, categories } = setFigures(set, pictures, new Random(0));
  expect(pixel_within).toBe(1);
  expect(pixel).toBe(0.75);
  expect(categories['a']!.pixel).toBe(0.75);
});

test('every score of a picture has its AUC on the set', () => {
  const scores = scoreFigures(set, pictures);
  expect(Object.keys(scores)).toEqual([...imageScoreNames]);
  expect(scores['mean']).toEqual({ native: 1, q90: 1 });
  expect(scores['top-tenth']!.native).toBeCloseTo(4 / 6, 10);
});
