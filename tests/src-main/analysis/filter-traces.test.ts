/** Traces that a median filter and sharpening leave in rendered photographs, and those that were left alone. */
import { expect, test } from 'vitest';
import { medianFilter } from '#analysis/median-filter/method.ts';
import { sharpening } from '#analysis/sharpening/method.ts';
import type { Findings } from '#analysis/analysis.ts';
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

const takers = cameras.map((camera) => photographer(camera, 480, 320));
const photograph = (index: number): RgbImage => takers[index % 4]!(index + 3 * Math.floor(index / 4));
const photographs = Array.from({ length: 8 }, (_, index) => photograph(index));

const figure = ({ findings }: Findings, name: string): number => findings[0]!.data![name] as number;
const code = ({ findings }: Findings): string => findings[0]!.code;

test.for([3, 5])('a median filter of %i pixels is noticed in 8 of 8 photographs', async (size) => {
  for (const image of photographs) {
    const found = await runAnalysis(medianFilter, await asSharp(image).median(size).png().toBuffer());
    expect(code(found)).toBe('median-traces');
    expect(figure(found, 'ratio')).toBeGreaterThan(1.25);
  }
});

test('nothing is noticed in 8 of 8 photographs that were not filtered, nor after sharpening', async () => {
  for (const image of photographs)
    for (const bytes of [await asPng(image), await asSharp(image).sharpen({ sigma: 1 }).png().toBuffer()])
      expect((await runAnalysis(medianFilter, bytes)).findings.map((finding) => finding.code)).toEqual([
        'neighbours-usual',
      ]);
});

test('a part of foliage that was filtered alone is told with its place, and the map is highest there', async () => {
  const image = photograph(3);
  const box = { left: 128, top: 64, width: 192, height: 192 };
  const part = await pixelsOf(asSharp(await cropped(image, box)).median(3));
  const { findings, maps } = await runAnalysis(
    medianFilter,
    await asPng(pasted(image, part, box.left, box.top)),
  );
  const [found] = findings.filter((finding) => finding.code === 'median-traces-in-part');
  expect(overlap(found!.area!, box)).toBe(true);
  const { width, data } = maps![0]!;
  const highest = data.indexOf(Math.max(...data));
  expect([2, 3, 4]).toContain(highest % width);
  expect([1, 2, 3]).toContain(Math.floor(highest / width));
});

test('in a JPEG the figure is told and nothing concluded; a flat picture cannot be told', async () => {
  const filtered = await pixelsOf(asSharp(photograph(0)).median(5));
  expect(code(await runAnalysis(medianFilter, await asJpeg(filtered, 90)))).toBe('neighbours-equal');
  const flat = { width: 96, height: 96, data: new Uint8Array(96 * 96 * 3).fill(90) };
  expect(code(await runAnalysis(medianFilter, await asPng(flat)))).toBe('median-cannot-tell');
  expect(code(await runAnalysis(sharpening, await asPng(flat)))).toBe('sharpening-cannot-tell');
});

/** A bright square on a dark ground, its edges softened as by a lens, and with a known overshoot where asked. */
function square(overshoot: number): RgbImage {
  const side = 192;
  const data = new Uint8Array(side * side * 3);
  for (let y = 0; y < side; y++)
    for (let x = 0; x < side; x++) {
      const inside = Math.min(x - 63.5, 127.5 - x, y - 63.5, 127.5 - y);
      const edge = 1 / (1 + Math.exp(-5 * inside));
      const seam = overshoot * (inside > 0 ? 1 : -1) * Math.exp(-((Math.abs(inside) - 1.5) ** 2));
      data.fill(Math.round(60 + 100 * (edge + seam)), (y * side + x) * 3, (y * side + x) * 3 + 3);
    }
  return { width: side, height: side, data };
}

test('the overshoot of an edge is measured as it was made', async () => {
  for (const made of [0, 0.1, 0.2]) {
    const found = await runAnalysis(sharpening, await asPng(square(made)));
    expect(figure(found, 'overshoot')).toBeCloseTo(made, 1);
    expect(Math.abs(figure(found, 'overshoot') - made)).toBeLessThan(0.03);
    expect(code(found)).toBe(made === 0.2 ? 'strong-overshoot' : found.findings[0]!.code);
  }
});

test('sharpening raises the overshoot of 8 of 8 photographs; a median filter raises that of none', async () => {
  for (const image of photographs) {
    const before = figure(await runAnalysis(sharpening, await asPng(image)), 'overshoot');
    const sharpened = await asSharp(image).sharpen({ sigma: 1, m1: 1, m2: 1.5 }).png().toBuffer();
    expect(figure(await runAnalysis(sharpening, sharpened), 'overshoot')).toBeGreaterThan(before + 0.02);
    const filtered = await asSharp(image).median(3).png().toBuffer();
    expect(figure(await runAnalysis(sharpening, filtered), 'overshoot')).toBeLessThanOrEqual(before);
  }
});
