/** A detector batch that is made ready before the generator has run, and completed with what it made. */
import { expect, test } from 'vitest';
import type { JpegCodec, RgbImage } from '#engine/ports.ts';
import { Random } from '#engine/random.ts';
import { completeBatch, draftBatch } from '#engine/training/detector-batch.ts';
import { float32, pictureAt, picturesTensor } from '#engine/training/picture-tensors.ts';
import { TrainingBatches } from '#engine/training/training-batches.ts';
import { tinyConfig } from '#tests/support/tiny-training.ts';

const SIDE = 64;
const plain = (level: number): RgbImage => ({
  width: SIDE,
  height: SIDE,
  data: new Uint8Array(SIDE * SIDE * 3).fill(level),
});
/** Adds the quality to every value, so that a picture shows how it was coded. */
const marking: JpegCodec = {
  roundTrip: (image, { quality }) =>
    Promise.resolve({ ...image, data: image.data.map((value) => value + quality) }),
};
const levels = (pixels: Parameters<typeof pictureAt>[0]): number[] =>
  Array.from({ length: pixels.shape[0]! }, (_, i) => pictureAt(pixels, i).data[0]!);

const half = new Float32Array(SIDE * SIDE).fill(1, 0, (SIDE * SIDE) / 2);

test('real, learned, drawn and styled pictures stand in this order, each with its masks', async () => {
  const config = tinyConfig({ jpegShare: 0, kernels: 2 });
  const draft = await draftBatch(
    config,
    [1, 2, 3].map(plain),
    { pictures: [plain(20)], masks: [half] },
    { learned: 1, styled: 1 },
    { random: new Random(1), codec: marking },
  );
  const quarter = new Float32Array(SIDE * SIDE).fill(1, 0, (SIDE * SIDE) / 4);
  const batch = await completeBatch(
    draft,
    {
      blended: picturesTensor([plain(10)]),
      masks: float32([1, 16, 16, 2], new Float32Array(16 * 16 * 2).fill(0.25)),
      fused: float32([1, SIDE, SIDE, 1], quarter),
      styled: picturesTensor([plain(30)]),
    },
    marking,
  );
  expect(levels(batch.pixels)).toEqual([1, 2, 3, 10, 20, 30]);
  expect([...batch.labels.data]).toEqual([0, 0, 0, 1, 1, 1]);
  expect([...batch.fixedWeights.data]).toEqual([0, 1, 1]);
  const mean = (data: ArrayLike<number>, i: number, size: number) =>
    Array.from({ length: size }, (_, j) => data[i * size + j]!).reduce((a, b) => a + b, 0) / size;
  expect([0, 1, 2, 3, 4, 5].map((i) => mean(batch.fused.data, i, 256))).toEqual([0, 0, 0, 0.25, 0.5, 1]);
  expect([0, 1, 2].map((i) => mean(batch.masks.data, i, 512))).toEqual([0.25, 0.5, 1]);
  // both maps of a drawn blend are its mask: the upper half, not every second cell
  expect([...batch.masks.data.slice(512, 516), ...batch.masks.data.slice(1020, 1024)]).toEqual([
    ...[1, 1, 1, 1],
    ...[0, 0, 0, 0],
  ]);
});

test('a picture of either class is coded as JPEG like its counterpart in the other, and half of them are', async () => {
  const coded: { place: number; history: string }[][] = [[], []];
  const recording: JpegCodec = {
    roundTrip: (image, options) => {
      coded[image.data[2]!]!.push({
        place: 256 * image.data[0]! + image.data[1]!,
        history: JSON.stringify(options),
      });
      return Promise.resolve(image);
    },
  };
  const random = new Random(4);
  const [count, atOnce] = [2000, 100];
  const masks = Array.from({ length: atOnce }, () => half);
  for (let first = 0; first < count; first += atOnce) {
    const pictures = (label: number) =>
      Array.from({ length: atOnce }, (_, i) => ({
        width: 1,
        height: 1,
        data: Uint8Array.of((first + i) >> 8, (first + i) & 255, label),
      }));
    const drawn = { pictures: pictures(1), masks };
    const none = { learned: 0, styled: 0 };
    await draftBatch(tinyConfig(), pictures(0), drawn, none, { random, codec: recording });
  }
  const [real, simulated] = coded;
  expect(simulated).toEqual(real);
  expect(real!.length / count).toBeCloseTo(0.5, 1);
  expect(new Set(real!.map(({ history }) => history)).size).toBe(2 * 29);
});

test('what the generator makes is coded like the real crop beside it, though it comes later', async () => {
  const config = tinyConfig({ jpegShare: 1 });
  const draft = await draftBatch(
    config,
    [0, 0, 0].map(plain),
    { pictures: [plain(0)], masks: [half] },
    { learned: 1, styled: 1 },
    { random: new Random(2), codec: marking },
  );
  const generated = { blended: picturesTensor([plain(0)]), styled: picturesTensor([plain(0)]) };
  const withMasks = {
    ...generated,
    masks: float32([1, 16, 16, config.kernels], new Float32Array(256 * config.kernels)),
    fused: float32([1, SIDE, SIDE, 1], half),
  };
  const qualities = levels((await completeBatch(draft, withMasks, marking)).pixels);
  expect(qualities.slice(3)).toEqual(qualities.slice(0, 3));
  expect(new Set(qualities).size).toBeGreaterThan(1);
});

test('the same iteration and step give the same batch, in any order; others give others', async () => {
  const random = new Random(3);
  const photograph = {
    width: 128,
    height: 128,
    data: Uint8Array.from({ length: 128 * 128 * 3 }, () => random.integer(256)),
  };
  const source = { count: 3, read: () => Promise.resolve(photograph) };
  const batches = () =>
    new TrainingBatches({ config: tinyConfig(), seed: 1 }, { real: source, foreign: source }, marking);
  const [ahead, later] = [batches(), batches()];
  const second = await ahead.detector(4, 1);
  const first = await ahead.detector(4, 0);
  expect(await later.detector(4, 0)).toEqual(first);
  expect(await later.detector(4, 1)).toEqual(second);
  expect(second.batch.pixels).not.toEqual(first.batch.pixels);
  expect(await later.generator(4, 0)).toEqual(await ahead.generator(4, 0));
  expect(await ahead.generator(5, 0)).not.toEqual(await ahead.generator(4, 0));
});
