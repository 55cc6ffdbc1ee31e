/** Pages of evidence: every order and filter against a plain sort of all items, and the indexes that they are read by. */
import { beforeAll, expect, test } from 'vitest';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll } from 'vitest';
import {
  evidenceSort,
  evidenceState,
  type EvidenceFilter,
  type EvidenceItem,
  type EvidenceOrder,
} from '#contract/evidence.ts';
import { countQuery, pageQuery } from '#features/evidence/evidence-list.ts';
import { nameKey } from '#features/evidence/evidence-mapping.ts';
import { Workspace } from '#storage/workspace.ts';
import { evidenceServices } from './evidence-set-up.ts';
import { fillCase } from '#features/store-benchmark/fill-case.ts';

const count = 300;
let folder: string;
let workspace: Workspace;
let services: ReturnType<typeof evidenceServices>;
let caseId: string;
let all: EvidenceItem[];
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'pentimento-test-'));
  workspace = await Workspace.open(path.join(folder, 'workspace'), { holder: 'the tests' });
  services = evidenceServices(workspace);
  caseId = (await services.cases.create({ name: 'Doe' })).id;
  const other = (await services.cases.create({ name: 'Roe' })).id;
  await fillCase(workspace, other, 20, { prefix: 'other' });
  await fillCase(workspace, caseId, count);
  all = await services.items(caseId);
});
afterAll(async () => {
  await workspace.close();
  rmSync(folder, { recursive: true });
});

type Key = string | number | null;
const keys: Record<EvidenceOrder['sort'], (item: EvidenceItem) => Key[]> = {
  taken: () => [],
  name: (item) => [nameKey(item.name)],
  bytes: (item) => [item.bytes],
  pixels: (item) => [item.width * item.height],
  score: (item) => [item.score],
  state: (item) => [item.state, item.verdict],
};
/** As SQLite compares: null before everything else. */
function compare(a: readonly Key[], b: readonly Key[]): number {
  for (const [index, one] of a.entries()) {
    const other = b[index] ?? null;
    if (one === other) continue;
    if (one === null || other === null) return one === null ? -1 : 1;
    return one < other ? -1 : 1;
  }
  return 0;
}
function expected(filter: EvidenceFilter, { sort, descending }: EvidenceOrder): string[] {
  const kept = all.filter(
    (item) =>
      (filter.state === undefined || item.state === filter.state) &&
      (filter.verdict === undefined || (item.verdict ?? 'none') === filter.verdict) &&
      (filter.format === undefined || item.format === filter.format) &&
      (filter.tag === undefined || item.tags.includes(filter.tag)) &&
      (filter.text === undefined ||
        filter.text
          .toLowerCase()
          .split(' ')
          .every((word) => `${item.name} ${item.sourcePath} ${item.notes}`.toLowerCase().includes(word))),
  );
  // `all` is in order of intake, and sorting is stable.
  const sorted = kept.toSorted((a, b) => compare(keys[sort](a), keys[sort](b)));
  return (descending ? sorted.toReversed() : sorted).map((item) => item.id);
}

const filters: EvidenceFilter[] = [
  {},
  { state: 'changed' },
  { verdict: 'simulated' },
  { verdict: 'none' },
  { format: 'jpeg' },
  { tag: 'face' },
  { text: 'IMG_1' },
  { text: 'roll-2 img' },
  { state: 'intact', verdict: 'real', format: 'png', tag: 'night' },
  { text: 'nothing has this name' },
];
const orders = evidenceSort.options.flatMap((sort) => [
  { sort, descending: false },
  { sort, descending: true },
]);

test.each(orders)(
  'pages by $sort, descending $descending, are the parts of the whole sorted list',
  async (order) => {
    for (const filter of filters) {
      const wanted = expected(filter, order);
      const found: string[] = [];
      for (let offset = 0; offset < wanted.length + 70; offset += 70) {
        const { items, total } = await services.evidence.items(caseId, filter, order, { offset, limit: 70 });
        expect(total).toBe(wanted.length);
        found.push(...items.map((item) => item.id));
      }
      expect(found, JSON.stringify(filter)).toEqual(wanted);
    }
  },
);

test('the filters of the test above leave something, and leave something out', () => {
  const left = filters.map((filter) => expected(filter, { sort: 'taken', descending: false }).length);
  expect(left.at(0)).toBe(count);
  expect(left.at(-1)).toBe(0);
  for (const some of left.slice(1, -1)) expect([some > 0, some < count]).toEqual([true, true]);
});

test('a whole hash finds the item with these bytes, and numbers in names sort as people count', async () => {
  const wanted = all[7]!;
  const order = { sort: 'name', descending: false } as const;
  const page = { offset: 0, limit: 10 };
  const found = await services.evidence.items(caseId, { text: wanted.sha256.toUpperCase() }, order, page);
  expect(found.items.map((item) => item.id)).toEqual([wanted.id]);
  expect(['10.jpg', '9.jpg', 'a.jpg'].toSorted((a, b) => (nameKey(a) < nameKey(b) ? -1 : 1))).toEqual([
    ...['9.jpg', '10.jpg', 'a.jpg'],
  ]);
});

test('opening a case counts its items by state and verdict, and names their tags', async () => {
  const overview = await services.cases.overview('Doe');
  expect(overview.items).toBe(count);
  for (const state of evidenceState.options)
    expect(overview.states[state]).toBe(all.filter((item) => item.state === state).length);
  for (const verdict of ['real', 'simulated', 'inconclusive', 'none'] as const)
    expect(overview.verdicts[verdict]).toBe(
      all.filter((item) => (item.verdict ?? 'none') === verdict).length,
    );
  expect(overview.itemTags).toEqual(['face', 'night']);
});

test('every page and every count is found in covering indexes, and sorts nothing', () => {
  const queries = filters.flatMap((filter) => [
    countQuery(caseId, filter),
    ...orders.map((order) => pageQuery(caseId, filter, order, { offset: 200, limit: 100 })),
  ]);
  for (const query of queries) {
    const { sql, parameters } = query.compile(workspace.db);
    const plan = workspace.sqlite
      .prepare<unknown[], { detail: string }>(`EXPLAIN QUERY PLAN ${sql}`)
      .all(...parameters)
      .map((step) => step.detail);
    expect(plan.join('\n'), sql).not.toMatch(/TEMP B-TREE|SCAN/);
    const searches = plan.filter((step) => step.startsWith('SEARCH'));
    expect(searches.length, sql).toBeGreaterThan(0);
    for (const search of searches)
      expect(search, sql).toMatch(/USING COVERING INDEX evidence_\w+ \(case_id=\?/);
  }
});
