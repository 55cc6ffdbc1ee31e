/**
 * Which files of the blob store anything refers to. Every text of every table is looked through, whatever it means: what
 * looks like a hash keeps the file of that hash. The audit log keeps nothing, since it tells of what was, and neither do facts
 * that were read of files.
 */
import type { Sqlite } from './better-sqlite.ts';

const withoutReferences = ['blobs', 'audit_log', 'settings', 'file_facts'];
const hash = /(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f])/g;

export function referencedHashes(sqlite: Sqlite): Set<string> {
  const columns = sqlite
    .prepare<[], { table: string; column: string }>(
      `SELECT t.name AS "table", c.name AS "column" FROM pragma_table_list AS t, pragma_table_info(t.name) AS c
       WHERE t.schema = 'main' AND t.type = 'table' AND t.name NOT LIKE 'sqlite_%' AND c.type IN ('TEXT', 'ANY')`,
    )
    .all()
    .filter(({ table }) => !withoutReferences.includes(table));
  const found = new Set<string>();
  for (const { table, column } of columns) {
    const texts = sqlite
      .prepare<[], string>(`SELECT DISTINCT "${column}" FROM "${table}" WHERE length("${column}") >= 64`)
      .pluck()
      .iterate();
    for (const text of texts) for (const [name] of String(text).matchAll(hash)) found.add(name);
  }
  return found;
}
