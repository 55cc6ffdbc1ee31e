/** The tables: what they refuse, and that the listed queries read them by index. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Sqlite } from '#storage/better-sqlite.ts';
import { migrations } from '#storage/migrations/migrations.ts';
import { openDatabase } from '#storage/open-database.ts';
import { a, b, badChanges, goodRows, type Row } from './table-rows.ts';

let folder: string;
let sqlite: Sqlite;
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'pentimento-test-'));
  sqlite = await openDatabase(path.join(folder, 'workspace.sqlite'));
  for (const [table, row] of Object.entries(goodRows)) insert(table, row);
});
afterAll(() => {
  sqlite.close();
  rmSync(folder, { recursive: true });
});
beforeEach(() => void sqlite.exec('BEGIN'));
afterEach(() => void sqlite.exec('ROLLBACK'));

function insert(table: string, row: Row): void {
  const names = Object.keys(row);
  const values = names.map((name) => `:${name}`);
  sqlite.prepare(`INSERT INTO ${table} (${names.join(', ')}) VALUES (${values.join(', ')})`).run(row);
}

/** What a second row of each table needs to differ in, and what must go so that it fits. */
const second: Record<string, { change: Row; remove?: string }> = {
  blobs: { change: { hash: b } },
  pictures: {
    change: {},
    remove: 'DELETE FROM dataset_items; DELETE FROM dataset_version_items; DELETE FROM pictures',
  },
  datasets: { change: { id: 'd2', name: 'Others' } },
  dataset_items: { change: { id: 'i2' }, remove: 'DELETE FROM dataset_items' },
  dataset_versions: { change: { id: 'version 2', number: 2 } },
  dataset_version_items: { change: { position: 2 } },
  dataset_edits: { change: { id: 'edit 2' } },
  dataset_edit_items: { change: { item_id: 'i2' } },
  file_facts: { change: {}, remove: 'DELETE FROM file_facts' },
  training_runs: { change: { id: 'r2' } },
  run_metrics: { change: { step: 2 } },
  run_samples: { change: { step: 2 } },
  run_log: { change: {} },
  checkpoints: { change: { step: 2 } },
  jobs: { change: { id: 'j2' } },
  models: { change: { id: 'm2', is_current: 0 } },
  model_evaluations: { change: { id: 'evaluation 2' } },
  analyses: { change: { id: 'n2' } },
  verdicts: { change: { id: 'v2' } },
  imported_lists: { change: { id: 'l2', name: 'Others' } },
  time_stamps: { change: {}, remove: 'DELETE FROM time_stamps' },
  cases: { change: { id: 'c2', name: 'Roe' } },
  evidence_items: {
    change: { id: 'e2' },
    remove: `DROP TRIGGER reviews_not_deleted; DELETE FROM reviews; DELETE FROM region_notes;
      DELETE FROM verdicts; DELETE FROM analyses;
      DELETE FROM derived_files; DELETE FROM evidence_items`,
  },
  derived_files: { change: {} },
  reports: { change: { id: 'report 2' } },
  reviews: { change: { id: 'review 2', position: 2, examiner_key: 'roe' } },
  region_notes: { change: { id: 'region 2' } },
  triage_runs: { change: { id: 'triage 2' } },
  triage_items: { change: { id: 'item 2', path: '/b.png' } },
  triage_results: { change: {}, remove: 'DELETE FROM triage_results' },
  audit_log: { change: { sequence: 2, previous: a, hash: b } },
  settings: { change: { key: 'other' } },
};

const cases = Object.keys(goodRows).flatMap((table) =>
  (badChanges[table] ?? []).map((bad) => ({ table, bad })),
);
test.each(cases)('$table refuses $bad', ({ table, bad }) => {
  const { change, remove = '' } = second[table] ?? { change: {} };
  sqlite.exec(remove);
  const good = { ...goodRows[table], ...change };
  expect(() => insert(table, { ...good, ...bad })).toThrow(
    /constraint failed|cannot store|follows the one before|is kept|that were taken in|never changes/,
  );
  insert(table, good);
});

test('every table has a good row, bad rows and a place in this test', () => {
  const names = sqlite.prepare(
    `SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'`,
  );
  const tables = names.pluck().all().toSorted();
  expect(Object.keys(goodRows).toSorted()).toEqual(tables);
  expect(Object.keys(badChanges).toSorted()).toEqual(tables);
});

