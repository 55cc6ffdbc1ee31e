/** What can have happened to a whole picture, and that both classes share it. */
import { expect, test } from 'vitest';
import type { JpegCodec, PhotographSource, RgbImage } from '#engine/ports.ts';
import { Random } from '#engine/random.ts';
import { BatchAssembly } from '#engine/training/batch-assembly.ts';
import { changed, resampled } from '#engine/training/picture-changes.ts';
import { tinyConfig } from '#tests/support/tiny-training.ts';

const plain = (width: number, height: number, level: number): RgbImage => ({
  width,
  height,
  data: new Uint8Array(width * height * 3).fill(level),
});
const waves = (side: number): RgbImage => ({
  width: side,
  height: side,
  data: Uint8Array.from({ length: side * side * 3 }, (_, i) => 128 + 90 * Math.sin(Math.floor(i / 3) * 0.7)),
});
const untouched: JpegCodec = { roundTrip: (image) => Promise.resolve(image) };

test.each([
  [64, 40],
  [40, 64],
  [64, 64],
])('%i pixels resampled to %i keep a plain tone and a straight ramp', (from, to) => {
  expect(resampled(plain(from, from, 77), to, to)).toEqual(plain(to, to, 77));
  const ramp = { ...plain(from, from, 0) };
  for (let i = 0; i < from * from * 3; i++) ramp.data[i] = 3 * (Math.floor(i / 3) % from);
  const { data } = resampled(ramp, to, to);
  // away from the border, where the filter is cut off
  for (let x = 4; x < to - 4; x++) {
    const expected = 3 * ((x + 0.5) * (from / to) - 0.5);
    expect(Math.abs(data[(20 * to + x) * 3]! - expected)).toBeLessThanOrEqual(1);
  }
});

test('reducing averages: the finest stripes become grey, not other stripes', () => {
  const stripes = plain(64, 64, 0);
  for (let i = 0; i < 64 * 64 * 3; i++) stripes.data[i] = 255 * (Math.floor(i / 3) % 2);
  const { data } = resampled(stripes, 32, 32);
  for (let x = 2; x < 30; x++) expect(Math.abs(data[(16 * 32 + x) * 3]! - 127.5)).toBeLessThan(2);
});

test('every kind of change gives a picture of the same size with other pixels', async () => {
  const random = new Random(1);
  const original = waves(32);
  let different = 0;
  for (let i = 0; i < 40; i++) {
    const image = await changed(original, random, untouched);
    expect([image.width, image.height, image.data.length]).toEqual([32, 32, 32 * 32 * 3]);
    if (image.data.some((value, p) => value !== original.data[p])) different++;
  }
  // the codec of this test changes nothing, so that an earlier JPEG generation (a fifth) shows no change
  expect(different).toBeGreaterThan(25);
});

test('a host that was resampled and changed is the same in the real class and under its blend', async () => {
  const photographs: PhotographSource = { count: 3, read: () => Promise.resolve(waves(160)) };
  const config = tinyConfig({ resampledShare: 1, changedShare: 1 });
  const assembly = new BatchAssembly(config, { real: photographs, foreign: photographs }, untouched);
  const { pictures, masks, hosts } = await assembly.replayBlends(4, new Random(2));
  const real = await assembly.realCrops(4, hosts, new Random(3));
  pictures.forEach((picture, i) => {
    const kept = real[i]!.data.filter((_, p) => masks[i]![Math.floor(p / 3)] === 0);
    expect(kept.length).toBeGreaterThan(0);
    expect(picture.data.filter((_, p) => masks[i]![Math.floor(p / 3)] === 0)).toEqual(kept);
  });
});
