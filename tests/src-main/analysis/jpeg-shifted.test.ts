/** Double compression on two grids: crops and pastes of saved pictures are found with their grid, single savings are not. */
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { jpegGrid } from '#analysis/jpeg-grid/method.ts';
import { jpegShifted } from '#analysis/jpeg-shifted/method.ts';
import { areaUnderCurve, pasteInto, saved, scenes, side } from './double-saved.ts';
import { runAnalysis } from './run-analysis.ts';

const cropped = (picture: Buffer, left: number, top: number): Promise<Buffer> =>
  sharp(picture)
    .extract({ left, top, width: side - 16, height: side - 16 })
    .png()
    .toBuffer();

test.each([
  [50, 75],
  [70, 90],
])(
  'a crop of a picture of quality %i, saved at %i, shows its old grid in every scene',
  async (first, second) => {
    for (const scene of await scenes()) {
      const bytes = await saved(await cropped(await saved(scene, first), 3, 5), second);
      const { findings } = await runAnalysis(jpegShifted, bytes);
      expect(findings[0]).toMatchObject({ code: 'old-grid', data: { gridX: 5, gridY: 3 } });
      expect(Math.abs((findings[0]!.data!['quality'] as number) - first)).toBeLessThanOrEqual(4);
    }
  },
);

test.each([60, 75, 90])(
  'a picture that was saved once, at quality %i, shows no old grid',
  async (quality) => {
    for (const scene of await scenes())
      expect((await runAnalysis(jpegShifted, await saved(scene, quality))).findings[0]!.code).toBe(
        'no-old-grid',
      );
  },
);

test('a pasted part of a saved picture stands out in the map of its old grid', async () => {
  const all = await scenes();
  const areas: number[] = [];
  for (const [i, scene] of all.entries()) {
    const source = await saved(all[(i + 1) % all.length]!, 50);
    const { findings, maps } = await runAnalysis(
      jpegShifted,
      await saved(await pasteInto(scene, source, { x: 3, y: 5 }), 92),
    );
    if (findings[0]!.code === 'old-grid') areas.push(areaUnderCurve(maps![0]!));
  }
  expect(areas.length).toBeGreaterThanOrEqual(3);
  expect(areas.reduce((sum, area) => sum + area, 0) / areas.length).toBeGreaterThan(0.85);
});

test('the block grid is found where it begins, and not in a picture that was never saved', async () => {
  for (const scene of await scenes()) {
    const picture = await saved(scene, 60);
    expect((await runAnalysis(jpegGrid, picture)).findings[0]).toMatchObject({ code: 'grid' });
    const { findings, maps } = await runAnalysis(jpegGrid, await cropped(picture, 3, 5));
    expect(findings[0]).toMatchObject({
      code: 'shifted-grid',
      severity: 'notice',
      data: { gridX: 5, gridY: 3 },
    });
    expect(maps![0]!.width).toBe(Math.floor((side - 16) / 64));
    expect((await runAnalysis(jpegGrid, scene)).findings[0]!.code).toBe('no-grid');
  }
});
