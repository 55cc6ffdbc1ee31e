/**
 * A workspace: one folder with the database, the blob store and the runs' folders, held by one program at a time.
 *
 * ```
 * <folder>/
 *   workspace.sqlite       datasets, runs, models, verdicts, jobs, the audit log
 *   audit-head.json        how long the audit log is, and the hash of its last entry
 *   blobs/ab/<sha256>      originals and derived files, by content
 *   runs/<runId>/          checkpoints and whatever the trainer writes
 *   backups/               copies of the database
 *   backends.json          how fast each compute backend was on this machine
 *   lock                   who holds it
 * ```
 */
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { Kysely } from 'kysely';
import { AppError } from '#contract/errors.ts';
import { AuditHeadFile } from './audit-head.ts';
import { AuditLog } from './audit-log.ts';
import { AuditedDialect } from './audited-dialect.ts';
import { workspaceError, type Sqlite } from './better-sqlite.ts';
import { BlobStore } from './blob-store.ts';
import { openDatabase } from './open-database.ts';
import { recordInterruptions, recordOpening } from './opening-entries.ts';
import type { WorkspaceDatabase } from './schema.ts';
import { SettingStore } from './setting-store.ts';
import { WorkspaceLock } from './workspace-lock.ts';

export type Database = Kysely<WorkspaceDatabase>;

export class Workspace {
  /** Absolute path. */
  readonly folder: string;
  readonly db: Database;
  readonly blobs: BlobStore;
  /** Every action that changes anything records itself here, in the transaction of its effect. */
  readonly audit: AuditLog;
  readonly settings: SettingStore;
  /** The connection below `db`, for pragmas and statements that Kysely does not write. */
  readonly sqlite: Sqlite;
  readonly #lock: WorkspaceLock;

  private constructor(folder: string, sqlite: Sqlite, lock: WorkspaceLock) {
    this.folder = folder;
    this.sqlite = sqlite;
    this.settings = new SettingStore(sqlite);
    this.audit = new AuditLog(sqlite, new AuditHeadFile(folder), this.settings);
    this.db = new Kysely({ dialect: new AuditedDialect(sqlite, this.audit) });
    this.blobs = new BlobStore(path.join(folder, 'blobs'), this.db);
    this.#lock = lock;
  }

  /**
   * Opens the workspace in `folder`, creating both where they are absent. What a program left unfinished when it
   * ended becomes `interrupted`. `holder` names this program to others that want the workspace.
   * Errors: `workspace_locked`, `workspace_not_writable`, `workspace_damaged`, `workspace_from_future`, `disk_full`,
   * `unsupported_host`; after each of them the folder is as it was.
   */
  static async open(folder: string, options: { holder: string }): Promise<Workspace> {
    const absolute = path.resolve(folder);
    try {
      mkdirSync(absolute, { recursive: true });
    } catch (error) {
      throw workspaceError(error, absolute);
    }
    const lock = await WorkspaceLock.take(absolute, options.holder);
    let sqlite: Sqlite | undefined;
    try {
      refuseHalfCopied(absolute);
      sqlite = await openDatabase(path.join(absolute, 'workspace.sqlite'));
      mkdirSync(path.join(absolute, 'runs'), { recursive: true });
      const workspace = new Workspace(absolute, sqlite, lock);
      const { audit } = workspace;
      await workspace.db.transaction().execute(async (transaction) => {
        recordOpening({ transaction, audit, sqlite: workspace.sqlite });
        await recordInterruptions({ transaction, audit, sqlite: workspace.sqlite });
      });
      await workspace.blobs.prepare();
      return workspace;
    } catch (error) {
      sqlite?.close();
      lock.withdraw();
      throw workspaceError(error, absolute);
    }
  }

  /** The file in which the trainer remembers its measurements of the backends; it may not exist yet. */
  get backendMeasurements(): string {
    return path.join(this.folder, 'backends.json');
  }

  /** The folder of the backups; it may not exist yet. */
  get backupsFolder(): string {
    return path.join(this.folder, 'backups');
  }

  /** The folder of a run; it may not exist yet. */
  runFolder(runId: string): string {
    if (!/^[A-Za-z0-9_-]{1,80}$/.test(runId))
      throw new AppError('invalid_input', `${JSON.stringify(runId)} is not the id of a run.`);
    return path.join(this.folder, 'runs', runId);
  }

  /** Closes the database and gives the lock back. Closing twice does nothing. */
  async close(): Promise<void> {
    await this.db.destroy();
    this.sqlite.close(); // Kysely leaves a connection open that it has not used.
    this.#lock.release();
  }
}

/** Stored files without the database that knows them are half a workspace, not a new one. */
function refuseHalfCopied(folder: string): void {
  const blobs = path.join(folder, 'blobs');
  if (existsSync(path.join(folder, 'workspace.sqlite')) || !existsSync(blobs)) return;
  if (readdirSync(blobs).some((name) => /^[0-9a-f]{2}$/.test(name)))
    throw new AppError('workspace_damaged', `${folder} holds stored files but no workspace.sqlite.`, {
      hint: 'Copy the whole workspace again, with its database; nothing was changed here.',
    });
}
