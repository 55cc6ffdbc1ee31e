/**
 * A lock between processes for a short piece of synchronous work on a file. The lock is the operating system's, on an empty
 * SQLite file beside it, so that it ends with its holder however that dies. The lock file stays.
 */
import { AppError } from '#contract/errors.ts';
import { loadBetterSqlite, sqliteCode, workspaceError } from './better-sqlite.ts';

/** Milliseconds to wait for another process. */
const patience = 60_000;

/**
 * Runs `work` while no other process runs its own under the same lock file.
 * @throws AppError `file_unreadable` where another process holds the lock for a minute; whatever `work` throws
 */
export async function withFileLock<T>(lockFile: string, work: () => T): Promise<T> {
  const Database = await loadBetterSqlite();
  let database;
  try {
    database = new Database(lockFile, { timeout: patience });
    database.exec('BEGIN EXCLUSIVE');
  } catch (cause) {
    database?.close();
    if (sqliteCode(cause).startsWith('SQLITE_BUSY'))
      throw new AppError('file_unreadable', `Another program holds ${lockFile}.`, { cause });
    throw workspaceError(cause, lockFile);
  }
  try {
    return work();
  } finally {
    database.close();
  }
}
