/**
 * The lock of a workspace: one program at a time writes it, and a second one learns who that is.
 *
 * The lock file is a tiny SQLite database. Its one row names the holder; exclusion itself is the operating system's
 * lock on that file (a write transaction that stays open), so that it ends with the holder's process however that
 * dies, and no reused process number, second host or container can make a live lock look stale.
 * Never open the lock file by other means in the process that holds it: POSIX would drop the lock.
 */
import { randomUUID } from 'node:crypto';
import { existsSync, rmSync } from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';
import { AppError } from '#contract/errors.ts';
import { loadBetterSqlite, sqliteCode, workspaceError, type Sqlite } from './better-sqlite.ts';

export type LockHolder = { pid: number; host: string; program: string; since: number };

export class WorkspaceLock {
  /** Whether the program that held the workspace before ended without closing it. */
  readonly leftOpen: boolean;
  readonly #database: Sqlite;
  readonly #file: string;
  readonly #created: boolean;

  private constructor(database: Sqlite, file: string, created: boolean, leftOpen: boolean) {
    this.#database = database;
    this.#file = file;
    this.#created = created;
    this.leftOpen = leftOpen;
  }

  /** Takes the lock of `folder`, which must exist. Errors: `workspace_locked`, `workspace_not_writable`, `disk_full`. */
  static async take(folder: string, program: string): Promise<WorkspaceLock> {
    const Database = await loadBetterSqlite();
    const file = path.join(folder, 'lock');
    const created = !existsSync(file);
    let database: Sqlite | undefined;
    try {
      database = new Database(file, { timeout: 0 });
      return new WorkspaceLock(database, file, created, hold(database, program));
    } catch (error) {
      const holder =
        database && sqliteCode(error).startsWith('SQLITE_BUSY') ? readHolder(database) : undefined;
      database?.close();
      if (holder !== undefined) throw locked(folder, holder);
      throw workspaceError(error, folder);
    }
  }

  /** Gives the lock back. The file stays, because removing it could pull it from under a program that waits. */
  release(): void {
    if (!this.#database.open) return;
    this.#database.exec('DELETE FROM holder');
    this.#database.exec('COMMIT');
    this.#database.close();
  }

  /** Gives the lock back and leaves the folder as it was found; for a workspace that was refused. */
  withdraw(): void {
    if (this.#created) {
      this.#database.close();
      rmSync(this.#file, { force: true });
    } else if (this.leftOpen) this.#database.close();
    else this.release();
  }
}

/** Leaves `database` in an open write transaction with the holder's row committed before it. */
function hold(database: Sqlite, program: string): boolean {
  const nonce = randomUUID();
  let leftOpen = false;
  for (let attempt = 0; ; attempt++) {
    database.exec('BEGIN IMMEDIATE');
    database.exec(
      `CREATE TABLE IF NOT EXISTS holder (one INTEGER PRIMARY KEY CHECK (one = 1), pid INTEGER, host TEXT,
       program TEXT, since INTEGER, nonce TEXT) STRICT`,
    );
    leftOpen ||= database.prepare('SELECT 1 FROM holder').get() !== undefined;
    database
      .prepare('INSERT OR REPLACE INTO holder VALUES (1, ?, ?, ?, ?, ?)')
      .run(process.pid, hostname(), program, Date.now(), nonce);
    database.exec('COMMIT');
    // Between these two statements another program may slip in; then its row stands there, and it wins or we retry.
    database.exec('BEGIN IMMEDIATE');
    const row = database.prepare<[], { nonce: string }>('SELECT nonce FROM holder').get();
    if (row?.nonce === nonce) return leftOpen;
    database.exec('ROLLBACK');
    if (attempt === 20)
      throw new AppError('workspace_locked', 'Several programs want this workspace at once.');
  }
}

function readHolder(database: Sqlite): LockHolder | null {
  try {
    database.pragma('busy_timeout = 1000');
    const row = database.prepare<[], LockHolder>('SELECT pid, host, program, since FROM holder').get();
    return row ?? null;
  } catch {
    return null; // The holder is in the middle of taking or giving back the lock.
  }
}

function locked(folder: string, holder: LockHolder | null): AppError {
  if (holder === null)
    return new AppError('workspace_locked', `Another program is opening or closing the workspace ${folder}.`);
  const since = new Date(holder.since).toISOString();
  return new AppError(
    'workspace_locked',
    `The workspace ${folder} is held by ${holder.program} (process ${holder.pid} on ${holder.host}, since ${since}).`,
    { details: { holder } },
  );
}
