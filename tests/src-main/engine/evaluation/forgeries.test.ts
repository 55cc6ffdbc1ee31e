import { describe, expect, test } from 'vitest';
import { copyMove, forge, forgeryOperations, hardSplice } from '#engine/evaluation/forgeries.ts';
import { regionShare } from '#engine/evaluation/forgery-region.ts';
import type { RgbImage } from '#engine/ports.ts';
import { Random } from '#engine/random.ts';

/** Smooth light with grain and a few edges: something that every operation can change. */
function picture(width: number, height: number, seed: number): RgbImage {
  const random = new Random(seed);
  const data = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      for (let c = 0; c < 3; c++) {
        const light = 90 + 60 * Math.sin(x / 9 + c + seed) + 40 * Math.cos(y / 7 - c);
        const edge = (x + 2 * y + 13 * seed) % 40 < 20 ? 20 : 0;
        data[(y * width + x) * 3 + c] = Math.max(0, Math.min(255, light + edge + random.normal(0, 6)));
      }
  return { width, height, data };
}

const sizes = [
  [64, 64],
  [16, 16],
  [33, 91],
  [160, 100],
] as const;

describe.each(forgeryOperations)('%s', (operation) => {
  test.each(sizes)('at %i x %i changes a region of 8 to 30 %% and nothing else', (width, height) => {
    const host = picture(width, height, 1);
    const original = host.data.slice();
    const donor = picture(width + 30, height + 10, 2);
    for (let seed = 0; seed < 12; seed++) {
      const { image, mask } = forge(operation, host, { donor, random: new Random(seed) });
      expect([image.width, image.height, image.data.length, mask.length]).toEqual([
        width,
        height,
        width * height * 3,
        width * height,
      ]);
      let [inside, outsideChanged, change] = [0, 0, 0];
      for (let i = 0; i < mask.length; i++) {
        const delta = [0, 1, 2].reduce(
          (d, c) => d + Math.abs(image.data[i * 3 + c]! - host.data[i * 3 + c]!),
          0,
        );
        if (mask[i] === 1) {
          inside++;
          change += delta / 3;
        } else outsideChanged += delta;
      }
      expect(outsideChanged).toBe(0);
      expect(inside / mask.length).toBeGreaterThanOrEqual(regionShare.min);
      expect(inside / mask.length).toBeLessThanOrEqual(regionShare.max);
      expect(change / inside).toBeGreaterThan(1);
    }
    expect(host.data).toEqual(original);
  });

  test('the same stream gives the same forgery, another one another place', () => {
    const host = picture(64, 64, 3);
    const donor = picture(64, 64, 4);
    const make = (seed: number) => forge(operation, host, { donor, random: new Random(seed) });
    expect(make(5)).toEqual(make(5));
    expect(make(5).mask).not.toEqual(make(6).mask);
  });
});

test('a hard splice shows the donor, pixel by pixel', () => {
  const host = picture(64, 64, 1);
  const donor: RgbImage = { width: 64, height: 64, data: new Uint8Array(64 * 64 * 3).fill(251) };
  const { image, mask } = hardSplice(host, donor, new Random(0));
  for (let i = 0; i < mask.length; i++) if (mask[i] === 1) expect(image.data[i * 3 + 1]).toBe(251);
});

test('a copy-move repeats what stands elsewhere in the picture', () => {
  // Every pixel's colour tells its own place, so the shift can be read off.
  const data = new Uint8Array(64 * 64 * 3);
  for (let i = 0; i < 64 * 64; i++) data.set([(i % 64) * 3, (i >> 6) * 3, 7], i * 3);
  const { image, mask } = copyMove({ width: 64, height: 64, data }, new Random(1));
  const shifts = new Set<string>();
  for (let i = 0; i < mask.length; i++)
    if (mask[i] === 1)
      shifts.add(`${image.data[i * 3]! / 3 - (i % 64)},${image.data[i * 3 + 1]! / 3 - (i >> 6)}`);
  expect(shifts.size).toBe(1);
  expect(shifts.has('0,0')).toBe(false);
});

test('a copy-move into a crop takes from another part of its photograph', () => {
  const elsewhere: RgbImage = { width: 128, height: 96, data: new Uint8Array(128 * 96 * 3).fill(251) };
  const { image, mask } = copyMove(picture(64, 64, 1), new Random(0), elsewhere);
  for (let i = 0; i < mask.length; i++) if (mask[i] === 1) expect(image.data[i * 3 + 1]).toBe(251);
  expect(mask.some((value) => value === 1)).toBe(true);
});

test('a fill takes its colours from the rim: a hole in a plain gradient is closed almost exactly', () => {
  const data = new Uint8Array(64 * 64 * 3);
  for (let i = 0; i < 64 * 64; i++) data.fill(60 + (i % 64) * 2, i * 3, i * 3 + 3);
  for (let seed = 0; seed < 6; seed++) {
    const { image } = forge(
      'inpaint-fill',
      { width: 64, height: 64, data },
      { donor: image64(), random: new Random(seed) },
    );
    for (let i = 0; i < data.length; i++) expect(Math.abs(image.data[i]! - data[i]!)).toBeLessThanOrEqual(4);
  }
});

const image64 = (): RgbImage => picture(64, 64, 9);

test('a donor that is too small and a picture that is too small are refused', () => {
  expect(() => hardSplice(picture(64, 64, 1), picture(3, 3, 1), new Random(0))).toThrow(RangeError);
  expect(() => copyMove(picture(12, 64, 1), new Random(0))).toThrow(/12 x 64/);
});
