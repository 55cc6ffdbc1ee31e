/** Opens the workspace's database: refuses what is not ours without touching it, then brings it to this version. */
import { closeSync, openSync, readSync, statSync } from 'node:fs';
import path from 'node:path';
import { AppError } from '#contract/errors.ts';
import { settingSchemas } from '#contract/setting.ts';
import { makeBackup } from './backups.ts';
import { loadBetterSqlite, workspaceError, type Sqlite } from './better-sqlite.ts';
import { SettingStore } from './setting-store.ts';
import { auditLog } from './migrations/0080-audit-log.ts';
import { migrations, type Migration } from './migrations/migrations.ts';

/** SQLite's `application_id` of a workspace: the letters "PENT". */
export const applicationId = 0x50454e54;

/**
 * Opens `file`, creating it where it is absent, with every migration applied.
 * Write-ahead logging lets readers go on while the one writer writes. `synchronous = FULL` makes each commit survive
 * a power cut, not only a crash of the program: an answer "it is taken in" must stay true. It costs one flush a
 * transaction, which is why imports and metrics are written in batches.
 * Errors: `workspace_damaged`, `workspace_from_future`, `workspace_not_writable`, `disk_full`.
 */
export async function openDatabase(file: string, list: readonly Migration[] = migrations): Promise<Sqlite> {
  const Database = await loadBetterSqlite();
  let database: Sqlite | undefined;
  try {
    refuseForeign(file, list.at(-1)?.number ?? 0);
    database = new Database(file);
    // Before the journal changes, so that the file itself says whose it is from its first page on.
    if (readPragma(database, 'application_id') !== applicationId)
      database.pragma(`application_id = ${applicationId}`);
    database.pragma('journal_mode = WAL');
    database.pragma('synchronous = FULL');
    database.pragma('foreign_keys = ON');
    // 32 MB. A page of a long list is found by reading one whole index; of 100,000 items, 16 MB were seen to do as well as
    // 64, because the operating system keeps the file too.
    database.pragma('cache_size = -32768');
    const check = database.pragma('quick_check(1)', { simple: true });
    if (check !== 'ok')
      throw new AppError('workspace_damaged', `The database ${file} is damaged: ${String(check)}.`);
    await migrate(database, list, path.join(path.dirname(file), 'backups'));
    return database;
  } catch (error) {
    database?.close();
    throw workspaceError(error, file);
  }
}

/**
 * Applies what is missing of `list`, in order, each in one transaction with its number, after a backup of what was there
 * into the folder `backups`; null for a copy that nobody keeps.
 */
export async function migrate(
  database: Sqlite,
  list: readonly Migration[],
  backups: string | null,
): Promise<void> {
  const current = readPragma(database, 'user_version');
  const missing = list.filter((migration) => migration.number > current);
  if (current > 0 && missing.length > 0 && backups !== null)
    await makeBackup(database, backups, {
      reason: 'migration',
      kept:
        current < auditLog.number
          ? settingSchemas.backupsKept.parse(undefined)
          : new SettingStore(database).get('backupsKept'),
    });
  for (const migration of missing)
    database
      .transaction(() => {
        database.exec(migration.sql);
        database.pragma(`user_version = ${migration.number}`);
      })
      .immediate();
  // So that the file's header tells a later, older program the truth.
  if (missing.length > 0) database.pragma('wal_checkpoint(TRUNCATE)');
}

export const readPragma = (database: Sqlite, name: string): number =>
  Number(database.pragma(name, { simple: true }));

/** Reads the 100-byte header that every SQLite file begins with (https://sqlite.org/fileformat.html, 1.3). */
export function readHeader(file: string): { isDatabase: boolean; isOurs: boolean; schema: number } {
  const header = Buffer.alloc(100);
  const descriptor = openSync(file, 'r');
  const length = readSync(descriptor, header, 0, 100, 0);
  closeSync(descriptor);
  return {
    isDatabase: length === 100 && header.toString('latin1', 0, 16) === 'SQLite format 3\0',
    isOurs: header.readUInt32BE(68) === applicationId,
    schema: header.readUInt32BE(60),
  };
}

/** Errors: `workspace_damaged` for what is no database of this program, `workspace_from_future`. */
export function refuseForeign(file: string, newest: number): void {
  const stat = statSync(file, { throwIfNoEntry: false });
  if (stat === undefined || (stat.isFile() && stat.size === 0)) return;
  if (!stat.isFile()) throw new AppError('workspace_damaged', `${file} is not a file.`);
  const { isDatabase, isOurs, schema: version } = readHeader(file);
  if (!isDatabase) throw new AppError('workspace_damaged', `${file} is not a database.`);
  if (!isOurs)
    throw new AppError('workspace_damaged', `${file} is a database of another program.`, {
      hint: 'Choose another folder with --data-dir; the file was left as it is.',
    });
  if (version > newest)
    throw new AppError(
      'workspace_from_future',
      `${file} was written by a newer version of Pentimento (schema ${version}; this one knows ${newest}).`,
    );
}
