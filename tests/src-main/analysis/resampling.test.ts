/** Resampling of rendered scenes by known factors, of the whole picture and of a part. */
import { expect, test } from 'vitest';
import { resampling } from '#analysis/resampling/method.ts';
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

const takers = cameras.map((camera) => photographer(camera));
const photograph = (seed: number): RgbImage => takers[seed % takers.length]!(seed);
const scaled = (image: RgbImage, factor: number): Promise<RgbImage> =>
  pixelsOf(
    asSharp(image).resize(Math.round(image.width * factor), Math.round(image.height * factor), {
      kernel: 'cubic',
      fit: 'fill',
    }),
  );
const findings = async (bytes: Uint8Array) => (await runAnalysis(resampling, bytes)).findings;
const has = async (bytes: Uint8Array, code: string): Promise<boolean> =>
  (await findings(bytes)).some((finding) => finding.code === code);
const seeds = Array.from({ length: 12 }, (_, seed) => seed);

async function count(make: (seed: number) => Promise<Uint8Array>, code: string): Promise<number> {
  let found = 0;
  for (const seed of seeds) if (await has(await make(seed), code)) found++;
  return found;
}

test('scaling by 1.15, 1.3 and 1.9 is found in at least 11 of 12 lossless photographs', async () => {
  for (const factor of [1.15, 1.3, 1.9]) {
    const scaledOf = async (seed: number) => asPng(await scaled(photograph(seed), factor));
    const missed = await count(scaledOf, 'resampling-not-seen');
    expect(missed, `factor ${factor}`).toBeLessThanOrEqual(1);
  }
});

test('of 12 untouched photographs only a facade with rows of windows gives an alarm, and saved at quality 90 none', async () => {
  const alarmed: number[] = [];
  for (const seed of seeds) {
    if (!(await has(await asPng(photograph(seed)), 'resampling-not-seen'))) alarmed.push(seed);
    expect(await has(await asJpeg(photograph(seed), 90), 'resampling-not-seen')).toBe(true);
  }
  expect(alarmed).toEqual([9]);
});

test('a turn by 10 degrees is found in at least 10 of 12 lossless photographs', async () => {
  const turned = async (seed: number): Promise<Buffer> => {
    const image = await pixelsOf(
      asSharp(photograph(seed)).affine(
        [
          [Math.cos(Math.PI / 18), -Math.sin(Math.PI / 18)],
          [Math.sin(Math.PI / 18), Math.cos(Math.PI / 18)],
        ],
        { interpolator: 'bicubic' },
      ),
    );
    const left = (image.width - 320) >> 1;
    const top = (image.height - 256) >> 1;
    return asPng(await cropped(image, { left, top, width: 320, height: 256 }));
  };
  expect(await count(turned, 'resampled')).toBeGreaterThanOrEqual(10);
});

test('a part that was enlarged by 1.3 before it was pasted is found, at its place', async () => {
  const place = { left: 150, top: 70, width: 224, height: 192 };
  let found = 0;
  for (const seed of seeds) {
    const large = await scaled(photograph(seed + 100), 1.3);
    const part = await cropped(large, { ...place, left: 100, top: 100 });
    const parts = (await findings(await asPng(pasted(photograph(seed), part, place.left, place.top)))).filter(
      ({ code }) => code === 'part-resampled',
    );
    for (const { area } of parts) expect(overlap(area!, place), `photograph ${seed}`).toBe(true);
    if (parts.length > 0) found++;
  }
  expect(found).toBeGreaterThanOrEqual(9);
});

test('the factor is among those that are named, and saving as JPEG at 80 hides it without a false alarm', async () => {
  const large = await scaled(photograph(3), 1.3);
  const [finding] = await findings(await asPng(large));
  const factors = finding!.data!['factors'] as number[];
  expect(factors.some((factor) => Math.abs(factor - 1.3) < 0.02)).toBe(true);
  const saved = (await findings(await asJpeg(large, 80))).map(({ code }) => code);
  expect(saved).toEqual(['resampling-not-seen']);
});
