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
import type { AuditAction } from '#contract/audit.ts';
import type {
  TriageQuery,
  TriageReport,
  TriageRequest,
  TriageResult,
  TriageRule,
  TriageRun,
  TriageSummary,
} from '#contract/triage.ts';
import { createJudgeHost, type JudgeHost } from '#compute/judging/judge-host.ts';
import { VerdictRepository } from '#features/detection/verdict.repository.ts';
import type { JobContext, JobService } from '#features/jobs/job.service.ts';
import type { ModelService } from '#features/models/model.service.ts';
import { newId } from '#storage/new-id.ts';
import type { Workspace } from '#storage/workspace.ts';
import { openLocalCarrier, type OpenCarrier } from './carrier.ts';
import { exportTriage, type TriageExport } from './export-triage.ts';
import { listFolders } from './list-folders.ts';
import { changePriority, countItems, failuresAfter, retryFailures } from './triage-item.repository.ts';
import { toRefusal, toTriageResult, toTriageRun } from './triage-mapping.ts';
import type { TriageItem } from './triage-outcome.ts';
import { countResults, pageOfResults, pathsOf, summariseResults } from './triage-result.repository.ts';
import { findRun, insertRun, listRuns, updateRun } from './triage-run.repository.ts';
import { workThrough } from './work-through.ts';

/** How a run is watched, and who carries it; this machine alone where nothing is said. */
export interface TriageWatch {
  /** Called with each picture as it ends. */
  tell?: (item: TriageItem) => void;
  open?: OpenCarrier;
}

/** Stability is not looked at where nothing is said. */
export type TriageStart = Omit<TriageRequest, 'stability'> & Partial<Pick<TriageRequest, 'stability'>>;

type ChangeAction = Exclude<
  Extract<AuditAction, `triage.${string}`>,
  'triage.started' | 'triage.queue-opened' | 'triage.item-judged' | 'triage.item-failed'
>;

export class TriageService {
  readonly #workspace: Workspace;
  readonly #models: ModelService;
  readonly #jobs: JobService;
  readonly #judging: JudgeHost;
  readonly #verdicts: VerdictRepository;
  /** Jobs that have not ended, by their runs; null while one is being started. */
  readonly #active = new Map<string, string | null>();

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
   * @throws AppError `model_missing`, `model_invalid`
   */
  async start(
    { stability = 'never', ...request }: TriageStart,
    watch: TriageWatch = {},
  ): Promise<{ run: string; jobId: string }> {
    const model = await this.#models.resolve(request.model);
    const folders = request.folders.map((folder) => ({ ...folder, path: path.resolve(folder.path) }));
    const id = newId();
    const names = folders.map((folder) => path.basename(folder.path) || folder.path);
    const title = request.title ?? `Triage of ${names.join(', ')}`;
    const { db, audit } = this.#workspace;
    await db.transaction().execute(async (transaction) => {
      await insertRun(transaction, {
        ...{ id, title, created_at: Date.now(), model_id: model.id, listed: 0 },
        ...{ folders: JSON.stringify(folders), rules: JSON.stringify(request.rules) },
        stability,
      });
      audit.record(transaction, {
        action: 'triage.started',
        subject: { kind: 'triage', id },
        payload: { folders, model: { id: model.id, sha256: model.sha256 }, stability },
      });
    });
    return this.#begin(id, title, watch);
  }

  /** @throws AppError `not_found`, `workspace_busy` where it is under way */
  async resume(run: string, watch: TriageWatch = {}): Promise<{ run: string; jobId: string }> {
    const { title } = await this.get(run);
    return this.#begin(run, title, watch);
  }

  /** Newest first. */
  async list(): Promise<TriageRun[]> {
    const { db } = this.#workspace;
    const rows = await listRuns(db);
    const runs: TriageRun[] = [];
    for (const row of rows)
      runs.push(toTriageRun(row, await countItems(db, row.id), this.#active.get(row.id) ?? null));
    return runs;
  }

  /** @throws AppError `not_found` */
  async get(id: string): Promise<TriageRun> {
    const { db } = this.#workspace;
    const row = await findRun(db, id);
    if (!row) throw new AppError('not_found', `There is no triage run ${id}.`);
    return toTriageRun(row, await countItems(db, id), this.#active.get(id) ?? null);
  }

  /** @throws AppError `not_found` */
  async summary(run: string): Promise<TriageSummary> {
    await this.get(run);
    return summariseResults(this.#workspace.db, run);
  }

  async results({
    run,
    order,
    offset,
    limit,
    ...filter
  }: TriageQuery): Promise<{ results: TriageResult[]; total: number }> {
    const { db } = this.#workspace;
    const { rules } = await this.get(run);
    const rows = await pageOfResults(db, run, { rules, filter, order, offset, limit });
    return { results: rows.map(toTriageResult), total: await countResults(db, run, rules, filter) };
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

  /**
   * Has the pictures of results taken into a case. They are read as they are now: a case judges what it holds itself.
   * Errors: `not_found`, and those of `takeIn`.
   */
  async sendToCase(
    { run, results, case: to }: { run: string; results: readonly string[]; case: string },
    takeIn: (paths: string[]) => Promise<{ jobId: string }>,
  ): Promise<{ jobId: string }> {
    await this.get(run);
    const paths = await pathsOf(this.#workspace.db, run, results);
    if (paths.length === 0)
      throw new AppError('not_found', `None of these are results of the triage run ${run}.`);
    const started = await takeIn(paths);
    await this.#change(
      run,
      'triage.sent-to-case',
      { case: to, results: paths.length },
      async () => undefined,
    );
    return started;
  }

  async #change(
    run: string,
    action: ChangeAction,
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

  async #begin(run: string, title: string, watch: TriageWatch): Promise<{ run: string; jobId: string }> {
    if (this.#active.has(run))
      throw new AppError('workspace_busy', `The triage run ${run} is under way already.`);
    this.#active.set(run, null);
    try {
      const jobId = await this.#jobs.run('triage', title, (context) => this.#work(run, context, watch));
      this.#active.set(run, jobId);
      void this.#jobs.wait(jobId).finally(() => this.#active.delete(run));
      return { run, jobId };
    } catch (error) {
      this.#active.delete(run);
      throw error;
    }
  }

  async #work(
    run: string,
    context: JobContext,
    { tell = () => undefined, open = openLocalCarrier }: TriageWatch,
  ): Promise<TriageReport> {
    const { db } = this.#workspace;
    const { signal } = context;
    const { model, folders, stability, listed } = await this.get(run);
    const carrier = await open({
      run,
      model: {
        path: await this.#models.verifiedPath(model),
        name: `The model "${model.name}"`,
        sha256: model.sha256,
      },
      ...{ stability, judging: this.#judging },
    });
    try {
      if (!listed) {
        const note = (failure: Refusal): void => tell({ kind: 'failure', refusal: failure });
        await listFolders(db, { run, folders, signal, note });
        if (!signal.aborted) await updateRun(db, run, { listed: 1 });
      }
      const isRendered = (sha256: string) => this.#verdicts.isRendered(sha256);
      await workThrough({ workspace: this.#workspace, run, carrier, context, isRendered, tell });
      return { run, ...(await countItems(db, run)) };
    } finally {
      await carrier.close();
    }
  }
}
