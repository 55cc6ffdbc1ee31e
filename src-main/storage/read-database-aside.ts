/** Looks into the database of a workspace that is not open here, e.g. because it cannot be opened: only reads, and takes no lock. */
import { statSync } from 'node:fs';
import { AppError } from '#contract/errors.ts';
import { loadBetterSqlite, type Sqlite } from './better-sqlite.ts';
import { readHeader } from './open-database.ts';
import { wholeDatabase } from './open-snapshot.ts';

/** A larger one is not read into memory. */
const bytesAtMost = 512 * 2 ** 20;

/**
 * Does something with a copy of the database in memory, whatever its schema.
 * Errors: `workspace_damaged` where it is not whole, or too large; those of reading the file, and of SQLite.
 */
export async function readDatabaseAside<T>(file: string, work: (sqlite: Sqlite) => T): Promise<T> {
  if (statSync(file).size > bytesAtMost)
    throw new AppError('workspace_damaged', `The database ${file} is too large to be looked into.`);
  const Database = await loadBetterSqlite();
  const bytes = await wholeDatabase(file);
  bytes.fill(1, 18, 20);
  const database = new Database(bytes);
  try {
    if (database.pragma('quick_check(1)', { simple: true }) !== 'ok')
      throw new AppError('workspace_damaged', `The database ${file} is damaged.`);
    return work(database);
  } finally {
    database.close();
  }
}

/** Whether it is a database, one of this program, and of which schema; nothing where there is no file. */
export function schemaOf(file: string): Record<string, unknown> {
  if (!statSync(file, { throwIfNoEntry: false })?.isFile()) return {};
  const { isDatabase, isOurs, schema } = readHeader(file);
  return { isDatabase, isOurs, schema };
}
