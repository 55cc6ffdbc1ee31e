/**
 * A workspace: one folder with the database, the blob store and the runs' folders, held by one program at a time.
 *
 * ```
 * <folder>/
 *   workspace.sqlite       datasets, runs, models, verdicts, jobs, the audit log
 *   audit-head.json        how long the audit log is, and the hash of its last entry
 *   blobs/ab/<sha256>      originals and derived files, by content; elsewhere where they were moved (file-home.ts)
 *   runs/<runId>/          checkpoints and whatever the trainer writes
 *   backups/               copies of the database
 *   backends.json          how fast each compute backend was on this machine
 *   lock                   who holds it
 * ```
 */
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { Kysely, type Transaction } from 'kysely';
import { AppError } from '#contract/errors.ts';
import { AuditHeadFile } from './audit-head.ts';
import { AuditLog } from './audit-log.ts';
import { AuditedDialect } from './audited-dialect.ts';
import { workspaceError, type Sqlite } from './better-sqlite.ts';
import { BlobStore } from './blob-store.ts';
import { expectFiles, filesFolder, readMark } from './file-home.ts';
import { removeEmpty, removeOldFiles } from './move-files.ts';
import { openDatabase } from './open-database.ts';
import { openSnapshot } from './open-snapshot.ts';
import { interrupt, recordInterruptions, recordOpening } from './opening-entries.ts';
import type { WorkspaceDatabase } from './schema.ts';
import { SettingStore } from './setting-store.ts';
import { WorkspaceLock } from './workspace-lock.ts';

export type Database = Kysely<WorkspaceDatabase>;

