/**
 * Triage: folders of any size judged in bulk. What waits stands in the database, and each picture's result is written in one
 * transaction with the end of its waiting: a run that is killed goes on at the pictures that it had not ended, and none is
 * judged twice. While one picture is judged the next is decoded and the last one written; no more are held.
 *
 * Scores are those of a full judgement. Nothing is copied: a file is read where it is, and a result holds the hash of what was
 * read. It is no evidence, and makes no maps.
 */
import path from 'node:path';
import { AppError } from '#contract/errors.ts';
import type { Refusal } from '#contract/common.ts';
import type {
  TriageQuery,
  TriageReport,
  TriageRequest,
  TriageResult,
  TriageRule,
  TriageRun,
} from '#contract/triage.ts';
import { createJudgeHost, type JudgeHost } from '#compute/judging/judge-host.ts';
import { VerdictRepository } from '#features/detection/verdict.repository.ts';
import type { JobContext, JobService } from '#features/jobs/job.service.ts';
import type { ModelService } from '#features/models/model.service.ts';
import { newId } from '#storage/new-id.ts';
import type { Workspace } from '#storage/workspace.ts';
import { exportTriage, type TriageExport } from './export-triage.ts';
import { judgeItem } from './judge-item.ts';
import { listFolders } from './list-folders.ts';
import { toRefusal, toTriageResult, toTriageRun } from './triage-mapping.ts';
import {
  changePriority,
  countItems,
  countResults,
  failuresAfter,
  findRun,
  insertResult,
  insertRun,
  listRuns,
  nextItem,
  pageOfResults,
  resultOf,
  retryFailures,
  settleItem,
  updateRun,
  type TriageItemRow,
} from './triage.repository.ts';

/** What a run says of each picture as it ends. */
export type TriageItem = { kind: 'result'; result: TriageResult } | { kind: 'failure'; refusal: Refusal };

/** Pictures in the judging process at once: one is judged while the next is decoded. */
const AHEAD = 2;
/** Failures that the next picture would meet as well. */
const endsAll = new Set([
  'cancelled',
  'disk_full',
  'workspace_not_writable',
  'workspace_damaged',
  'model_invalid',
]);

export class TriageService {
  readonly #workspace: Workspace;
  readonly #models: ModelService;
  readonly #jobs: JobService;
  readonly #judging: JudgeHost;
  readonly #verdicts: VerdictRepository;
  /** Runs whose job has not ended. */
  readonly #active = new Set<string>();

  constructor(dependencies: {
    workspace: Workspace;
    models: ModelService;
    jobs: JobService;
    judging?: JudgeHost;
  }) {
    this.#workspace = dependencies.workspace;
    this.#models = dependencies.models;
    this.#jobs = dependencies.jobs;
    this.#judging = dependencies.judging ?? createJudgeHost();
    this.#verdicts = new VerdictRepository(dependencies.workspace.db);
  }

  /**
   * Starts a run; its folders are listed by its job.
   * @param tell called with each picture as it ends
   * @throws AppError `model_missing`, `model_invalid`
   */
  async start(
    request: TriageRequest,
    tell?: (item: TriageItem) => void,
  ): Promise<{ run: string; jobId: string }> {
    const model = await this.#models.resolve(request.model);
    const folders = request.folders.map((folder) => ({ ...folder, path: path.resolve(folder.path) }));
    const id = newId();
    const title = request.title ?? `Triage of ${folders.map((folder) => folder.path).join(', ')}`;
    const { db, audit } = this.#workspace;
    await db.transaction().execute(async (transaction) => {
      await insertRun(transaction, {
        ...{ id, title, created_at: Date.now(), model_id: model.id, listed: 0 },
        ...{ folders: JSON.stringify(folders), rules: JSON.stringify(request.rules) },
      });
      audit.record(transaction, {
        action: 'triage.started',
        subject: { kind: 'triage', id },
        payload: { folders, model: { id: model.id, sha256: model.sha256 } },
      });
    });
    return this.#begin(id, title, tell);
  }

