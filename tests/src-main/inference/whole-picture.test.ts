/** A network with drawn weights on whole pictures: what tiles do to the maps, and what they must not do. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RgbImage } from '#engine/ports.ts';
import { Random } from '#engine/random.ts';
import { openDetector, type Detector } from '#inference/detector-session.ts';
import { judgePhotograph } from '#inference/judge-photograph.ts';
import type { MapPixels } from '#inference/stitched-map.ts';
import { drawnState, exportedBytes } from '#tests/support/exported-detector.ts';

let folder: string;
let detector: Detector;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pentimento-whole-'));
  const file = join(folder, 'drawn.onnx');
  await writeFile(file, await exportedBytes(drawnState()));
  detector = await openDetector(file, { threads: 1 });
});
afterAll(async () => {
  await detector.dispose();
  await rm(folder, { recursive: true, force: true });
});

const SIDE = 64;
/** Cells of P along a tile. */
const CELLS = SIDE / 4;
/** What batches of other tiles and sixteen bits may change. */
const TOLERANCE = 1e-4;

function picture(width: number, height: number): RgbImage {
  const random = new Random('picture');
  const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => {
    const [x, y] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width)];
    return Math.min(255, 40 + (x % 97) + (y % 53 < 20 ? 60 : 0) + random.integer(30));
  });
  return { width, height, data };
}
const uniform = (width: number, height: number): RgbImage => ({
  width,
  height,
  data: new Uint8Array(width * height * 3).fill(128),
});

/** The picture moved to the right and down by whole tiles, what leaves it coming in on the other side. */
function rolled({ width, height, data }: RgbImage, tiles: number): RgbImage {
  const moved = new Uint8Array(data.length);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const [toX, toY] = [(x + tiles * SIDE) % width, (y + tiles * SIDE) % height];
      moved.set(data.subarray((y * width + x) * 3, (y * width + x) * 3 + 3), (toY * width + toX) * 3);
    }
  return { width, height, data: moved };
}

const unit = (map: MapPixels, x: number, y: number): number => map.data[y * map.width + x]! / 65535;

test('the map of a picture is that of the picture moved by whole tiles and moved back', async () => {
  const image = picture(6 * SIDE, 5 * SIDE);
  const still = (await judgePhotograph(detector, image, { overlap: true })).maps.simulation;
  const moved = (await judgePhotograph(detector, rolled(image, 1), { overlap: true })).maps.simulation;
  // Cells at least one tile from the edges of both pictures.
  let [worst, seen] = [0, 0];
  for (let y = CELLS; y < still.height - 2 * CELLS; y++)
    for (let x = CELLS; x < still.width - 2 * CELLS; x++) {
      worst = Math.max(worst, Math.abs(unit(still, x, y) - unit(moved, x + CELLS, y + CELLS)));
      seen++;
    }
  expect(seen).toBe(3 * 2 * CELLS ** 2);
  expect(worst).toBeLessThan(TOLERANCE);
});

/** How much the means of the columns of P that lie i cells into a tile differ over i, away from the picture's edges. */
function profile(map: MapPixels): number[] {
  const sums = new Array<number>(CELLS).fill(0);
  for (let y = CELLS; y < map.height - CELLS; y++)
    for (let x = CELLS; x < map.width - CELLS; x++) sums[x % CELLS]! += unit(map, x, y);
  const count = ((map.height - 2 * CELLS) * (map.width - 2 * CELLS)) / CELLS;
  return sums.map((sum) => sum / count);
}
const spread = (values: readonly number[]): number => Math.max(...values) - Math.min(...values);

test('a uniform picture shows no seams: the borders of its tiles stand out by less than a tenth of what they did', async () => {
  const image = uniform(5 * SIDE, 5 * SIDE);
  const plain = profile((await judgePhotograph(detector, image)).maps.simulation);
  const blended = profile((await judgePhotograph(detector, image, { overlap: true })).maps.simulation);
  // The network sees the border of a tile: without that, the test would show nothing.
  expect(spread(plain)).toBeGreaterThan(0.02);
  expect(spread(blended)).toBeLessThan(spread(plain) / 10);
});

test('P at the borders of tiles is on average what it is in their middle', async () => {
  const image = picture(6 * SIDE, 6 * SIDE);
  const borderless = (map: MapPixels): number => {
    const p = profile(map);
    const [border, middle] = [(p[0]! + p.at(-1)!) / 2, (p[CELLS / 2 - 1]! + p[CELLS / 2]!) / 2];
    return Math.abs(border - middle);
  };
  const plain = borderless((await judgePhotograph(detector, image)).maps.simulation);
  const blended = borderless((await judgePhotograph(detector, image, { overlap: true })).maps.simulation);
  expect(blended).toBeLessThan(plain / 4);
});

test('the score and its tiles are the same with and without the tiles between, and every run gives the same bytes', async () => {
  const image = picture(203, 187);
  const [plain, blended, again] = [
    await judgePhotograph(detector, image),
    await judgePhotograph(detector, image, { overlap: true }),
    await judgePhotograph(detector, image, { overlap: true }),
  ];
  expect(blended.score).toBe(plain.score);
  expect(blended.tileLogits).toEqual(plain.tileLogits);
  expect(blended.maps.globalSpectrum).toEqual(plain.maps.globalSpectrum);
  expect(again).toEqual(blended);
});
