/**
 * Where the files of the workspace lie, and moving all of them, e.g. to a larger disk. Every file is copied and read again
 * before the workspace knows the new place, in one transaction; only then are the old ones removed. A move that was
 * stopped or killed before that left everything where it was, and goes on when it is started again with the same folder.
 */
import { mkdirSync, realpathSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import path from 'node:path';
import type { MovedFiles, StoredFilesPlace } from '#contract/stored-files.ts';
import { AppError } from '#contract/errors.ts';
import type { JobContext, JobService } from '#features/jobs/job.service.ts';
import { workspaceError } from '#storage/better-sqlite.ts';
import { filesFolder, isFree, readMark, writeMark } from '#storage/file-home.ts';
import { copyFiles, type CopiedFiles } from '#storage/move-files.ts';
import { newId } from '#storage/new-id.ts';
import type { Workspace } from '#storage/workspace.ts';

export class StoredFilesService {
  readonly #workspace: Workspace;
  readonly #jobs: JobService;

  constructor({ workspace, jobs }: { workspace: Workspace; jobs: JobService }) {
    this.#workspace = workspace;
    this.#jobs = jobs;
  }

  async where(): Promise<StoredFilesPlace> {
    const { folder } = this.#workspace.blobs;
    const disk = await statfs(folder).catch(() => null);
    const own = folder === filesFolder(this.#workspace.folder, null);
    return { folder, own, freeBytes: disk && disk.bavail * disk.bsize };
  }

  /**
   * Starts a move. @param to a new or empty folder, or one in which a move was begun; null for the workspace's own
   * Errors at once: `invalid_input`; of the job: `disk_full`, `workspace_busy`, `workspace_not_writable`, `cancelled`.
   */
  async move(to: string | null): Promise<{ jobId: string }> {
    const target = to === null ? filesFolder(this.#workspace.folder, null) : path.resolve(to);
    this.#refuseWrongPlace(target, to === null);
    const jobId = await this.#jobs.run('move-files', `Move the stored files to ${target}`, (context) =>
      this.#move(target, to === null, context).catch((error: unknown) => {
        throw workspaceError(error, target);
      }),
    );
    return { jobId };
  }

  async #move(target: string, own: boolean, context: JobContext): Promise<MovedFiles> {
    const { folder, db, blobs, settings, audit } = this.#workspace;
    this.#refuseWhileBusy();
    mkdirSync(target, { recursive: true });
    const id = this.#claim(target, own);
    const from = blobs.folder;
    const copied: CopiedFiles = { bytes: 0, done: new Set(), damaged: [] };
    await copyFiles(from, target, copied, context);
    try {
      await db.transaction().execute(async (transaction) => {
        this.#refuseWhileBusy();
        await copyFiles(from, target, copied, context);
        const place = { folder: own ? null : target, id, from };
        await settings.set(transaction, 'files', place);
        audit.record(transaction, {
          action: 'storage.moved',
          subject: { kind: 'workspace', id: 'workspace' },
          payload: {
            from,
            to: target,
            files: copied.done.size,
            bytes: copied.bytes,
            damaged: copied.damaged,
          },
        });
        // Nothing may be stored between the copy and this.
        this.#refuseWhileBusy();
        blobs.relocate(target);
      });
    } catch (error) {
      blobs.relocate(filesFolder(folder, settings.get('files')));
      throw error;
    }
    await this.#workspace.removeOldFiles();
    const { bytes, done, damaged } = copied;
    return { folder: target, files: done.size, bytes, damaged };
  }

  /** Marks the folder as this workspace's; answers with the mark's id. Errors: `invalid_input` where it holds something. */
  #claim(target: string, own: boolean): string {
    const id = this.#workspace.settings.get('files')?.id ?? newId();
    if (own) return id;
    const here = realpathSync(this.#workspace.folder);
    const mark = readMark(target);
    if (mark?.workspace === here) return mark.id;
    if (!isFree(target))
      throw new AppError('invalid_input', `The folder ${target} is not empty.`, {
        hint: 'Name a new folder, or an empty one.',
      });
    const fresh = newId();
    writeMark(target, { id: fresh, workspace: here });
    return fresh;
  }

  #refuseWrongPlace(target: string, own: boolean): void {
    const { folder, blobs } = this.#workspace;
    if (target === blobs.folder) throw new AppError('invalid_input', `The files lie in ${target} already.`);
    const inside = (outer: string): boolean => {
      const way = path.relative(outer, target);
      return way === '' || !(way.startsWith('..') || path.isAbsolute(way));
    };
    if (!own && (inside(folder) || inside(blobs.folder)))
      throw new AppError('invalid_input', 'The files are moved into a folder outside of the workspace.');
  }

  /** Errors: `workspace_busy` while anything else stores or reads files. */
  #refuseWhileBusy(): void {
    const active = this.#workspace.sqlite
      .prepare<[], number>(
        `SELECT (SELECT count(*) FROM jobs WHERE state IN ('queued', 'running', 'paused') AND kind <> 'move-files')
              + (SELECT count(*) FROM training_runs WHERE state IN ('queued', 'running', 'paused'))`,
      )
      .pluck()
      .get();
    if (active !== 0 || this.#workspace.blobs.unsettled > 0)
      throw new AppError('workspace_busy', 'A job, a run or an upload uses the stored files.', {
        hint: 'Start the move again when it has ended: what was copied is not copied again.',
      });
  }
}
