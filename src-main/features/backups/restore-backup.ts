/** Builds a workspace from a backup of another: files first, the database last, so that half of one is never taken for a whole. */
import { constants, cpSync, existsSync, mkdirSync, rmSync } from 'node:fs';
import { copyFile, rename } from 'node:fs/promises';
import path from 'node:path';
import { AuditHeadFile, noHash } from '#storage/audit-head.ts';
import { loadBetterSqlite, workspaceError } from '#storage/better-sqlite.ts';
import { Workspace } from '#storage/workspace.ts';

export type Restoration = {
  folder: string;
  blobs: number;
  /** Files that the backup knows and that are no longer there. */
  missing: number;
};

export async function restoreInto(
  target: string,
  { backup, workspace }: { backup: string; workspace: Workspace },
): Promise<Restoration> {
  const wasThere = existsSync(target);
  try {
    mkdirSync(target, { recursive: true });
    const { hashes, runs, head } = await readBackup(backup);
    const blobs = path.join(target, 'blobs');
    let missing = 0;
    for (const hash of hashes) {
      const source = workspace.blobs.pathOf(hash);
      const copy = path.join(blobs, hash.slice(0, 2), hash);
      mkdirSync(path.dirname(copy), { recursive: true });
      if (existsSync(source)) await copyFile(source, copy, constants.COPYFILE_FICLONE);
      else missing++;
    }
    for (const id of runs) {
      const source = workspace.runFolder(id);
      if (existsSync(source)) cpSync(source, path.join(target, 'runs', id), { recursive: true });
    }
    if (head !== null) new AuditHeadFile(target).prepare(head)();
    const database = path.join(target, 'workspace.sqlite');
    await copyFile(backup, `${database}.partial`);
    await rename(`${database}.partial`, database);
    await recordRestoration(target, path.basename(backup), head);
    return { folder: target, blobs: hashes.length - missing, missing };
  } catch (error) {
    for (const name of ['blobs', 'runs', 'audit-head.json', 'workspace.sqlite', 'workspace.sqlite.partial'])
      rmSync(path.join(target, name), { recursive: true, force: true });
    if (!wasThere) rmSync(target, { recursive: true, force: true });
    throw workspaceError(error, target);
  }
}

async function readBackup(file: string) {
  const Database = await loadBetterSqlite();
  const database = new Database(file, { readonly: true });
  try {
    const column = (sql: string): string[] => database.prepare<[], string>(sql).pluck().all() as string[];
    const hasLog = column(`SELECT name FROM sqlite_schema WHERE name = 'audit_log'`).length > 0;
    const last = hasLog
      ? database
          .prepare<[], { entries: number; hash: string }>(
            'SELECT sequence AS entries, hash FROM audit_log ORDER BY sequence DESC LIMIT 1',
          )
          .get()
      : undefined;
    return {
      hashes: column('SELECT hash FROM blobs'),
      runs: column('SELECT id FROM training_runs'),
      head: hasLog ? (last ?? { entries: 0, hash: noHash }) : null,
    };
  } finally {
    database.close();
  }
}

/** The restored workspace goes on with the log of the backup, and says so. Its files lie in its own folder. */
async function recordRestoration(folder: string, file: string, head: object | null): Promise<void> {
  const restored = await Workspace.open(folder, { holder: 'a restoration', files: null });
  try {
    await restored.db.transaction().execute(async (transaction) => {
      restored.audit.record(transaction, {
        action: 'workspace.restored',
        subject: { kind: 'workspace', id: 'workspace' },
        payload: { file, head: head as null },
      });
    });
  } finally {
    await restored.close();
  }
}
