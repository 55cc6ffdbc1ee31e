/** Noise residual and local noise on rendered scenes, one part of which was given other noise. */
import { expect, test } from 'vitest';
import { noiseLevel } from '#analysis/noise-level/method.ts';
import { noiseResidual } from '#analysis/noise-residual/method.ts';
import { medianRows } from '#analysis/mathematics/median-filter.ts';
import { decompose, recompose } from '#analysis/mathematics/wavelet.ts';
import type { RgbImage } from '#engine/ports.ts';
import { auc } from '#engine/evaluation/metrics.ts';
import { Random } from '#engine/random.ts';
import { cameraNamed, asJpeg, asPng, changed, photographer } from './scene-photographs.ts';
import { runAnalysis } from './run-analysis.ts';

const photograph = photographer(cameraNamed('rendered-c'));
const box = { left: 192, top: 96, width: 128, height: 128 };

function noisier(image: RgbImage, deviation: number, seed: number): RgbImage {
  const random = new Random(`noise ${seed}`);
  return changed(
    image,
    box,
    (x, y, colour) => image.data[(y * image.width + x) * 3 + colour]! + deviation * random.normal(),
  );
}

/** AUC of a map's cells that lie in the box against the others. */
async function cellAuc(bytes: Uint8Array): Promise<number> {
  const { maps } = await runAnalysis(noiseLevel, bytes, { cell: 32 });
  const { width, data } = maps!.find(({ name }) => name === 'against-usual')!;
  const labels = Array.from(data, (_, i) => {
    const [x, y] = [32 * (i % width), 32 * Math.floor(i / width)];
    return x >= box.left && x < box.left + box.width && y >= box.top && y < box.top + box.height ? 1 : 0;
  });
  return auc(data, labels)!;
}

const mean = (values: number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

test('a part with four more grey levels of noise stands out: mean AUC of its cells above 0.9 lossless, above 0.85 at quality 90', async () => {
  const lossless: number[] = [];
  const saved: number[] = [];
  const untouched: number[] = [];
  for (let seed = 0; seed < 12; seed++) {
    lossless.push(await cellAuc(await asPng(noisier(photograph(seed), 4, seed))));
    saved.push(await cellAuc(await asJpeg(noisier(photograph(seed), 4, seed), 90)));
    untouched.push(await cellAuc(await asPng(photograph(seed))));
  }
  expect(mean(lossless)).toBeGreaterThan(0.9);
  expect(mean(saved)).toBeGreaterThan(0.85);
  expect(Math.abs(mean(untouched) - 0.5)).toBeLessThan(0.15);
});

test('the noise of a flat picture is measured within 5 %', async () => {
  const random = new Random('flat');
  const grey = { width: 256, height: 256, data: new Uint8Array(256 * 256 * 3).fill(128) };
  const whole = { left: 0, top: 0, width: 256, height: 256 };
  let value = 0;
  const noisy = changed(grey, whole, (_x, _y, colour) =>
    colour === 0 ? (value = 128 + 5 * random.normal()) : value,
  );
  const { findings } = await runAnalysis(noiseLevel, await asPng(noisy));
  expect(findings[0]!.data!['median']).toBeGreaterThan(4.75);
  expect(findings[0]!.data!['median']).toBeLessThan(5.25);
});

test('a picture whose fine detail is gone is one of which nothing can be told', async () => {
  const { findings } = await runAnalysis(noiseLevel, await asJpeg(photograph(0), 20));
  expect(findings.map(({ code }) => code)).toContain('noise-cannot-tell');
});

test('the residual of both filters is small where the picture is flat and holds a lone bright pixel whole', async () => {
  const grey = { width: 64, height: 64, data: new Uint8Array(64 * 64 * 3).fill(100) };
  const bright = changed(grey, { left: 30, top: 20, width: 1, height: 1 }, () => 110);
  for (const filter of ['median', 'wavelet'] as const) {
    const { maps } = await runAnalysis(noiseResidual, await asPng(bright), { filter });
    const { data } = maps![0]!;
    expect(data[20 * 64 + 30]).toBeGreaterThan(3);
    expect(Math.abs(data[50 * 64 + 10]!)).toBeLessThan(0.01);
  }
});

test('the median of nine is that of sorting, and the wavelet transform gives the plane back', () => {
  const random = new Random('median');
  const plane = { width: 40, height: 24, data: Float32Array.from({ length: 960 }, () => random.integer(50)) };
  const out = new Float32Array(960);
  medianRows(plane, out, 0, 24);
  for (let y = 0; y < 24; y++)
    for (let x = 0; x < 40; x++) {
      const near: number[] = [];
      for (let v = y - 1; v <= y + 1; v++)
        for (let u = x - 1; u <= x + 1; u++)
          near.push(plane.data[Math.min(23, Math.max(0, v)) * 40 + Math.min(39, Math.max(0, u))]!);
      expect(out[y * 40 + x]).toBe(near.sort((a, b) => a - b)[4]);
    }
  const again = recompose(decompose(plane));
  for (let i = 0; i < 960; i++) expect(again.data[i]).toBeCloseTo(plane.data[i]!, 3);
});