  /** @throws AppError `not_found`, `workspace_busy` where it is under way */
  async resume(run: string, tell?: (item: TriageItem) => void): Promise<{ run: string; jobId: string }> {
    const { title } = await this.get(run);
    return this.#begin(run, title, tell);
  }

  /** Newest first. */
  async list(): Promise<TriageRun[]> {
    const { db } = this.#workspace;
    const rows = await listRuns(db);
    const runs: TriageRun[] = [];
    for (const row of rows) runs.push(toTriageRun(row, await countItems(db, row.id)));
    return runs;
  }

  /** @throws AppError `not_found` */
  async get(id: string): Promise<TriageRun> {
    const { db } = this.#workspace;
    const row = await findRun(db, id);
    if (!row) throw new AppError('not_found', `There is no triage run ${id}.`);
    return toTriageRun(row, await countItems(db, id));
  }

  async results({ run, pile, ...page }: TriageQuery): Promise<{ results: TriageResult[]; total: number }> {
    const { db } = this.#workspace;
    const { rules } = await this.get(run);
    const rows = await pageOfResults(db, run, { rules, pile, ...page });
    return { results: rows.map(toTriageResult), total: await countResults(db, run, rules, pile) };
  }

  async failures(
    run: string,
    page: { offset: number; limit: number },
  ): Promise<{ failures: Refusal[]; total: number }> {
    const { counts } = await this.get(run);
    const rows = await failuresAfter(this.#workspace.db, run, page);
    return { failures: rows.map(toRefusal), total: counts.failed };
  }

  async setRules(run: string, rules: TriageRule[]): Promise<TriageRun> {
    await this.get(run);
    await this.#change(run, 'triage.rules-set', { rules }, (db) =>
      updateRun(db, run, { rules: JSON.stringify(rules) }),
    );
    return this.get(run);
  }

