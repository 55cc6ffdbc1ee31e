/**
 * Seals: digests of rows that hold results, kept in the payloads of audit entries, so that a result that was edited in
 * the database is no longer the one that its entry recorded.
 *
 * The digest of a row, or of all rows of a table that belong to one thing, is SHA-256 over one line a row in its order:
 * the canonical JSON of its columns, then LF. Columns that are null are left out, so that one that a later version adds
 * breaks no seal.
 */
import { createHash } from 'node:crypto';
import { canonicalJson } from './canonical-json.ts';
import type { Sqlite } from './better-sqlite.ts';

type SealedRows = {
  /** The column, or the expression of columns, that holds the id of what the rows belong to. */
  key: string;
  /** What rows of the id `:id` fulfil, where indexes do not find them by the key. */
  rowsOf?: string;
  /** The column that orders the rows of one id. */
  order: string;
  /** Columns that change without being a result. */
  omit: readonly string[];
  /** Whether every row must have been recorded by an entry; otherwise another table's rows see to that. */
  alone: boolean;
};

/** The tables whose rows are sealed. A feature that keeps results adds its own here. */
export const sealedTables = {
  cases: { key: 'id', order: 'id', omit: ['updated_at'], alone: true },
  // The latest verdict is that of the verdicts' rows.
  evidence_items: {
    key: 'id',
    order: 'id',
    omit: ['sequence', 'checked_at', 'verdict', 'score'],
    alone: true,
  },
  // All that was made from an item of evidence; what belongs to no item, by its case.
  derived_files: {
    key: 'coalesce(evidence_id, case_id)',
    rowsOf: 'evidence_id = :id OR (evidence_id IS NULL AND case_id = :id)',
    order: 'sequence',
    omit: ['sequence'],
    alone: true,
  },
  dataset_items: { key: 'id', order: 'id', omit: ['sequence'], alone: true },
  verdicts: { key: 'id', order: 'id', omit: ['sequence'], alone: true },
  analyses: { key: 'id', order: 'id', omit: ['sequence'], alone: true },
  reports: { key: 'id', order: 'id', omit: ['sequence'], alone: true },
  reviews: { key: 'id', order: 'id', omit: ['sequence'], alone: true },
  triage_results: { key: 'id', order: 'id', omit: ['sequence'], alone: true },
  dataset_versions: { key: 'id', order: 'id', omit: [], alone: true },
  dataset_version_items: { key: 'version_id', order: 'position', omit: [], alone: false },
  models: { key: 'id', order: 'id', omit: ['is_current'], alone: true },
  model_evaluations: { key: 'id', order: 'id', omit: [], alone: true },
  training_runs: { key: 'id', order: 'id', omit: [], alone: true },
  run_metrics: { key: 'run_id', order: 'step', omit: [], alone: false },
  imported_lists: { key: 'id', order: 'id', omit: [], alone: true },
  time_stamps: { key: 'id', order: 'id', omit: [], alone: true },
  checkpoints: { key: 'run_id', order: 'step', omit: [], alone: false },
} as const satisfies Record<string, SealedRows>;
export type SealedTable = keyof typeof sealedTables;

/** Seals of one entry, so that an entry stays small. */
export const sealedAtOnce = 1000;

/** Rows of one id. */
export type SealedRow = { table: SealedTable; id: string };
/** `digest` is null from where on the rows may change, until an entry seals them again. */
export type Seal = SealedRow & { digest: string | null };

/** The digest of the rows as they are now. */
export function digestRows(sqlite: Sqlite, { table, id }: SealedRow): string {
  const { key, order, rowsOf = `${key} = :id` }: SealedRows = sealedTables[table];
  const rows = sqlite
    .prepare<[{ id: string }], Record<string, string | number | null>>(
      `SELECT * FROM ${table} WHERE ${rowsOf} ORDER BY ${order}`,
    )
    .iterate({ id });
  return digestOf(table, rows);
}

/** The digest of rows of a table, in their order, wherever they come from; of no rows, that of no lines. */
export function digestOf(table: SealedTable, rows: Iterable<Record<string, string | number | null>>): string {
  const { omit }: SealedRows = sealedTables[table];
  const digest = createHash('sha256');
  for (const row of rows) {
    const kept = Object.entries(row).filter(([name, value]) => value !== null && !omit.includes(name));
    digest.update(`${canonicalJson(Object.fromEntries(kept))}\n`);
  }
  return digest.digest('hex');
}

/** The rows of a frozen version of a dataset. */
export const versionRows = (id: string): SealedRow[] => [
  { table: 'dataset_versions', id },
  { table: 'dataset_version_items', id },
];

/** The rows of a training run. */
export const runRows = (id: string): SealedRow[] => [
  { table: 'training_runs', id },
  { table: 'run_metrics', id },
  { table: 'checkpoints', id },
];

/** Every row of these tables, each of which an entry must have recorded. */
export const sealableRows = (sqlite: Sqlite, tables: Iterable<SealedTable>): SealedRow[] =>
  [...tables].flatMap((table) =>
    sqlite
      .prepare<[], string>(`SELECT DISTINCT ${sealedTables[table].key} FROM ${table} ORDER BY 1`)
      .pluck()
      .all()
      .map((id) => ({ table, id: id as string })),
  );

/** The tables of whose rows each must have been recorded. */
export const tablesToSeal = (Object.keys(sealedTables) as SealedTable[]).filter(
  (table) => sealedTables[table].alone,
);
/** Those that were sealed before an entry said which are. */
const sealedFirst: readonly SealedTable[] = ['verdicts', 'dataset_versions', 'models', 'training_runs'];

/** Those of which the log says that it recorded every row. */
export function tablesUnderSeal(sqlite: Sqlite): SealedTable[] {
  const named = sqlite
    .prepare<[], string>(
      `SELECT DISTINCT node.value FROM audit_log,
         json_each(CASE WHEN json_valid(payload) THEN payload ELSE '{}' END, '$.sealed') AS node
       WHERE action IN ('workspace.created', 'workspace.log-begun', 'workspace.seals-begun')`,
    )
    .pluck()
    .all() as string[];
  return tablesToSeal.filter((table) => sealedFirst.includes(table) || named.includes(table));
}
