/**
 * Opens a database that cannot be written, e.g. on a read-only medium or a full disk: a copy of it in memory, brought to this
 * version there. The file and its folder are only read. What is written into the copy is lost with it.
 */
import { copyFileSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { AppError } from '#contract/errors.ts';
import { loadBetterSqlite, workspaceError, type Sqlite } from './better-sqlite.ts';
import { migrations } from './migrations/migrations.ts';
import { migrate, refuseForeign } from './open-database.ts';

/** Errors: `workspace_damaged`, `workspace_from_future`, and those of reading the file. */
export async function openSnapshot(file: string): Promise<Sqlite> {
  const Database = await loadBetterSqlite();
  let database: Sqlite | undefined;
  try {
    refuseForeign(file, migrations.at(-1)?.number ?? 0);
    const bytes = await wholeDatabase(file);
    // The header's versions of the file format: a database in memory has no write-ahead log.
    bytes.fill(1, 18, 20);
    database = new Database(bytes);
    database.pragma('foreign_keys = ON');
    const check = database.pragma('quick_check(1)', { simple: true });
    if (check !== 'ok')
      throw new AppError('workspace_damaged', `The database ${file} is damaged: ${String(check)}.`);
    await migrate(database, migrations, null);
    return database;
  } catch (error) {
    database?.close();
    throw workspaceError(error, file);
  }
}

/** The file's bytes; with what a killed program left in its write-ahead log, which takes a copy elsewhere to read. */
export async function wholeDatabase(file: string): Promise<Buffer> {
  const log = `${file}-wal`;
  if (!statSync(log, { throwIfNoEntry: false })?.size) return readFileSync(file);
  const folder = mkdtempSync(path.join(tmpdir(), 'pentimento-'));
  try {
    const copy = path.join(folder, 'copy.sqlite');
    copyFileSync(file, copy);
    copyFileSync(log, `${copy}-wal`);
    const Database = await loadBetterSqlite();
    const database = new Database(copy);
    try {
      return database.serialize();
    } finally {
      database.close();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
