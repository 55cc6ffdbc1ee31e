/** Error level analysis on pictures into which a part of another history was pasted. */
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { errorLevel } from '#analysis/error-level/method.ts';
import { loadAnalyses, loadAnalysis } from '#analysis/registry.ts';
import { samplePicture } from '#tests/support/sample-files.ts';
import { runAnalysis } from './run-analysis.ts';

/** A picture saved at quality 60, with a part from (64, 64) to (128, 128) that was never saved. */
async function spliced(seed: number): Promise<Buffer> {
  const clean = samplePicture(256, 192, seed);
  const saved = await clean.clone().jpeg({ quality: 60 }).toBuffer();
  const part = await clean.extract({ left: 64, top: 64, width: 64, height: 64 }).png().toBuffer();
  return sharp(saved)
    .composite([{ input: part, left: 64, top: 64 }])
    .png()
    .toBuffer();
}

test('a part that was never saved as JPEG changes more than the rest', async () => {
  const { maps } = await runAnalysis(errorLevel, await spliced(1));
  const [map] = maps!;
  expect(map).toMatchObject({ width: 32, height: 24, covers: { x: 0, y: 0, width: 256, height: 192 } });
  const mean = (inside: boolean): number => {
    const cells = map!.data.filter((_, i) => {
      const [x, y] = [i % 32, Math.floor(i / 32)];
      return (x >= 8 && x < 16 && y >= 8 && y < 16) === inside;
    });
    return cells.reduce((sum, value) => sum + value, 0) / cells.length;
  };
  expect(mean(true)).toBeGreaterThan(1.5 * mean(false));
});

test('quality, scale and the size of cells are parameters, within bounds', async () => {
  const bytes = await samplePicture(100, 70).png().toBuffer();
  const { maps, findings } = await runAnalysis(errorLevel, bytes, { quality: 60, scale: 5, cell: 1 });
  expect(maps![0]).toMatchObject({ width: 100, height: 70, range: { min: 0, max: 5 } });
  expect(findings[0]!.data).toMatchObject({ quality: 60 });
  await expect(runAnalysis(errorLevel, bytes, { quality: 101 })).rejects.toMatchObject({
    code: 'invalid_input',
  });
  await expect(runAnalysis(errorLevel, bytes, { qality: 90 })).rejects.toMatchObject({
    code: 'invalid_input',
  });
});

test('every analysis has the name under which it is listed, and defaults for all its parameters', async () => {
  for (const analysis of await loadAnalyses()) {
    expect((await loadAnalysis(analysis.name)).name).toBe(analysis.name);
    expect(analysis.parameters.safeParse({}).success, analysis.name).toBe(true);
    for (const text of [analysis.title, analysis.question, analysis.limits]) expect(text).not.toBe('');
  }
  await expect(loadAnalysis('toString')).rejects.toMatchObject({ code: 'not_found' });
});
