/** Where the tables name blobs: by foreign keys, which the database guards itself, and inside JSON columns, listed here. */
import type { Sqlite } from './better-sqlite.ts';

export type BlobColumn = { table: string; column: string };

/**
 * JSON columns in which every string that looks like a SHA-256 names a blob, or only the members of these names do. A
 * feature adds its own.
 */
const jsonColumns: readonly (BlobColumn & { members?: readonly string[] })[] = [
  { table: 'verdicts', column: 'maps' },
  { table: 'analyses', column: 'maps' },
  { table: 'analyses', column: 'files' },
  { table: 'run_samples', column: 'sample' },
  { table: 'model_evaluations', column: 'pictures', members: ['thumbnail'] },
  // Undoing and redoing put these items in place again; a group may be named like a hash and is none.
  { table: 'dataset_edit_items', column: 'before', members: ['sha256', 'mask'] },
  { table: 'dataset_edit_items', column: 'after', members: ['sha256', 'mask'] },
];

/** A hash that a JSON column names, and how many rows do. */
export type NamedBlob = BlobColumn & { hash: string; rows: number };

/** Every blob that a JSON column names, once a column. */
export function blobsNamedInJson(sqlite: Sqlite): NamedBlob[] {
  return jsonColumns.flatMap(({ table, column, members }) =>
    sqlite
      .prepare<[{ members: string | null }], { hash: string; rows: number }>(
        `SELECT node.value AS hash, count(*) AS rows FROM ${table}, json_tree(${table}.${column}) AS node
         WHERE node.type = 'text' AND length(node.value) = 64 AND node.value NOT GLOB '*[^0-9a-f]*'
           AND (:members IS NULL OR node.key IN (SELECT value FROM json_each(:members))) GROUP BY node.value`,
      )
      .all({ members: members ? JSON.stringify(members) : null })
      .map((row) => ({ table, column, ...row })),
  );
}
