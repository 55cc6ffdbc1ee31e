/** What both classes go through alike, and masks that mean what they say. */
import { describe, expect, test } from 'vitest';
import type { JpegCodec, PhotographSource, RgbImage } from '#engine/ports.ts';
import { Random } from '#engine/random.ts';
import { BatchAssembly } from '#engine/training/batch-assembly.ts';
import { alignedCrop, areaAverage, colourMatched, cut, mirrored } from '#engine/training/crops.ts';
import { drawnMask } from '#engine/training/drawn-masks.ts';
import { tinyConfig } from '#tests/support/tiny-training.ts';

/** Red and green hold a pixel's place, so that a crop tells where it was cut. */
function map(width: number, height: number, blue: number): RgbImage {
  const data = new Uint8Array(width * height * 3);
  for (let p = 0; p < width * height; p++) data.set([p % width, Math.floor(p / width), blue], p * 3);
  return { width, height, data };
}
const places: PhotographSource = { count: 3, read: (i) => Promise.resolve(map(200, 160, i)) };
/** Smooth shapes with fine noise: something that a filter changes and that tone does not hide. */
const scenes: PhotographSource = {
  count: 3,
  read: (index) => {
    const random = new Random(`scene ${index}`);
    const data = Uint8Array.from({ length: 128 * 128 * 3 }, (_, i) => {
      const x = Math.floor(i / 3) % 128;
      const y = Math.floor(i / 3 / 128);
      return 120 + 60 * Math.sin((x + 20 * index) / 9) * Math.cos(y / 13) + random.normal(0, 6);
    });
    return Promise.resolve({ width: 128, height: 128, data });
  },
};
const unusedCodec: JpegCodec = { roundTrip: (image) => Promise.resolve(image) };

describe('crops', () => {
  test('lie on the 8-pixel grid and inside the picture', () => {
    const random = new Random(1);
    for (let i = 0; i < 200; i++) {
      const { data } = alignedCrop(map(200, 160, 0), 64, random);
      expect([data[0]! % 8, data[1]! % 8]).toEqual([0, 0]);
      expect(data.at(-3)! - data[0]!).toBe(63);
    }
  });

  test('can be cut at the far corner and not beyond it', () => {
    expect(cut(map(200, 160, 0), 136, 96, 64).data.slice(-3)).toEqual(Uint8Array.of(199, 159, 0));
    expect(() => cut(map(200, 160, 0), 137, 96, 64)).toThrow(/137/);
  });

  test('are mirrored left to right, and twice is nothing', () => {
    const crop = cut(map(200, 160, 0), 0, 0, 64);
    expect(mirrored(crop).data.slice(0, 3)).toEqual(Uint8Array.of(63, 0, 0));
    expect(mirrored(mirrored(crop))).toEqual(crop);
  });

  test('take on the mean of their host when they are matched in colour', () => {
    const random = new Random(2);
    const noise = (mean: number, spread: number): RgbImage => ({
      width: 64,
      height: 64,
      data: Uint8Array.from({ length: 64 * 64 * 3 }, () => mean + random.uniform(-spread, spread)),
    });
    const matched = colourMatched(noise(60, 20), noise(150, 30));
    const mean = matched.data.reduce((a, b) => a + b, 0) / matched.data.length;
    expect(Math.abs(mean - 150)).toBeLessThan(2);
  });
});

test('the real class shows what the simulated one shows: hosts first, then crops of other photographs', async () => {
  const assembly = new BatchAssembly(tinyConfig(), { real: places, foreign: places }, unusedCodec);
  const { hosts } = await assembly.replayBlends(3, new Random(5));
  expect(hosts).toHaveLength(3);
  const real = await assembly.realCrops(5, hosts, new Random(6));
  expect(real.slice(0, 3)).toEqual(hosts);
  expect(real).toHaveLength(5);
  expect(await assembly.realCrops(2, hosts, new Random(6))).toEqual(hosts.slice(0, 2));
});

test('a self-reference is a visibly changed copy of its host, and of nothing else', async () => {
  const assembly = new BatchAssembly(
    tinyConfig({ selfReferenceShare: 1 }),
    { real: scenes, foreign: scenes },
    unusedCodec,
  );
  const { real, reference } = await assembly.pairs(40, new Random(4));
  const changes = real.map(({ data }, i) => {
    const host = reference[i]!.data;
    return data.reduce((sum, value, p) => sum + Math.abs(value - host[p]!), 0) / data.length;
  });
  expect(Math.min(...changes)).toBeGreaterThan(1);
  // what makes a splice stand out, a scene that does not belong, is not there
  expect(changes.reduce((sum, change) => sum + change, 0) / changes.length).toBeLessThan(25);
});

test('a foreign crop never comes from its host', async () => {
  const assembly = new BatchAssembly(
    tinyConfig({ colourMatchShare: 0 }),
    { real: places, foreign: places },
    unusedCodec,
  );
  const { real, reference } = await assembly.pairs(60, new Random(3));
  real.forEach((crop, i) => expect(crop.data[2]).not.toBe(reference[i]!.data[2]));
});

describe('drawn masks', () => {
  test('cover 6 to 40 percent, hard or feathered', () => {
    const random = new Random(5);
    let soft = 0;
    for (let i = 0; i < 60; i++) {
      const mask = drawnMask(64, random);
      const area = mask.reduce((a, b) => a + b, 0) / mask.length;
      expect(area).toBeGreaterThanOrEqual(0.06);
      expect(area).toBeLessThanOrEqual(0.4);
      if (mask.some((value) => value > 0.1 && value < 0.9)) soft++;
    }
    expect(soft).toBeGreaterThan(5);
    expect(soft).toBeLessThan(40);
  });

  test('of the one kind "feathered" are ellipses with the same soft edge, whatever is drawn', () => {
    const random = new Random(5);
    for (let i = 0; i < 20; i++) {
      const mask = drawnMask(64, random, 'feathered');
      const rows = Array.from({ length: 64 }, (_, y) => mask.slice(y * 64, (y + 1) * 64));
      const falls = rows.map((row) => row.filter((m, x) => x > 0 && m > 0.5 !== row[x - 1]! > 0.5).length);
      expect(Math.max(...falls)).toBeLessThanOrEqual(2); // convex
      const steepest = Math.max(
        ...rows.flatMap((row) => Array.from(row.slice(1), (m, x) => Math.abs(m - row[x]!))),
      );
      expect(steepest).toBeLessThan(0.3); // at the edge, the slope of a feather of 4 pixels is 1/4 a pixel
      expect(steepest).toBeGreaterThan(0.1);
    }
  });

  test('are averaged over squares for the map grid', () => {
    const mask = new Float32Array(64).fill(0);
    mask.fill(1, 0, 8); // the first row of 8
    expect(Array.from(areaAverage(mask, 8, 4))).toEqual([0.25, 0.25, 0, 0]);
  });
});

test('a replay blend takes the foreign pixel inside the mask and keeps the host outside', async () => {
  const assembly = new BatchAssembly(
    tinyConfig({ colourMatchShare: 0 }),
    { real: places, foreign: places },
    unusedCodec,
  );
  const random = new Random(6);
  const { pictures, masks } = await assembly.replayBlends(8, random);
  const { real, reference } = await assembly.pairs(8, new Random(6));
  pictures.forEach((picture, i) => {
    masks[i]!.forEach((m, p) => {
      const source = m === 1 ? real[i]! : m === 0 ? reference[i]! : null;
      if (source) expect(picture.data[p * 3 + 2]).toBe(source.data[p * 3 + 2]);
    });
  });
});