test('a review is opened once and never changed otherwise, and never removed', () => {
  for (const change of [`verdict = 'simulated'`, `reasons = 'others'`, `blind = 0`, `examiner = 'Roe'`])
    expect(() => sqlite.exec(`UPDATE reviews SET opened_at = 2, ${change}`)).toThrow('never changes');
  expect(() => sqlite.exec('DELETE FROM reviews')).toThrow('never changes');
  sqlite.exec('UPDATE reviews SET opened_at = 2');
  for (const change of ['3', 'NULL'])
    expect(() => sqlite.exec(`UPDATE reviews SET opened_at = ${change}`)).toThrow('never changes');
});

test('migrations are numbered in ascending order, by tens, and every table is strict', () => {
  const numbers = migrations.map((migration) => migration.number);
  expect(numbers).toEqual([...new Set(numbers)].toSorted((one, other) => one - other));
  // These came beside others whose tens were taken.
  expect(numbers.filter((number) => number % 10 !== 0)).toEqual([191, 235]);
  const lax = sqlite.prepare(`SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table'
    AND name NOT LIKE 'sqlite_%' AND strict = 0`);
  expect(lax.all()).toEqual([]);
});

describe('what stands once', () => {
  test.each([
    ['datasets', { id: 'd2' }, 'datasets.name'],
    ['dataset_items', { id: 'i2' }, 'dataset_items.dataset_id, dataset_items.sha256'],
    ['run_metrics', {}, 'run_metrics.run_id, run_metrics.step'],
    ['models', { id: 'm2' }, 'models.is_current'],
    ['blobs', {}, 'blobs.hash'],
    ['cases', { id: 'c2' }, 'cases.name'],
    ['evidence_items', { id: 'e2' }, 'evidence_items.case_id, evidence_items.sha256'],
  ])('%s with %o is refused', (table, change, message) => {
    expect(() => insert(table, { ...goodRows[table], ...change })).toThrow(
      `UNIQUE constraint failed: ${message}`,
    );
  });
});

test('a group cannot stand in two splits of a dataset', () => {
  insert('blobs', { ...goodRows['blobs'], hash: b });
  insert('pictures', { ...goodRows['pictures'], sha256: b });
  const item = { ...goodRows['dataset_items'], id: 'i2', sha256: b };
  expect(() => insert('dataset_items', { ...item, split: 'test' })).toThrow(
    'a group stands in one split only',
  );
  insert('dataset_items', item);
  expect(() => sqlite.exec(`UPDATE dataset_items SET split = 'test' WHERE id = 'i2'`)).toThrow(
    'one split only',
  );
  sqlite.exec(`UPDATE dataset_items SET split = 'test', group_key = 'h' WHERE id = 'i2'`);
});

test('adding, changing and removing items forgets the manifest hash', () => {
  const remembered = (): unknown => sqlite.prepare('SELECT manifest_hash FROM datasets').pluck().get();
  const remember = (): unknown => sqlite.prepare('UPDATE datasets SET manifest_hash = ?').run(a);
  const changes = [
    `UPDATE dataset_items SET label = 'reference'`,
    `DELETE FROM dataset_items`,
    `INSERT INTO dataset_items (id, dataset_id, sha256, label, split, group_key, source_path, added_at)
     VALUES ('n', 'd', '${a}', 'real', 'train', 'g', '/n', 1)`,
  ];
  for (const change of changes) {
    remember();
    expect(remembered()).toBe(a);
    sqlite.exec(change);
    expect(remembered(), change).toBeNull();
  }
});

test('a run takes its metrics, samples, log and checkpoints with it, but not while a model came of it', () => {
  expect(() => sqlite.exec('DELETE FROM training_runs')).toThrow('FOREIGN KEY constraint failed');
  sqlite.exec('DELETE FROM triage_results; DELETE FROM triage_items; DELETE FROM triage_runs');
  sqlite.exec(
    'DELETE FROM verdicts; DELETE FROM model_evaluations; DELETE FROM models; DELETE FROM training_runs',
  );
  for (const table of ['run_metrics', 'run_samples', 'run_log', 'checkpoints'])
    expect(sqlite.prepare(`SELECT count(*) FROM ${table}`).pluck().get(), table).toBe(0);
});

