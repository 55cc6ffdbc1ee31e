/**
 * Reads another workspace without touching it: its database is copied into a temporary folder and opened there, brought to
 * this version if it is older. So it may lie on a medium that cannot be written, and nothing in its folder changes.
 */
import { existsSync } from 'node:fs';
import { copyFile, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Kysely, SqliteDialect } from 'kysely';
import { AppError } from '#contract/errors.ts';
import { workspaceError } from './better-sqlite.ts';
import { filesFolder } from './file-home.ts';
import { openDatabase } from './open-database.ts';
import type { WorkspaceDatabase } from './schema.ts';
import { SettingStore } from './setting-store.ts';
import type { Database } from './workspace.ts';

export type ReadWorkspace = {
  db: Database;
  /** Where one of its files should lie; it must be hashed before it is believed. */
  blobPath(hash: string): string;
  close(): Promise<void>;
};

const attempts = 3;

/**
 * Errors: `file_not_found` where there is no workspace, `workspace_locked` where a program keeps writing it,
 * `workspace_damaged`, `workspace_from_future`, `disk_full`.
 */
export async function readWorkspace(folder: string): Promise<ReadWorkspace> {
  const original = path.join(path.resolve(folder), 'workspace.sqlite');
  if (!existsSync(original))
    throw new AppError('file_not_found', `There is no workspace in ${folder}: it holds no workspace.sqlite.`);
  const temporary = await mkdtemp(path.join(tmpdir(), 'pentimento-read-'));
  const remove = (): Promise<void> => rm(temporary, { recursive: true, force: true });
  try {
    const copy = path.join(temporary, 'workspace.sqlite');
    await copyUnchanged(original, copy);
    const sqlite = await openDatabase(copy);
    const files = filesFolder(path.resolve(folder), new SettingStore(sqlite).get('files'));
    const db = new Kysely<WorkspaceDatabase>({ dialect: new SqliteDialect({ database: sqlite }) });
    return {
      db,
      blobPath: (hash) => path.join(files, hash.slice(0, 2), hash),
      close: async () => {
        await db.destroy();
        sqlite.close();
        await remove();
      },
    };
  } catch (error) {
    await remove();
    throw workspaceError(error, folder);
  }
}

/** Copies the database with its log of what is not in it yet, both as they were at one moment. */
async function copyUnchanged(original: string, copy: string): Promise<void> {
  const state = async (): Promise<string> => {
    const files = await Promise.all(
      [original, `${original}-wal`].map((file) => stat(file).catch(() => null)),
    );
    return files.map((file) => (file ? `${file.size} ${file.mtimeMs}` : 'none')).join(', ');
  };
  for (let attempt = 0; attempt < attempts; attempt++) {
    const before = await state();
    await copyFile(original, copy);
    await rm(`${copy}-wal`, { force: true });
    if (existsSync(`${original}-wal`)) await copyFile(`${original}-wal`, `${copy}-wal`);
    if ((await state()) === before) return;
  }
  throw new AppError(
    'workspace_locked',
    `The workspace of ${original} is being written by another program.`,
    {
      hint: 'Close the program that holds it, or wait until it is done, and try again.',
    },
  );
}