  async setPriority(run: string, folder: string, priority: number): Promise<TriageRun> {
    const { folders } = await this.get(run);
    const at = path.resolve(folder);
    // Folders that are not listed yet get it with their pictures.
    const known = folders.map((one) => (one.path === at ? { ...one, priority } : one));
    await this.#change(run, 'triage.priority-set', { folder: at, priority }, async (db) => {
      await updateRun(db, run, { folders: JSON.stringify(known) });
      await changePriority(db, run, at, path.sep, priority);
    });
    return this.get(run);
  }

  async retry(run: string): Promise<TriageRun> {
    const { counts } = await this.get(run);
    await this.#change(run, 'triage.failures-retried', { failures: counts.failed }, (db) =>
      retryFailures(db, run),
    );
    return this.get(run);
  }

  /** Writes results and failures to a file, whole or not at all. Errors: `not_found`, `file_unreadable`, `disk_full`. */
  async export(run: string, file: string, format: 'csv' | 'json'): Promise<TriageExport> {
    const described = await this.get(run);
    const written = await exportTriage(this.#workspace.db, described, path.resolve(file), format);
    await this.#change(
      run,
      'triage.exported',
      { file: written.path, results: written.results },
      async () => undefined,
    );
    return written;
  }

  async #change(
    run: string,
    action: 'triage.rules-set' | 'triage.priority-set' | 'triage.failures-retried' | 'triage.exported',
    payload: Parameters<Workspace['audit']['record']>[1]['payload'],
    change: (db: Workspace['db']) => Promise<void>,
  ): Promise<void> {
    const { db, audit } = this.#workspace;
    await db.transaction().execute(async (transaction) => {
      await change(transaction);
      audit.record(transaction, {
        action,
        subject: { kind: 'triage', id: run },
        ...(payload ? { payload } : {}),
      });
    });
  }

  async #begin(
    run: string,
    title: string,
    tell?: (item: TriageItem) => void,
  ): Promise<{ run: string; jobId: string }> {
    if (this.#active.has(run))
      throw new AppError('workspace_busy', `The triage run ${run} is under way already.`);
    this.#active.add(run);
    try {
      const jobId = await this.#jobs.run('triage', title, (context) => this.#work(run, context, tell));
      void this.#jobs.wait(jobId).finally(() => this.#active.delete(run));
      return { run, jobId };
    } catch (error) {
      this.#active.delete(run);
      throw error;
    }
  }

  async #work(
    run: string,
    { signal, progress }: JobContext,
    tell?: (item: TriageItem) => void,
  ): Promise<TriageReport> {
    const { db } = this.#workspace;
    const { model, folders, listed } = await this.get(run);
    const judge = await this.#judging.open({
      path: await this.#models.verifiedPath(model),
      name: `The model "${model.name}"`,
    });
    try {
      if (!listed) {
        const note = (failure: Refusal): void => tell?.({ kind: 'failure', refusal: failure });
        await listFolders(db, { run, folders, signal, note });
        if (!signal.aborted) await updateRun(db, run, { listed: 1 });
      }
      const { waiting, judged, failed } = await countItems(db, run);
      const total = waiting + judged + failed;
      let done = judged + failed;
      let fault: unknown;
      const underWay = new Map<string, Promise<void>>();
      const isRendered = (sha256: string) => this.#verdicts.isRendered(sha256);
      while (!signal.aborted && fault === undefined) {
        const item = underWay.size < AHEAD ? await nextItem(db, run, [...underWay.keys()]) : undefined;
        if (!item) {
          if (underWay.size === 0) break;
          await Promise.race(underWay.values());
          continue;
        }
        const work = judgeItem(judge, item.path, { signal, isRendered })
          .then((outcome) => this.#keep(run, item, judge.provider, outcome))
          .then(
            (kept) => {
              done++;
              progress({ done, total, label: item.path });
              if (kept) tell?.(kept);
            },
            async (cause: unknown) => {
              const error = AppError.from(cause);
              if (endsAll.has(error.code)) fault ??= error;
              else {
                await this.#fail(run, item, error);
                done++;
                progress({ done, total, label: item.path });
                tell?.({ kind: 'failure', refusal: { path: item.path, error: error.toData() } });
              }
            },
          )
          .catch((cause: unknown) => void (fault ??= cause))
          .finally(() => underWay.delete(item.id));
        underWay.set(item.id, work);
      }
      await Promise.all(underWay.values());
      if (fault !== undefined && !signal.aborted) throw fault;
      return { run, ...(await countItems(db, run)) };
    } finally {
      await judge.close();
    }
  }

  /** Null where the item had ended before, which then stays as it was. */
  async #keep(
    run: string,
    item: TriageItemRow,
    provider: string,
    outcome: Awaited<ReturnType<typeof judgeItem>>,
  ): Promise<TriageItem | null> {
    const { db, audit } = this.#workspace;
    const { rules } = await this.get(run);
    const kept = await db.transaction().execute(async (transaction) => {
      if (!(await settleItem(transaction, item.id, { state: 'judged' }))) return false;
      const { id, path: file, category } = item;
      await insertResult(transaction, {
        ...{ id, run_id: run, path: file, category, provider, judged_at: Date.now() },
        ...outcome,
      });
      const { sha256, verdict, score, llr } = outcome;
      audit.record(transaction, {
        action: 'triage.item-judged',
        subject: { kind: 'triage', id: run },
        payload: { file, sha256, verdict, score, llr },
        seal: [{ table: 'triage_results', id }],
      });
      return true;
    });
    if (!kept) return null;
    const row = await resultOf(db, run, item.id, rules);
    return { kind: 'result', result: toTriageResult(row) };
  }

  async #fail(run: string, item: TriageItemRow, error: AppError): Promise<void> {
    const { db, audit } = this.#workspace;
    await db.transaction().execute(async (transaction) => {
      if (
        !(await settleItem(transaction, item.id, { state: 'failed', error: JSON.stringify(error.toData()) }))
      )
        return;
      audit.record(transaction, {
        action: 'triage.item-failed',
        subject: { kind: 'triage', id: run },
        payload: { file: item.path, code: error.code },
      });
    });
  }
}
