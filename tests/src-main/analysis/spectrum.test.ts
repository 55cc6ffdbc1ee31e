/** Spectra of pictures whose frequencies are known. */
import { expect, test } from 'vitest';
import { CosineTransform } from '#analysis/mathematics/cosine-transform.ts';
import { PlaneTransform } from '#analysis/mathematics/plane-transform.ts';
import { NotRun } from '#analysis/analysis.ts';
import { spectrum } from '#analysis/spectrum/method.ts';
import { Random } from '#engine/random.ts';
import { cameraNamed, asJpeg, asPng, asSharp, changed, photographer, pixelsOf } from './scene-photographs.ts';
import { runAnalysis } from './run-analysis.ts';

const photograph = photographer(cameraNamed('rendered-c'));
const whole = { left: 0, top: 0, width: 480, height: 320 };

test('a faint wave through the whole picture is the strongest peak, at its frequency', async () => {
  const image = photograph(0);
  const wave = changed(
    image,
    whole,
    (x, y, colour) =>
      image.data[(y * 480 + x) * 3 + colour]! + 3 * Math.cos(2 * Math.PI * (0.328125 * x + 0.1875 * y)),
  );
  const { findings, details } = await runAnalysis(spectrum, await asPng(wave));
  expect(findings.map(({ code }) => code)).toContain('peaks-off-block-grid');
  const [strongest] = details!['peaks'] as { fx: number; fy: number }[];
  expect(Math.abs(strongest!.fx - 0.328125)).toBeLessThan(0.02);
  expect(Math.abs(strongest!.fy - 0.1875)).toBeLessThan(0.02);
});

test('a picture enlarged by 4 by repeating pixels has peaks on the block grid, of which the cause is left open', async () => {
  const small = await pixelsOf(asSharp(photograph(2)).resize(120, 80));
  const large = await pixelsOf(asSharp(small).resize(480, 320, { kernel: 'nearest' }));
  const { findings } = await runAnalysis(spectrum, await asPng(large));
  const finding = findings.find(({ code }) => code === 'peaks-on-block-grid');
  expect(finding!.sentence).toContain('Cannot tell');
});

test('untouched photographs have no peak off the block grid, lossless or at quality 90, in 4 of 4', async () => {
  for (const seed of [0, 2, 3, 4])
    for (const bytes of [await asPng(photograph(seed)), await asJpeg(photograph(seed), 90)]) {
      const { findings } = await runAnalysis(spectrum, bytes);
      expect(findings.map(({ code }) => code)).not.toContain('peaks-off-block-grid');
    }
});

test('reduction steepens the curve of a blurred picture, not that of white noise', async () => {
  const random = new Random('white');
  const grey = { width: 256, height: 256, data: new Uint8Array(256 * 256 * 3) };
  const noise = changed(grey, { ...whole, width: 256, height: 256 }, () => 128 + 20 * random.normal());
  const curve = async (bytes: Uint8Array): Promise<number[]> =>
    (await runAnalysis(spectrum, bytes)).details!['azimuthal'] as number[];
  const flat = await curve(await asPng(noise));
  for (const value of flat.slice(6)) expect(Math.abs(value)).toBeLessThan(0.15);
  const blurred = await curve(await asSharp(noise).blur(1.5).png().toBuffer());
  expect(blurred[50]).toBeLessThan(-2);
});

test('the transforms agree with their definitions, and the Fourier one with its inverse', () => {
  const side = 8;
  const random = new Random('transform');
  const plane = Float64Array.from({ length: side * side }, () => random.uniform(-1, 1));
  const fourier = new PlaneTransform(side);
  const half = fourier.newSpectrum();
  fourier.forward((y, row) => row.set(plane.subarray(y * side, (y + 1) * side)), half);
  let [real, imaginary] = [0, 0];
  for (let y = 0; y < side; y++)
    for (let x = 0; x < side; x++) {
      const angle = (-2 * Math.PI * (3 * x + 5 * y)) / side;
      real += plane[y * side + x]! * Math.cos(angle);
      imaginary += plane[y * side + x]! * Math.sin(angle);
    }
  expect(half[2 * (3 * side + 5)]).toBeCloseTo(real, 9);
  expect(half[2 * (3 * side + 5) + 1]).toBeCloseTo(imaginary, 9);
  fourier.inverse(half).forEach((value, i) => expect(value).toBeCloseTo(plane[i]!, 9));

  const cosine = plane.slice();
  new CosineTransform(side).forward(cosine);
  let sum = 0;
  for (let y = 0; y < side; y++)
    for (let x = 0; x < side; x++)
      sum +=
        plane[y * side + x]! *
        Math.cos((Math.PI * (2 * x + 1) * 6) / 16) *
        Math.cos((Math.PI * (2 * y + 1) * 2) / 16);
  expect(cosine[2 * side + 6]).toBeCloseTo(sum / 4, 9);
});

test('against 30 references, pictures like them are worth a look in at most 2 of 20, enlarged ones in 20 of 20, blurred and saved ones in at least 16', async () => {
  const references = await Promise.all(Array.from({ length: 30 }, (_, i) => asJpeg(photograph(i), 90)));
  const look = async (bytes: Uint8Array): Promise<boolean> => {
    const { findings, details } = await runAnalysis(spectrum, bytes, {}, 'picture', references);
    expect(details!['references']).toMatchObject({ pictures: 30, unusable: 0 });
    return findings.some(({ code }) => code === 'curve-outside-references');
  };
  let [alike, enlarged, blurred] = [0, 0, 0];
  for (let seed = 40; seed < 60; seed++) {
    if (await look(await asJpeg(photograph(seed), 90))) alike++;
    if (await look(await asPng(await pixelsOf(asSharp(photograph(seed)).resize(960))))) enlarged++;
    if (await look(await asJpeg(await pixelsOf(asSharp(photograph(seed)).blur(1)), 90))) blurred++;
  }
  expect(alike).toBeLessThanOrEqual(2);
  expect(enlarged).toBe(20);
  expect(blurred).toBeGreaterThanOrEqual(16);
});

test('references that are too few, or cannot be read, leave the spectra not run rather than compared with nothing', async () => {
  const few = await Promise.all(Array.from({ length: 9 }, (_, i) => asJpeg(photograph(i), 90)));
  const compared = [...few, Buffer.from('Dear diary')];
  await expect(runAnalysis(spectrum, await asPng(photograph(0)), {}, 'p', compared)).rejects.toThrow(NotRun);
});
