/** Checkpoint files of runs: what is recorded of them, how many are kept, and which one a run can go on from. */
import { rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '#contract/errors.ts';
import { hashFile } from '#storage/hash-file.ts';
import type { CheckpointRow, TrainingRunRepository } from './training-run.repository.ts';

/** Checkpoints kept for a run; older ones are removed. */
export const KEPT_CHECKPOINTS = 3;

export class RunCheckpoints {
  readonly #repository: TrainingRunRepository;
  readonly #folderOf: (runId: string) => string;

  constructor(repository: TrainingRunRepository, folderOf: (runId: string) => string) {
    this.#repository = repository;
    this.#folderOf = folderOf;
  }

  /**
   * Records a complete checkpoint file with its hash, then removes what is older than the kept ones.
   * @throws AppError `checkpoint_damaged` where the file is not there, is empty or lies outside the run's folder
   */
  async record(
    runId: string,
    checkpoint: { step: number; path: string; trainedSeconds: number },
  ): Promise<void> {
    const relative = path.relative(this.#folderOf(runId), checkpoint.path);
    const found = await stat(checkpoint.path).catch(() => null);
    if (!found?.isFile() || found.size === 0 || relative.startsWith('..') || path.isAbsolute(relative))
      throw new AppError(
        'checkpoint_damaged',
        `The checkpoint of step ${checkpoint.step} is not where it should be.`,
      );
    await this.#repository.addCheckpoint({
      run_id: runId,
      step: checkpoint.step,
      path: relative.split(path.sep).join('/'),
      bytes: found.size,
      sha256: await hashFile(checkpoint.path),
      trained_seconds: checkpoint.trainedSeconds,
      created_at: Date.now(),
    });
    const rows = await this.#repository.checkpoints(runId);
    const kept = new Set(rows.slice(0, KEPT_CHECKPOINTS).map((row) => row.path));
    for (const old of rows.slice(KEPT_CHECKPOINTS)) {
      await this.#repository.deleteCheckpoint(runId, old.step);
      if (!kept.has(old.path)) await rm(this.pathOf(old), { force: true });
    }
  }

  pathOf(row: CheckpointRow): string {
    return path.join(this.#folderOf(row.run_id), row.path);
  }

  /** The newest checkpoint whose bytes are those that were recorded, and those that were passed over with the reason. */
  async newestIntact(
    runId: string,
  ): Promise<{ checkpoint: CheckpointRow | null; damaged: { step: number; why: string }[] }> {
    const damaged: { step: number; why: string }[] = [];
    for (const row of await this.#repository.checkpoints(runId)) {
      const why = await this.#damage(row);
      if (why === null) return { checkpoint: row, damaged };
      damaged.push({ step: row.step, why });
    }
    return { checkpoint: null, damaged };
  }

  async #damage(row: CheckpointRow): Promise<string | null> {
    const file = this.pathOf(row);
    const found = await stat(file).catch(() => null);
    if (!found) return 'its file is gone';
    if (found.size !== row.bytes) return `its file has ${found.size} bytes instead of ${row.bytes}`;
    const hash = await hashFile(file).catch(() => null);
    if (hash === null) return 'its file cannot be read';
    return hash === row.sha256 ? null : 'its bytes are no longer those that were written';
  }
}
