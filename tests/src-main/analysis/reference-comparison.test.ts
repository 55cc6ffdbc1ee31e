/** Two pictures of one rendered scene, the second changed in known ways: how they lie, and where they differ. */
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { referenceComparison } from '#analysis/reference-comparison/method.ts';
import type { Findings } from '#analysis/analysis.ts';
import type { RgbImage } from '#engine/ports.ts';
import {
  asJpeg,
  asPng,
  asSharp,
  cameraNamed,
  changed,
  overlap,
  photographer,
  type Box,
} from './scene-photographs.ts';
import { runAnalysis } from './run-analysis.ts';

const photograph = photographer(cameraNamed('rendered-b'));
const compare = (one: Uint8Array, other: Uint8Array): Promise<Findings> =>
  runAnalysis(referenceComparison, one, {}, 'picture', [other]);
const codes = ({ findings }: Findings): string[] => findings.map(({ code }) => code);

/** Turned (clockwise, in degrees), scaled, cut out, and saved at quality 80. */
async function moved(
  image: RgbImage,
  degrees: number,
  scale: number,
  cut?: (w: number, h: number) => Box,
): Promise<Buffer> {
  const turned = await asSharp(image).rotate(degrees, { background: '#000' }).png().toBuffer();
  const { width } = await sharp(turned).metadata();
  const scaled = await sharp(turned)
    .resize(Math.round(width * scale))
    .png()
    .toBuffer();
  const size = await sharp(scaled).metadata();
  const picture = cut ? sharp(scaled).extract(cut(size.width, size.height)) : sharp(scaled);
  return picture.jpeg({ quality: 80 }).toBuffer();
}
const middle = (w: number, h: number): Box => ({
  ...{ left: Math.round(0.15 * w), top: Math.round(0.2 * h) },
  ...{ width: Math.round(0.6 * w), height: Math.round(0.6 * h) },
});

test('turned and scaled copies, saved again, are laid over each other within half a degree and 1 %, in at least 7 of 8', async () => {
  let found = 0;
  for (const [i, [degrees, scale]] of (
    [
      [0, 1],
      [5, 1.3],
      [-12, 0.7],
      [25, 1],
      [90, 1],
      [180, 1],
      [0, 0.5],
      [0, 1.6],
    ] as const
  ).entries()) {
    const { findings } = await compare(
      await asPng(photograph(i)),
      await moved(photograph(i), degrees, scale),
    );
    const data = findings.find(({ code }) => code === 'aligned')?.data;
    // What brings the other back over this one undoes what was done to it.
    const turn = Math.abs(((Number(data?.['degrees']) + degrees + 540) % 360) - 180);
    if (turn < 0.5 && Math.abs(Number(data?.['scale']) * scale - 1) < 0.01) found++;
  }
  expect(found).toBeGreaterThanOrEqual(7);
});

test('cut-outs of the middle, scaled or not, are found in at least 9 of 10', async () => {
  let found = 0;
  for (const scale of [1, 1.4])
    for (const seed of [0, 1, 2, 3, 4]) {
      const { findings } = await compare(
        await asPng(photograph(seed)),
        await moved(photograph(seed), 0, scale, middle),
      );
      const data = findings.find(({ code }) => code === 'aligned')?.data;
      if (
        Math.abs(Number(data?.['scale']) * scale - 1) < 0.01 &&
        Math.abs(Number(data?.['overlap']) - 0.36) < 0.02
      )
        found++;
    }
  expect(found).toBeGreaterThanOrEqual(9);
});

test('different scenes are not laid over each other, in 12 of 12, and no difference is drawn', async () => {
  for (let seed = 0; seed < 12; seed++) {
    const found = await compare(await asPng(photograph(seed)), await asPng(photograph(seed + 1)));
    expect(codes(found)).toContain('not-aligned');
    expect(found.maps).toBeUndefined();
  }
});

test('a part that was changed is pointed out, in at least 7 of 8, also where the other was brightened, scaled and saved again; nothing else is in at most 1', async () => {
  const box = { left: 192, top: 112, width: 96, height: 80 };
  let hits = 0;
  let falseAlarms = 0;
  for (let seed = 0; seed < 8; seed++) {
    const image = photograph(seed);
    const foreign = photograph(seed + 21);
    const forged = changed(image, box, (x, y, colour) => foreign.data[(y * 480 + x) * 3 + colour]!);
    const other = await asSharp(image).linear(0.9, 12).resize(640).jpeg({ quality: 85 }).toBuffer();
    const areas = (await compare(await asJpeg(forged, 90), other)).findings.flatMap(({ area }) =>
      area ? [area] : [],
    );
    if (areas.some((area) => overlap(area, box))) hits++;
    if (codes(await compare(await asJpeg(image, 90), other)).includes('part-differs')) falseAlarms++;
  }
  expect(hits).toBeGreaterThanOrEqual(7);
  expect(falseAlarms).toBeLessThanOrEqual(1);
});

test('a copy in another format has the same pixels, and flat pictures are no fault', async () => {
  const image = photograph(0);
  expect(
    codes(await compare(await asPng(image), await asSharp(image).webp({ lossless: true }).toBuffer())),
  ).toEqual([...['same-pixels', 'histograms']]);
  const flat = (value: number) => ({
    width: 480,
    height: 320,
    data: new Uint8Array(480 * 320 * 3).fill(value),
  });
  expect(codes(await compare(await asPng(flat(9)), await asPng(flat(200))))).toContain('not-aligned');
});

test('the histograms of both are shares of their pixels', async () => {
  const { details, findings } = await compare(await asPng(photograph(0)), await asPng(photograph(1)));
  const { picture, reference } = details!['histograms'] as Record<string, Record<string, number[]>>;
  for (const shares of [...Object.values(picture!), ...Object.values(reference!)])
    expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 6);
  expect(findings.at(-1)!.data!['common']).toBeLessThan(1);
});
