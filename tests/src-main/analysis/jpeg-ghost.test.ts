/** JPEG ghosts of parts with a history of their own. */
import { expect, test } from 'vitest';
import { jpegGhost } from '#analysis/jpeg-ghost/method.ts';
import { areaUnderCurve, pasteInto, saved, scenes } from './double-saved.ts';
import { runAnalysis } from './run-analysis.ts';

test('a part that was saved at quality 65 is darkest in the map of that quality, once the whole was saved at 90', async () => {
  const areas: number[] = [];
  for (const scene of await scenes()) {
    const forged = await saved(await pasteInto(scene, await saved(scene, 65)), 90);
    const { maps, details } = await runAnalysis(jpegGhost, forged);
    expect(details!['qualities']).toEqual([45, 50, 55, 60, 65, 70, 75, 80, 85, 90, 95]);
    const map = maps!.find(({ name }) => name === 'quality-65')!;
    areas.push(1 - areaUnderCurve(map));
  }
  expect(Math.min(...areas)).toBeGreaterThan(0.8);
});

test('a picture that was saved whole at quality 70 first has its ghost there; one saved once has none', async () => {
  const [scene] = await scenes();
  const twice = await runAnalysis(jpegGhost, await saved(await saved(scene!, 70), 95));
  expect(twice.findings[0]!.code).toBe('ghost-of-the-whole');
  expect(twice.findings[0]!.data!['qualities']).toContain(70);
  const once = await runAnalysis(jpegGhost, scene!);
  expect(once.findings[0]!.code).toBe('no-ghost-of-the-whole');
});

test('too many qualities, or too few, are refused', async () => {
  const [scene] = await scenes();
  const asked = runAnalysis(jpegGhost, scene!, { from: 20, to: 100, step: 1 });
  await expect(asked).rejects.toMatchObject({ code: 'invalid_input' });
});
