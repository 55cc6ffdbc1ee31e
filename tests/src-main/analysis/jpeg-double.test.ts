/** Double compression on one grid: the first quality is found, and where its traces are missing; single savings raise no alarm. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { jpegDouble } from '#analysis/jpeg-double/method.ts';
import { sharedData } from '#tests/support/shared-data.ts';
import { areaUnderCurve, pasteInto, saved, scenes } from './double-saved.ts';
import { runAnalysis } from './run-analysis.ts';

const codes = async (bytes: Buffer): Promise<string> =>
  (await runAnalysis(jpegDouble, bytes)).findings[0]!.code;

test.each([
  [50, 75],
  [65, 90],
  [75, 95],
])(
  'a first quality of %i under a second of %i is found in every scene, to within one',
  async (first, second) => {
    for (const scene of await scenes()) {
      const { findings } = await runAnalysis(jpegDouble, await saved(await saved(scene, first), second));
      expect(findings[0]).toMatchObject({ code: 'earlier-saving' });
      const { quality, upTo } = findings[0]!.data as { quality: number; upTo: number };
      expect(first).toBeGreaterThanOrEqual(quality - 1);
      expect(first).toBeLessThanOrEqual(upTo + 1);
    }
  },
);

test.each([60, 75, 90, 97])(
  'a picture that was saved once, at quality %i, raises no alarm',
  async (quality) => {
    for (const scene of await scenes())
      expect(await codes(await saved(scene, quality))).toBe('no-earlier-saving');
  },
);

test('a pasted part that was never saved stands out in the map', async () => {
  const areas: number[] = [];
  const all = await scenes();
  for (const [i, scene] of all.entries()) {
    const background = await saved(scene, 60);
    const forged = await saved(await pasteInto(background, all[(i + 1) % all.length]!), 90);
    const { maps } = await runAnalysis(jpegDouble, forged);
    areas.push(areaUnderCurve(maps![0]!));
  }
  expect(Math.min(...areas)).toBeGreaterThan(0.75);
  expect(areas.reduce((sum, area) => sum + area, 0) / areas.length).toBeGreaterThan(0.9);
});

const shared = sharedData();
test.skipIf(shared === null)(
  'camera and Unsplash photographs of the shared data raise no alarm',
  async () => {
    for (const folder of ['cameras_exif', 'unsplash_portraits']) {
      const found: string[] = [];
      for (const name of readdirSync(path.join(shared!, 'real', folder)).slice(0, 26))
        if ((await codes(readFileSync(path.join(shared!, 'real', folder, name)))) !== 'no-earlier-saving')
          found.push(name);
      expect(found).toEqual([]);
    }
  },
);
