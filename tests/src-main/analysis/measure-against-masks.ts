/**
 * Measures every analysis that draws maps against the masks of `../shared/data/manipulated`:
 * `node tests/src-main/analysis/measure-against-masks.ts [pictures a set]`. Prints a table of mean pixel AUCs. Not a test: it takes
 * minutes.
 */
import path from 'node:path';
import { loadAnalyses } from '#analysis/registry.ts';
import { sharedData } from '#tests/support/shared-data.ts';
import { agreement, manipulatedSet, mapsOver, maskOver } from './against-masks.ts';

const folder = sharedData();
if (folder === null) throw new Error('../shared/data is absent');
const most = Number(process.argv[2] ?? Infinity);
const sets = ['casia1_splice', 'casia1_copymove', 'imd2020'];
const mean = (values: readonly number[]): string =>
  (values.reduce((sum, value) => sum + value, 0) / values.length).toFixed(2);

console.log(`| map | ${sets.join(' | ')} |\n|---|${sets.map(() => '---').join('|')}|`);
for (const analysis of (await loadAnalyses()).filter(
  ({ needs, references }) => needs === 'pixels' && !references,
)) {
  const rows = new Map<string, string[]>();
  for (const [column, set] of sets.entries()) {
    const found = new Map<string, { high: number; different: number }[]>();
    const pictures = manipulatedSet(path.join(folder, 'manipulated', set), most);
    for (const { image, mask } of pictures)
      for (const map of (await mapsOver(analysis, image)) ?? []) {
        const agreed = agreement(map, await maskOver(map, mask));
        if (agreed) found.set(map.name, [...(found.get(map.name) ?? []), agreed]);
      }
    for (const [name, list] of found) {
      const row = rows.get(name) ?? sets.map(() => 'not run');
      row[column] =
        `${mean(list.map(({ high }) => high))} / ${mean(list.map(({ different }) => different))} (${list.length} of ${pictures.length})`;
      rows.set(name, row);
    }
  }
  for (const [name, row] of rows) console.log(`| ${analysis.name}, ${name} | ${row.join(' | ')} |`);
}
