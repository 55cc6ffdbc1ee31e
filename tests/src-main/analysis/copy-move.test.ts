/** Copied parts in rendered scenes, with a turn and with recompression, and scenes in which nothing was copied. */
import { expect, test } from 'vitest';
import { copyMove } from '#analysis/copy-move/method.ts';
import { fitTrimmed } from '#analysis/mathematics/affine.ts';
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

const takers = cameras.map((camera) => photographer(camera, 320, 240));
/** Foliage, which has texture everywhere and nothing that was made alike. */
const photograph = (index: number): RgbImage => takers[index % 4]!(4 * index + 3);
const target = { left: 220, top: 140, width: 70, height: 70 };

/** The square from about (50, 80) on, turned, lies a second time at `target`. */
async function withCopy(image: RgbImage, degrees: number): Promise<RgbImage> {
  const part = await cropped(image, { left: 30, top: 60, width: 110, height: 110 });
  const turned = await pixelsOf(asSharp(part).rotate(degrees));
  const left = (turned.width - 70) >> 1;
  return pasted(image, await cropped(turned, { ...target, left, top: left }), target.left, target.top);
}

async function copies(bytes: Uint8Array) {
  return (await runAnalysis(copyMove, bytes)).findings.filter(({ code }) => code === 'part-occurs-twice');
}

type Area = { x: number; y: number; width: number; height: number };
const atTarget = (found: Awaited<ReturnType<typeof copies>>) =>
  found.find(
    ({ data }) =>
      overlap(data!['first'] as unknown as Area, target) ||
      overlap(data!['second'] as unknown as Area, target),
  );

test.for([0, 45, 90])(
  'a part turned by %i degrees is found in 2 of 2 photographs, lossless and at quality 75',
  async (degrees) => {
    for (let index = 0; index < 2; index++) {
      const image = await withCopy(photograph(index), degrees);
      for (const bytes of [await asPng(image), await asJpeg(image, 75)]) {
        const found = atTarget(await copies(bytes));
        expect(found, `photograph ${index}`).toBeDefined();
        expect(Math.abs(Math.abs(found!.data!['angle'] as number) - degrees)).toBeLessThan(3);
        expect(Math.abs((found!.data!['scale'] as number) - 1)).toBeLessThan(0.05);
      }
    }
  },
);

test('where nothing was copied, nothing is found in 2 of 2 photographs', async () => {
  for (let index = 0; index < 2; index++) expect(await copies(await asPng(photograph(index)))).toEqual([]);
});

test('the same picture gives the same copies, bit for bit', async () => {
  const bytes = await asPng(await withCopy(photograph(0), 0));
  expect(await runAnalysis(copyMove, bytes)).toEqual(await runAnalysis(copyMove, bytes));
});

test('a fit leaves out matches that miss it, and points on a line have none', () => {
  const pairs: number[] = [];
  for (let i = 0; i < 100; i++) {
    const [x, y] = [i % 10, Math.floor(i / 10)];
    pairs.push(x, y, 2 * y + 5 + (i % 10 === 3 ? 9 : 0), 7 - 2 * x);
  }
  const { map, inliers } = fitTrimmed(Float64Array.from(pairs), 3)!;
  expect(inliers).toBe(90);
  [0, 2, 5, -2, 0, 7].forEach((value, i) => expect(map[i]).toBeCloseTo(value, 6));
  const line = Array.from({ length: 40 }, (_, i) => [i, 2 * i, i, i]).flat();
  expect(fitTrimmed(Float64Array.from(line), 2)).toBeNull();
});
