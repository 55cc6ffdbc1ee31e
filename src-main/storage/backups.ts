/**
 * Backups of the database: consistent copies made while it is open, by SQLite's online backup, each a single file that
 * passed an integrity check before it got its name. They hold every row, the audit log with them, and not the files of
 * the blob store, which never change.
 */
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import path from 'node:path';
import type { Backup } from '#contract/backup.ts';
import { AppError } from '#contract/errors.ts';
import { loadBetterSqlite, workspaceError, type Sqlite } from './better-sqlite.ts';

const named = /^(\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d-\d{3}Z)-(scheduled|requested|migration)\.sqlite$/;

/** Newest first. */
export function listBackups(folder: string): Backup[] {
  let names: string[];
  try {
    names = readdirSync(folder);
  } catch {
    return [];
  }
  return names
    .flatMap((name): Backup[] => {
      const [, time = '', reason] = named.exec(name) ?? [];
      if (reason === undefined) return [];
      const at = Date.parse(time.replace(/T(\d\d)-(\d\d)-(\d\d)-/, 'T$1:$2:$3.'));
      const stats = statSync(path.join(folder, name), { throwIfNoEntry: false });
      return stats ? [{ name, at, reason: reason as Backup['reason'], bytes: stats.size }] : [];
    })
    .toSorted((a, b) => b.at - a.at);
}

/**
 * Makes one in `folder`, then removes what is older than the `kept` newest.
 * Errors: `disk_full`, `workspace_not_writable`, `workspace_damaged` where the copy does not pass its check; nothing is
 * left of it then.
 */
export async function makeBackup(
  database: Sqlite,
  folder: string,
  { reason, kept }: { reason: Backup['reason']; kept: number },
): Promise<Backup> {
  const at = Date.now();
  const name = `${new Date(at).toISOString().replaceAll(/[:.]/g, '-')}-${reason}.sqlite`;
  const file = path.join(folder, name);
  const unfinished = `${file}.partial`;
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw workspaceError(error, folder);
  }
  try {
    for (const left of readdirSync(folder).filter((entry) => entry.includes('.partial')))
      rmSync(path.join(folder, left), { force: true });
    await database.backup(unfinished);
    await checkBackup(unfinished, { makeSingleFile: true });
    const descriptor = openSync(unfinished, 'r+');
    fsyncSync(descriptor);
    closeSync(descriptor);
    renameSync(unfinished, file);
  } catch (error) {
    rmSync(unfinished, { force: true });
    throw workspaceError(error, folder);
  }
  for (const old of listBackups(folder).slice(kept)) rmSync(path.join(folder, old.name), { force: true });
  return { name, at, reason, bytes: statSync(file).size };
}

/** Errors: `workspace_damaged` where the file is not a whole database. */
export async function checkBackup(file: string, options: { makeSingleFile?: boolean } = {}): Promise<void> {
  const Database = await loadBetterSqlite();
  const copy = new Database(file, { fileMustExist: true });
  try {
    // A copy of a database in WAL mode would need its log beside it.
    if (options.makeSingleFile) copy.pragma('journal_mode = DELETE');
    const check = copy.pragma('integrity_check(1)', { simple: true });
    if (check !== 'ok')
      throw new AppError('workspace_damaged', `The backup ${file} is damaged: ${String(check)}.`);
  } finally {
    copy.close();
  }
}
