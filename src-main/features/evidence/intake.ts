/**
 * Takes pictures into a case. Several are prepared at once; they are written in batches, in the order of their names,
 * each batch in one transaction with its audit entries, so that an item is there whole or not at all, and a killed intake
 * can simply be started again: what is there is named as a duplicate. A picture that cannot be taken is refused with its
 * reason, and the intake goes on.
 */
import path from 'node:path';
import type { Refusal } from '#contract/common.ts';
import type { CaseRecord } from '#contract/case.ts';
import { reportedAtMost, type EvidenceStorage, type IntakeReport } from '#contract/evidence.ts';
import { AppError } from '#contract/errors.ts';
import type { JobContext } from '#features/jobs/job.service.ts';
import type { EvidenceWriter, WrittenPicture } from './evidence-writer.ts';
import { prepareFile, type PreparedPicture } from './prepare-picture.ts';

/** Pictures that are prepared at once: enough to keep the disk busy with flushing while others are decoded. */
export const readAhead = 16;
/** A transaction is flushed to the disk, which takes longer than its rows; but what is taken in shall soon be certain. */
export const batchSize = 64;
const batchMs = 500;

type Entry = { file: string; prepared: PreparedPicture };

/** Failures that the next picture would meet as well. */
const endsAll = new Set(['cancelled', 'disk_full', 'workspace_not_writable', 'workspace_damaged']);

export class Intake {
  readonly #writer: EvidenceWriter;
  readonly #case: CaseRecord;
  readonly #report: IntakeReport;
  #batch: Entry[] = [];
  #flushed = Date.now();

  constructor(writer: EvidenceWriter, into: CaseRecord) {
    this.#writer = writer;
    this.#case = into;
    this.#report = {
      ...{ caseId: into.id, case: into.name, added: 0, duplicates: 0, refused: 0 },
      ...{ duplicateList: [], refusedList: [] },
    };
  }

  /**
   * Takes files in. Ended early by `signal`, it reports what was taken in until then.
   * Errors: `disk_full` and other failures of the workspace.
   */
  async files(
    sources: { files: readonly string[]; refused: readonly Refusal[] },
    storage: EvidenceStorage,
    { progress, signal, pausePoint }: JobContext,
  ): Promise<IntakeReport> {
    const { files } = sources;
    for (const { path: file, error } of sources.refused) this.#refuse(file, AppError.fromData(error));
    const ahead = new Map<number, Promise<PreparedPicture | AppError>>();
    const into = { ...this.#writer.into(this.#case.id), signal };
    try {
      for (const [index, file] of files.entries()) {
        await pausePoint(() => this.#flush());
        if (signal.aborted) break;
        for (let next = index + ahead.size; next < Math.min(index + readAhead, files.length); next++)
          ahead.set(next, prepareFile(files[next]!, storage, into).catch(AppError.from));
        const result = await ahead.get(index)!;
        ahead.delete(index);
        if (result instanceof AppError) this.#refuse(file, result);
        else this.#batch.push({ file, prepared: result });
        if (this.#batch.length >= batchSize || Date.now() - this.#flushed >= batchMs) {
          await this.#flush();
          progress({ done: index + 1, total: files.length, label: path.basename(file) });
        }
      }
      await this.#flush();
    } finally {
      await this.#putAway(await Promise.all(ahead.values()));
    }
    if (!signal.aborted) progress({ done: files.length, total: files.length, label: '' });
    return this.#report;
  }

  async #flush(): Promise<void> {
    const batch = this.#batch;
    this.#batch = [];
    if (batch.length > 0)
      for (const [index, written] of (
        await this.#writer.write(
          this.#case.id,
          batch.map((entry) => entry.prepared),
        )
      ).entries())
        this.#note(batch[index]!.file, written);
    this.#flushed = Date.now();
  }

  #note(file: string, { row, duplicate }: WrittenPicture): void {
    const { duplicateList } = this.#report;
    if (!duplicate) this.#report.added++;
    else {
      this.#report.duplicates++;
      if (duplicateList.length < reportedAtMost)
        duplicateList.push({ path: file, sha256: row.sha256, sameAs: row.source_path });
    }
  }

  #refuse(file: string, error: AppError): void {
    if (error.code === 'cancelled') return;
    if (endsAll.has(error.code)) throw error;
    this.#report.refused++;
    if (this.#report.refusedList.length < reportedAtMost)
      this.#report.refusedList.push({ path: file, error: error.toData() });
  }

  /** What was prepared and is not written after all. */
  async #putAway(rest: readonly (PreparedPicture | AppError)[]): Promise<void> {
    for (const prepared of [...rest, ...this.#batch.map((entry) => entry.prepared)])
      if (!(prepared instanceof AppError)) await this.#writer.discard(prepared);
  }
}
