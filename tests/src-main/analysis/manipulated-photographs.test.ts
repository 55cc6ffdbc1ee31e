/** The analyses on published forgeries with true masks: `../shared/data/manipulated`. `measure-against-masks.ts` prints the whole table. */
import path from 'node:path';
import { expect, test } from 'vitest';
import { loadAnalysis } from '#analysis/registry.ts';
import { sharedData } from '#tests/support/shared-data.ts';
import { agreement, f1, manipulatedSet, mapsOver, maskOver } from './against-masks.ts';

const shared = sharedData();
const folderOf = (set: string): string => path.join(shared!, 'manipulated', set);
const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

test.skipIf(shared === null).each([
  ['copy-move', 0.85],
  ['copy-move-keypoints', 0.65],
])('%s marks the copied blocks of the Erlangen pictures with a mean F1 over %f', async (name, least) => {
  const analysis = await loadAnalysis(name);
  const scores: number[] = [];
  for (const { image, mask } of manipulatedSet(folderOf('erlangen_copymove'))) {
    const [copies] = (await mapsOver(analysis, image))!;
    scores.push(f1(copies!, await maskOver(copies!, mask)));
  }
  expect(scores).toHaveLength(5);
  expect(mean(scores)).toBeGreaterThan(least);
});

test.skipIf(shared === null)(
  'the ghosts of quality 75 show what was pasted into photographs of the web (IMD2020) with a mean pixel AUC over .65',
  async () => {
    const analysis = await loadAnalysis('jpeg-ghost');
    const areas: number[] = [];
    for (const { image, mask } of manipulatedSet(folderOf('imd2020'), 8)) {
      const map = (await mapsOver(analysis, image))!.find(({ name }) => name === 'quality-75')!;
      areas.push(agreement(map, await maskOver(map, mask))!.different);
    }
    expect(mean(areas)).toBeGreaterThan(0.65);
  },
);
