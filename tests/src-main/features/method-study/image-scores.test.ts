import { expect, test } from 'vitest';
import { imageScores } from '#features/method-study/image-scores.ts';

const judgement = (logits: number[], map: { width: number; height: number; data: Uint16Array }) => ({
  score: 7,
  tileLogits: Float32Array.from(logits),
  maps: { simulation: map },
});
const flat = (width: number, height: number, value: number) => ({
  width,
  height,
  data: new Uint16Array(width * height).fill(value),
});

test('scores of the tiles are their mean, their highest, their spread, and their highest against the median', () => {
  const scores = imageScores(judgement([1, 2, 3, 10, 4], flat(8, 8, 0)));
  expect(scores).toMatchObject({ 'top-tenth': 7, mean: 4, maximum: 10, 'maximum-median': 7 });
  expect(scores['top-tenth-median']).toBe(7);
  expect(scores.deviation).toBeCloseTo(Math.sqrt(10), 10);
});

test('contrasts do not change where everything of a picture is lifted alike', () => {
  const [low, high] = [0, 5].map((lift) =>
    imageScores(judgement([1 + lift, 2 + lift, 9 + lift], flat(8, 8, 6553 * (1 + lift)))),
  );
  for (const name of ['maximum-median', 'top-tenth-median', 'deviation', 'map-contrast'] as const)
    expect(high![name], name).toBeCloseTo(low![name], 6);
  expect(high!.mean - low!.mean).toBeCloseTo(5, 6);
});

test('the window finds a patch of 32 pixels, and not as many single cells', () => {
  const patch = flat(20, 12, 0);
  for (let y = 3; y < 11; y++) patch.data.fill(65535, y * 20 + 5, y * 20 + 13);
  const scattered = flat(20, 12, 0);
  for (let i = 0; i < 64; i++) scattered.data[Math.floor((i * 240) / 64)] = 65535;
  expect(imageScores(judgement([0], patch))['map-window-contrast']).toBeCloseTo(1, 10);
  expect(imageScores(judgement([0], scattered))['map-window-contrast']).toBeLessThan(0.5);
  const [a, b] = [patch, scattered].map((map) => imageScores(judgement([0], map))['map-deviation']);
  expect(a).toBeCloseTo(b!, 10);
});
