/** Backups of the workspace: on request, on a schedule while the workbench is open, and back into another folder. */
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import type { Backup } from '#contract/backup.ts';
import { AppError } from '#contract/errors.ts';
import { checkBackup, listBackups, makeBackup } from '#storage/backups.ts';
import type { Workspace } from '#storage/workspace.ts';
import { restoreInto, type Restoration } from './restore-backup.ts';

const hour = 3_600_000;
const subject = { kind: 'workspace', id: 'workspace' } as const;

export class BackupService {
  readonly #workspace: Workspace;
  /** One at a time. */
  #last: Promise<unknown> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  /** What kept the last scheduled backup from being made. */
  problem: AppError | null = null;

  constructor(workspace: Workspace) {
    this.#workspace = workspace;
  }

  /** Newest first. */
  list(): Backup[] {
    return listBackups(this.#workspace.backupsFolder);
  }

  /** Errors: `disk_full`, `workspace_not_writable`, `workspace_damaged`. */
  async create(reason: Backup['reason'] = 'requested'): Promise<Backup> {
    const { db, sqlite, audit, settings, backupsFolder } = this.#workspace;
    const making = this.#last.then(async () => {
      const made = await makeBackup(sqlite, backupsFolder, { reason, kept: settings.get('backupsKept') });
      await db.transaction().execute(async (transaction) => {
        audit.record(transaction, {
          action: 'workspace.backed-up',
          subject,
          payload: { file: made.name, bytes: made.bytes, reason },
        });
      });
      return made;
    });
    this.#last = making.catch(() => undefined);
    return making;
  }

  /** Makes a backup now where the newest is old enough, and looks again every hour. */
  schedule(): void {
    const look = (): void => {
      const every = this.#workspace.settings.get('backupHours') * hour;
      const [newest] = this.list();
      if (every === 0 || (newest && Date.now() - newest.at < every && newest.at <= Date.now())) return;
      this.create('scheduled').then(
        () => (this.problem = null),
        (error: unknown) => (this.problem = AppError.from(error)),
      );
    };
    look();
    this.#timer = setInterval(look, hour);
    this.#timer.unref();
  }

  /** Ends the schedule and waits for a backup that is being made. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#last;
  }

  /**
   * Makes a workspace of its own in `target`, which must be empty or absent: the database of the backup, with the files
   * that it refers to as far as this workspace still has them.
   * Errors: `not_found`, `invalid_input`, `workspace_damaged`, `disk_full`, `workspace_not_writable`.
   */
  async restore(name: string, target: string): Promise<Restoration> {
    const { folder, backupsFolder } = this.#workspace;
    if (!this.list().some((backup) => backup.name === name))
      throw new AppError('not_found', `There is no backup ${name}.`);
    const absolute = path.resolve(target);
    const inside = path.relative(folder, absolute);
    if (inside === '' || !(inside.startsWith('..') || path.isAbsolute(inside)))
      throw new AppError('invalid_input', 'A backup is restored into a folder outside of its workspace.');
    if (existsSync(absolute) && readdirSync(absolute).length > 0)
      throw new AppError('invalid_input', `The folder ${absolute} is not empty.`);
    const file = path.join(backupsFolder, name);
    await checkBackup(file);
    return restoreInto(absolute, { backup: file, workspace: this.#workspace });
  }
}
