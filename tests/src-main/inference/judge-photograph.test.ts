import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RgbImage } from '#engine/ports.ts';
import { openDetector, type Detector } from '#inference/detector-session.ts';
import { judgePhotograph } from '#inference/judge-photograph.ts';
import type { MapPixels } from '#inference/stitched-map.ts';
import { writeTinyDetector } from '#tests/support/tiny-detector.ts';

let folder: string;
let detector: Detector;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pentimento-judge-'));
  detector = await openDetector(await writeTinyDetector(join(folder, 'tiny.onnx'), { gain: 10, bias: -1 }));
});
afterAll(async () => {
  await detector.dispose();
  await rm(folder, { recursive: true, force: true });
});

/** A picture whose every pixel differs from its neighbours in all three channels. */
function synthetic(width: number, height: number): RgbImage {
  const data = new Uint8Array(width * height * 3);
  for (let i = 0; i < width * height; i++) {
    const [x, y] = [i % width, Math.floor(i / width)];
    data.set([(x * 7 + y * 3) % 256, (x * 5 + y * 11) % 256, (x * 2 + y * 13) % 256], i * 3);
  }
  return { width, height, data };
}

/** Mean of a channel over boxes of `size` pixels in the part that is seen, in [0, 1]: what the tiny detector computes. */
function boxMeans(image: RgbImage, channel: number, size: number): MapPixels {
  const width = (Math.floor(image.width / 8) * 8) / size;
  const height = (Math.floor(image.height / 8) * 8) / size;
  const data = new Float32Array(width * height);
  for (let y = 0; y < height * size; y++)
    for (let x = 0; x < width * size; x++)
      data[Math.floor(y / size) * width + Math.floor(x / size)]! +=
        image.data[(y * image.width + x) * 3 + channel]! / 255 / size ** 2;
  return { width, height, data };
}

function expectSameMap(found: MapPixels, expected: MapPixels): void {
  expect([found.width, found.height]).toEqual([expected.width, expected.height]);
  const scale = found.data instanceof Uint16Array ? 65535 : 1;
  let worst = 0;
  found.data.forEach((v, i) => (worst = Math.max(worst, Math.abs(v / scale - expected.data[i]!))));
  expect(worst).toBeLessThan(5e-5);
}

test.each([
  [64, 64],
  [333, 207],
  [72, 400],
])(
  'the stitched maps of a %i x %i picture are those computed directly from its pixels',
  async (width, height) => {
    const image = synthetic(width, height);
    const { maps } = await judgePhotograph(detector, image, { batch: 5 });
    expectSameMap(maps.simulation, boxMeans(image, 0, 4));
    expect(maps.kernels).toHaveLength(2);
    expectSameMap(maps.kernels[0]!, boxMeans(image, 0, 4));
    expectSameMap(maps.kernels[1]!, boxMeans(image, 1, 4));
    expectSameMap(maps.localSpectrum, boxMeans(image, 2, 8));
    expectSameMap(maps.blockSpectrum!, boxMeans(image, 1, 8));
  },
);

test('tile scores are those of the tiles, the score their highest tenth, the spectrum their mean', async () => {
  const image = synthetic(200, 130);
  const { maps, score, tiles, tileLogits, seen } = await judgePhotograph(detector, image);
  const [xs, ys] = [
    [0, 64, 128, 136],
    [0, 64],
  ];
  expect(tiles).toBe(8);
  expect(seen).toEqual({ width: 200, height: 128 });
  const red = (x: number, y: number): number => image.data[(y * 200 + x) * 3]! / 255;
  const expected = ys.flatMap((y0) =>
    xs.map((x0) => {
      let sum = 0;
      for (let y = 0; y < 64; y++) for (let x = 0; x < 64; x++) sum += red(x0 + x, y0 + y);
      return (10 * sum) / 4096 - 1;
    }),
  );
  tileLogits.forEach((logit, i) => expect(logit).toBeCloseTo(expected[i]!, 4));
  // Over the picture: the columns at 17 to 23 eighths are covered by the last two tiles of a row.
  expect([maps.tileScores.width, maps.tileScores.height]).toEqual([25, 16]);
  expect(maps.tileScores.data[0]).toBeCloseTo(expected[0]!, 4);
  expect(maps.tileScores.data[16]).toBeCloseTo(expected[2]!, 4);
  expect(maps.tileScores.data[17]).toBeCloseTo((expected[2]! + expected[3]!) / 2, 4);
  expect(maps.tileScores.data[24]).toBeCloseTo(expected[3]!, 4);
  expect(score).toBeCloseTo(Math.max(...expected), 4);
  const mean = (x: number, y: number): number =>
    ys.flatMap((y0) => xs.map((x0) => red(x0 + x, y0 + y))).reduce((a, b) => a + b) / 8;
  expect([maps.globalSpectrum.width, maps.globalSpectrum.height]).toEqual([64, 64]);
  expect(maps.globalSpectrum.data[0]).toBeCloseTo(mean(0, 0), 5);
  expect(maps.globalSpectrum.data[5 * 64 + 9]).toBeCloseTo(mean(9, 5), 5);
});

test('the size of the batches changes nothing', async () => {
  const image = synthetic(300, 150);
  const [one, many] = [
    await judgePhotograph(detector, image, { batch: 1 }),
    await judgePhotograph(detector, image, { batch: 32 }),
  ];
  expect([...one.maps.tileScores.data]).toEqual([...many.maps.tileScores.data]);
  expect(one.maps.simulation.data).toEqual(many.maps.simulation.data);
});

test('progress is told after every batch and ends at the total', async () => {
  const told: [number, number][] = [];
  await judgePhotograph(detector, synthetic(200, 130), { batch: 3, progress: (...at) => told.push(at) });
  expect(told).toEqual([
    [3, 8],
    [6, 8],
    [8, 8],
  ]);
});

test('an aborted signal ends the work before the next batch', async () => {
  const controller = new AbortController();
  let batches = 0;
  const work = judgePhotograph(detector, synthetic(400, 400), {
    batch: 4,
    signal: controller.signal,
    progress: () => {
      batches++;
      controller.abort();
    },
  });
  await expect(work).rejects.toMatchObject({ code: 'cancelled' });
  expect(batches).toBe(1);
});

test('a picture smaller than a tile is refused', async () => {
  await expect(judgePhotograph(detector, synthetic(63, 300))).rejects.toMatchObject({
    code: 'image_too_small',
  });
});

test('columns and rows that no tile sees are named in the notes', async () => {
  const { notes } = await judgePhotograph(detector, synthetic(203, 129));
  expect(notes).toEqual([expect.stringContaining('the last 3 columns and the last row of pixels')]);
  expect((await judgePhotograph(detector, synthetic(200, 128))).notes).toEqual([]);
});
