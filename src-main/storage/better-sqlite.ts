/** Loads better-sqlite3, whose native code would crash an older Node.js, only after the host has been checked. */
import type SqliteDatabase from 'better-sqlite3';
import { AppError } from '#contract/errors.ts';

export type Sqlite = SqliteDatabase.Database;

/** Raises `unsupported_host` where the native code of better-sqlite3 13 is known to crash (Node.js before 22.18). */
export function assertSupportedHost(versions: { node: string; electron?: string | undefined }): void {
  if (versions.electron !== undefined) return;
  const [major = 0, minor = 0] = versions.node.split('.').map(Number);
  if (major > 22 || (major === 22 && minor >= 18)) return;
  throw new AppError(
    'unsupported_host',
    `Node.js ${versions.node} is too old: the database needs version 22.18 or newer.`,
  );
}

/** The constructor of better-sqlite3. Errors: `unsupported_host`. */
export async function loadBetterSqlite(): Promise<typeof SqliteDatabase> {
  assertSupportedHost(process.versions);
  const module = await import('better-sqlite3');
  return module.default;
}

/** The SQLite result code of an error, e.g. `SQLITE_BUSY`; empty for any other value. */
export const sqliteCode = (error: unknown): string =>
  error instanceof Error && 'code' in error && String(error.code).startsWith('SQLITE_')
    ? String(error.code)
    : '';

/** What a failure at the workspace's own files means for the person. `where` names the folder. */
export function workspaceError(cause: unknown, where: string): AppError {
  if (cause instanceof AppError) return cause;
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
  const message = cause instanceof Error ? cause.message : String(cause);
  if (code === 'ENOSPC' || code === 'EDQUOT' || code === 'SQLITE_FULL')
    return new AppError('disk_full', `There is no space left for the workspace ${where}.`, { cause });
  if (code.startsWith('SQLITE_CORRUPT') || code === 'SQLITE_NOTADB')
    return new AppError(
      'workspace_damaged',
      `The database of the workspace ${where} is damaged: ${message}.`,
      {
        cause,
      },
    );
  const unwritable = ['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EISDIR', 'EEXIST', 'EFBIG', 'ENOENT'];
  if (unwritable.includes(code) || /^SQLITE_(READONLY|CANTOPEN|IOERR|PERM)/.test(code))
    return new AppError('workspace_not_writable', `The workspace ${where} cannot be written: ${message}.`, {
      cause,
    });
  return AppError.from(cause);
}
