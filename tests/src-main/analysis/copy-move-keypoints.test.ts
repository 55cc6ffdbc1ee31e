/** Parts of rendered scenes that were copied with a scale and a turn, which the dense search does not follow. */
import { expect, test } from 'vitest';
import { copyMoveKeypoints } from '#analysis/copy-move-keypoints/method.ts';
import { commonMovements } from '#analysis/copy-move-keypoints/common-movements.ts';
import type { RgbImage } from '#engine/ports.ts';
import { cameras } from '#features/samples/camera.ts';
import { runAnalysis } from './run-analysis.ts';
import {
  asJpeg,
  asPng,
  asSharp,
  cropped,
  overlap,
  pasted,
  photographer,
  pixelsOf,
} from './scene-photographs.ts';

const takers = cameras.map((camera) => photographer(camera, 640, 480));
/** Landscapes, which have keypoints everywhere. */
const photograph = (index: number): RgbImage => takers[index % 4]!(4 * index);
const side = 100;
const target = { left: 440, top: 200, width: side, height: side };

/** The square from about (60, 180) on, scaled and turned, lies a second time at `target`. */
async function withCopy(image: RgbImage, scale: number, degrees: number): Promise<RgbImage> {
  const part = await cropped(image, { left: 60, top: 180, width: 160, height: 160 });
  const scaled = await pixelsOf(asSharp(part).resize(Math.round(160 * scale), Math.round(160 * scale)));
  const turned = await pixelsOf(asSharp(scaled).rotate(degrees));
  const left = (turned.width - side) >> 1;
  return pasted(image, await cropped(turned, { ...target, left, top: left }), target.left, target.top);
}

async function copyAtTarget(bytes: Uint8Array) {
  type Area = { x: number; y: number; width: number; height: number };
  const { findings } = await runAnalysis(copyMoveKeypoints, bytes);
  return findings.find(
    ({ code, data }) =>
      code === 'part-occurs-twice' &&
      [data!['first'], data!['second']].some((area) => overlap(area as unknown as Area, target)),
  )?.data;
}

test.for([
  [0.7, 0],
  [0.75, 90],
  [1.2, 0],
])(
  'a part scaled by %f and turned by %i degrees is found in 2 of 2 landscapes, as PNG and as JPEG 75',
  async ([scale, degrees]) => {
    for (let index = 0; index < 2; index++) {
      const image = await withCopy(photograph(index), scale!, degrees!);
      for (const bytes of [await asPng(image), await asJpeg(image, 75)]) {
        const found = await copyAtTarget(bytes);
        expect(found, `photograph ${index}`).toBeDefined();
        expect(found!['scale']).toBeCloseTo(Math.min(scale!, 1 / scale!), 1);
        expect(Math.abs(Math.abs(found!['angle'] as number) - degrees!)).toBeLessThan(3);
      }
    }
  },
);

test('in an untouched landscape nothing is found, and the same picture gives the same answer', async () => {
  const bytes = await asPng(photograph(0));
  const first = await runAnalysis(copyMoveKeypoints, bytes);
  expect(first.findings.map(({ code }) => code)).toEqual(['no-copy-found']);
  expect(first.findings[0]!.data!['keypoints']).toBeGreaterThan(100);
  expect(await runAnalysis(copyMoveKeypoints, bytes)).toEqual(first);
});

test('a picture without keypoints has none, and says that it cannot be compared', async () => {
  const flat = { width: 128, height: 128, data: new Uint8Array(128 * 128 * 3).fill(120) };
  const { findings } = await runAnalysis(copyMoveKeypoints, await asPng(flat));
  expect(findings[0]!.sentence).toBe(
    'Among 0 keypoints no part of at least 240 pixels was found twice. Parts without keypoints cannot be compared.',
  );
});

test('pairs that follow one map are one movement, and those that follow none belong to none', () => {
  const pairs = Array.from({ length: 12 }, (_, i) => {
    const [x, y] = [100 + 25 * (i % 4), 100 + 25 * Math.floor(i / 4)];
    return { x, y, u: 400 + 0.5 * y, v: 90 + -0.5 * x, scale: 0.5, turn: -90, bits: 20 };
  });
  const strays = Array.from({ length: 6 }, (_, i) => ({
    ...pairs[i]!,
    ...{ u: 50 * i, v: 300 - 37 * i * i, scale: 1 },
  }));
  const movements = [...commonMovements([...pairs, ...strays])];
  expect(movements).toHaveLength(1);
  expect(movements[0]!.pairs).toEqual(pairs);
  [0, 0.5, 400, -0.5, 0, 90].forEach((value, i) => expect(movements[0]!.map[i]).toBeCloseTo(value, 6));
});