/** Failures after which a workspace can still be read. */
const unwritable = new Set(['workspace_not_writable', 'disk_full', 'files_missing']);

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
  /** Why it is open for reading only; null where it can be written. What changes anything then fails with this. */
  readonly readOnly: AppError | null;
  /** Null where it is open for reading only. */
  readonly #lock: WorkspaceLock | null;

  private constructor(
    folder: string,
    sqlite: Sqlite,
    access: { lock: WorkspaceLock; readOnly: null } | { lock: null; readOnly: AppError },
  ) {
    const { lock, readOnly } = access;
    this.folder = folder;
    this.readOnly = readOnly;
    this.sqlite = sqlite;
    this.settings = new SettingStore(sqlite);
    this.audit = new AuditLog(sqlite, new AuditHeadFile(folder), this.settings, readOnly);
    this.db = new Kysely({ dialect: new AuditedDialect(sqlite, this.audit) });
    this.blobs = new BlobStore(filesFolder(folder, this.settings.get('files')), this.db, readOnly);
    this.#lock = lock;
  }

  /**
   * Opens the workspace in `folder`, creating both where they are absent. What a program left unfinished when it
   * ended becomes `interrupted`. `holder` names this program to others that want the workspace. One that is there and
   * cannot be written (a read-only medium, a full disk) opens for reading, as it is at that moment: see `readOnly`.
   * Errors: `workspace_locked`, `workspace_not_writable`, `workspace_damaged`, `workspace_from_future`, `disk_full`,
   * `unsupported_host`; after each of them the folder is as it was. Where the folder of its files is not there it opens for
   * reading too; `files` says where that lies now, null for in the workspace's own folder.
   */
  static async open(
    folder: string,
    options: { holder: string; files?: string | null | undefined },
  ): Promise<Workspace> {
    const absolute = path.resolve(folder);
    try {
      mkdirSync(absolute, { recursive: true });
    } catch (error) {
      throw workspaceError(error, absolute);
    }
    // One that a failed opening has only begun is none.
    const wasThere = existsSync(path.join(absolute, 'workspace.sqlite'));
    try {
      return await Workspace.#openForWriting(absolute, options);
    } catch (cause) {
      const error = workspaceError(cause, absolute);
      const named = error.code === 'files_missing' && options.files !== undefined;
      if (!unwritable.has(error.code) || named || !wasThere) throw error;
      return Workspace.#openForReading(absolute, error);
    }
  }

  static async #openForReading(folder: string, why: AppError): Promise<Workspace> {
    const sqlite = await openSnapshot(path.join(folder, 'workspace.sqlite'));
    const message = `The workspace is open for reading only. ${why.message}`;
    const readOnly = new AppError('workspace_not_writable', message, { cause: why, hint: why.hint });
    const workspace = new Workspace(folder, sqlite, { lock: null, readOnly });
    await workspace.db.transaction().execute(interrupt);
    return workspace;
  }

  static async #openForWriting(
    absolute: string,
    { holder, files }: { holder: string; files?: string | null | undefined },
  ): Promise<Workspace> {
    const lock = await WorkspaceLock.take(absolute, holder);
    let sqlite: Sqlite | undefined;
    try {
      refuseHalfCopied(absolute);
      sqlite = await openDatabase(path.join(absolute, 'workspace.sqlite'));
      mkdirSync(path.join(absolute, 'runs'), { recursive: true });
      const workspace = new Workspace(absolute, sqlite, { lock, readOnly: null });
      const { audit } = workspace;
      await workspace.db.transaction().execute(async (transaction) => {
        recordOpening({ transaction, audit, sqlite: workspace.sqlite });
        if (files !== undefined) await workspace.#placeFiles(transaction, files);
        await recordInterruptions({ transaction, audit, sqlite: workspace.sqlite });
      });
      expectFiles(absolute, workspace.settings.get('files'));
      await workspace.blobs.prepare();
      await workspace.removeOldFiles();
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

  /** The file in which the processes that judge remember their providers; it may not exist yet. */
  get judgingProviders(): string {
    return path.join(this.folder, 'judging.json');
  }

  /** The folder of the backups; it may not exist yet. */
  get backupsFolder(): string {
    return path.join(this.folder, 'backups');
  }

  /** Takes away what a move of the files left where they were before; what cannot be removed now waits for the next opening. */
  async removeOldFiles(): Promise<void> {
    const home = this.settings.get('files');
    if (home === null || home.from === null) return;
    const { from, folder } = home;
    if (!(await removeOldFiles(from, this.blobs.folder))) return;
    await this.db.transaction().execute(async (transaction) => {
      await this.settings.set(transaction, 'files', folder === null ? null : { ...home, from: null });
      this.audit.record(transaction, {
        action: 'storage.old-files-removed',
        subject: { kind: 'workspace', id: 'workspace' },
        payload: { from },
      });
    });
    await removeEmpty(from);
  }

  /** The folder of a run; it may not exist yet. */
  runFolder(runId: string): string {
    if (!/^[A-Za-z0-9_-]{1,80}$/.test(runId))
      throw new AppError('invalid_input', `${JSON.stringify(runId)} is not the id of a run.`);
    return path.join(this.folder, 'runs', runId);
  }

  /** Errors: `files_missing` where the files of this workspace are not there. */
  async #placeFiles(transaction: Transaction<WorkspaceDatabase>, folder: string | null): Promise<void> {
    const before = this.settings.get('files');
    const place = folder === null ? null : path.resolve(folder);
    if ((before?.folder ?? null) === place) return;
    if (place !== null && (before === null || readMark(place)?.id !== before.id))
      throw new AppError('files_missing', `${place} does not hold the files of this workspace.`);
    const after = before && place !== null ? { ...before, folder: place, from: null } : null;
    await this.settings.set(transaction, 'files', after);
    this.audit.record(transaction, {
      action: 'setting.changed',
      subject: { kind: 'workspace', id: 'workspace' },
      payload: { key: 'files', from: before, to: after },
    });
    this.blobs.relocate(filesFolder(this.folder, after));
  }

  /** Closes the database and gives the lock back. Closing twice does nothing. */
  async close(): Promise<void> {
    await this.db.destroy();
    this.sqlite.close(); // Kysely leaves a connection open that it has not used.
    this.#lock?.release();
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
