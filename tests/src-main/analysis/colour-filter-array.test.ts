/** Colour filter array traces of rendered cameras: found where they are, missing where a part was changed. */
import { expect, test } from 'vitest';
import { colourFilterArray } from '#analysis/colour-filter-array/method.ts';
import type { RgbImage } from '#engine/ports.ts';
import { runAnalysis } from './run-analysis.ts';
import {
  asJpeg,
  asPng,
  asSharp,
  cameraNamed,
  changed,
  overlap,
  photographer,
  pixelsOf,
} from './scene-photographs.ts';

const simple = photographer(cameraNamed('rendered-b'));
const elaborate = photographer(cameraNamed('rendered-a'));
const box = { left: 160, top: 96, width: 128, height: 112 };
const findings = async (bytes: Uint8Array) => (await runAnalysis(colourFilterArray, bytes)).findings;
const codes = async (bytes: Uint8Array): Promise<string[]> => (await findings(bytes)).map(({ code }) => code);

/** A part is moved by one pixel, which shifts its grid, or smoothed, which takes its grid away. */
const shifted = (image: RgbImage): RgbImage =>
  changed(image, box, (x, y, colour) => image.data[(y * image.width + x + 1) * 3 + colour]!);
const smoothed = (image: RgbImage): RgbImage =>
  changed(image, box, (x, y, colour) => {
    let sum = 0;
    for (let v = y - 1; v <= y + 1; v++)
      for (let u = x - 1; u <= x + 1; u++) sum += image.data[(v * image.width + u) * 3 + colour]!;
    return sum / 9;
  });

test('bilinear interpolation is found in 12 of 12 photographs, lossless and at quality 95, without a false part', async () => {
  for (let seed = 0; seed < 12; seed++) {
    expect(await codes(await asPng(simple(seed)))).toEqual(['interpolation-found']);
    expect(await codes(await asJpeg(simple(seed), 95))).toEqual(['interpolation-found']);
  }
});

test('a shifted or smoothed part is found in 12 of 12 lossless photographs, and nothing else', async () => {
  for (let seed = 0; seed < 12; seed++)
    for (const changedPart of [shifted, smoothed]) {
      const missing = (await findings(await asPng(changedPart(simple(seed))))).filter(
        ({ code }) => code === 'interpolation-missing',
      );
      expect(missing.length, `photograph ${seed}`).toBeGreaterThan(0);
      for (const { area } of missing) expect(overlap(area!, box), `photograph ${seed}`).toBe(true);
    }
});

test('where a camera interpolates otherwise, or coding or resizing took the traces, it cannot tell and draws no map', async () => {
  for (let seed = 0; seed < 6; seed++) {
    const small = await pixelsOf(asSharp(simple(seed)).resize(400, 266, { kernel: 'cubic', fit: 'fill' }));
    for (const bytes of [await asPng(elaborate(seed)), await asJpeg(simple(seed), 75), await asPng(small)]) {
      const found = await runAnalysis(colourFilterArray, bytes);
      expect(found.findings.map(({ code }) => code)).toEqual(['interpolation-cannot-tell']);
      expect(found.maps).toBeUndefined();
    }
  }
});