test('listed queries read by index and sort nothing', () => {
  const queries = [
    `SELECT * FROM dataset_items WHERE dataset_id = ? ORDER BY sequence LIMIT 100 OFFSET 500`,
    `SELECT * FROM dataset_items WHERE dataset_id = ? AND label = ? ORDER BY sequence LIMIT 100`,
    `SELECT * FROM dataset_items WHERE dataset_id = ? AND split = ? ORDER BY sequence LIMIT 100`,
    `SELECT * FROM dataset_items WHERE dataset_id = ? AND label = ? AND split = ? ORDER BY sequence LIMIT 100`,
    `SELECT label, split, count(*) FROM dataset_items WHERE dataset_id = ? GROUP BY label, split`,
    `SELECT split FROM dataset_items WHERE dataset_id = ? AND group_key = ?`,
    `SELECT * FROM dataset_versions WHERE dataset_id = ? ORDER BY number DESC LIMIT 1`,
    `SELECT * FROM dataset_version_items WHERE version_id = ? ORDER BY position LIMIT 100 OFFSET 500`,
    `SELECT * FROM dataset_edits WHERE dataset_id = ? ORDER BY sequence DESC`,
    `SELECT * FROM dataset_edit_items WHERE edit_id = ?`,
    `SELECT id FROM training_runs WHERE dataset_version_id = ?`,
    `SELECT * FROM run_metrics WHERE run_id = ? AND step >= ? ORDER BY step`,
    `SELECT DISTINCT step FROM run_samples WHERE run_id = ? ORDER BY step`,
    `SELECT * FROM run_log WHERE run_id = ? ORDER BY sequence`,
    `SELECT * FROM checkpoints WHERE run_id = ? ORDER BY step DESC LIMIT 1`,
    `SELECT * FROM training_runs ORDER BY created_at DESC`,
    `SELECT * FROM jobs ORDER BY sequence DESC LIMIT 200`,
    `SELECT * FROM models ORDER BY created_at DESC`,
    `SELECT * FROM verdicts ORDER BY sequence DESC LIMIT 100`,
    `SELECT * FROM verdicts WHERE sha256 = ?`,
    `SELECT * FROM verdicts WHERE evidence_id = ? ORDER BY sequence DESC`,
    `SELECT * FROM analyses WHERE sha256 = ?`,
    `SELECT max(sequence) FROM analyses WHERE evidence_id = ? GROUP BY name`,
    `SELECT * FROM cases ORDER BY updated_at DESC, id DESC LIMIT 100`,
    `SELECT state, verdict, count(*) FROM evidence_items WHERE case_id = ? GROUP BY state, verdict`,
    `SELECT * FROM evidence_items WHERE case_id = ? AND sequence > ? ORDER BY sequence LIMIT 500`,
    `SELECT * FROM evidence_items WHERE case_id = ? AND sha256 = ?`,
    `SELECT * FROM evidence_items WHERE sha256 = ?`,
    `SELECT * FROM derived_files WHERE evidence_id = ? ORDER BY sequence`,
    `SELECT sequence, case_id, perceptual_hash FROM evidence_items WHERE sequence > ? ORDER BY sequence`,
    `SELECT * FROM reports WHERE case_id = ? ORDER BY sequence DESC`,
    `SELECT * FROM reviews WHERE evidence_id = ? ORDER BY position`,
    `SELECT * FROM region_notes WHERE evidence_id = ? AND removed_at IS NULL ORDER BY sequence`,
    `SELECT * FROM triage_items WHERE run_id = ? AND state = ? ORDER BY priority DESC, sequence LIMIT 1`,
    `SELECT * FROM triage_items WHERE run_id = ? AND state = ? AND sequence > ? ORDER BY sequence`,
    `SELECT * FROM triage_results WHERE run_id = ? AND sequence > ? ORDER BY sequence`,
    `SELECT sequence, hash FROM audit_log ORDER BY sequence DESC LIMIT 1`,
    `SELECT * FROM audit_log WHERE sequence > ? ORDER BY sequence LIMIT 500`,
    `SELECT * FROM audit_log WHERE subject_kind = ? AND subject_id = ? ORDER BY sequence`,
    `SELECT * FROM audit_log WHERE action = ? ORDER BY sequence`,
  ];
  for (const query of queries) {
    const marks = query.split('?').length - 1;
    const plan = sqlite.prepare<unknown[], { detail: string }>(`EXPLAIN QUERY PLAN ${query}`);
    const details = plan.all(...Array.from({ length: marks }, () => null)).map((step) => step.detail);
    expect(details.join('; '), query).not.toMatch(/TEMP B-TREE/);
    const scansAll = details.some((detail) => /^SCAN (?!.*USING)/.test(detail));
    const inOrderOfRows = /ORDER BY sequence DESC/.test(query) && marks === 0;
    expect(scansAll, `${query}: ${details.join('; ')}`).toBe(inOrderOfRows);
  }
});
