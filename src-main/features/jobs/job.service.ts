/**
 * Long jobs. A job is a row and the work behind it; whoever watches it may come and go without touching it.
 * Jobs of one lane run one after another, because they write the same things; lanes run side by side.
 */
import { job, type Job, type JobKind, type JobResult } from '#contract/job.ts';
import { AppError } from '#contract/errors.ts';
import type { Progress } from '#contract/common.ts';
import { newId } from '#storage/new-id.ts';
import type { JobRepository, JobRow } from './job.repository.ts';
import { ProgressMeter, type ProgressUpdate } from './progress-meter.ts';

export type JobContext = {
  /** Tells how far the work is. Call it as often as is convenient; it is throttled here. */
  progress: (update: ProgressUpdate) => void;
  /**
   * Aborted when the job is cancelled or the program closes. Work either throws, or ends early and returns what it
   * has, which is then kept with the cancelled job.
   */
  signal: AbortSignal;
  /**
   * Returns at once, or, where the job is to be paused, when it is to go on or to end; the job is `paused` meanwhile. Called
   * at safe points by work of the kinds that can be paused. @param first what is to be done before it waits
   */
  pausePoint: (first: () => Promise<void>) => Promise<void>;
};
export type JobWork<K extends JobKind> = (context: JobContext) => Promise<JobResult<K>>;

const lanes: Record<JobKind, string> = {
  import: 'datasets',
  'render-scenes': 'datasets',
  export: 'datasets',
  detection: 'detection',
  triage: 'detection',
  evaluation: 'detection',
  analysis: 'analysis',
  intake: 'evidence',
  'evidence-check': 'evidence',
  verification: 'verification',
  'bundle-export': 'evidence',
  'bundle-import': 'evidence',
  report: 'reports',
  'move-files': 'files',
};
/** Those whose work has pause points. */
const pausable: ReadonlySet<JobKind> = new Set(['intake']);
const notifyEveryMs = 100;
const saveEveryMs = 1000;
const listed = 200;

type ActiveJob = {
  controller: AbortController;
  progress: Progress | null;
  /** Where the abort came from closing the program rather than from a person. */
  closing: boolean;
  stage: 'queued' | 'running' | 'ended';
  /** Resolves when a pause ends; null where none is wanted. */
  pause: PromiseWithResolvers<void> | null;
  /** Resolves when the job has ended and its row says so. */
  finished: PromiseWithResolvers<void>;
};
type Ending = Pick<JobRow, 'state' | 'result' | 'error'>;

export class JobService {
  readonly #repository: JobRepository;
  readonly #now: () => number;
  readonly #active = new Map<string, ActiveJob>();
  readonly #lanes = new Map<string, Promise<void>>();
  readonly #watchers = new Map<string, Set<() => void>>();
  /** Endings that the database did not take, e.g. because the disk is full; they are true all the same. */
  readonly #unsaved = new Map<string, Partial<JobRow>>();
  #closed = false;

  constructor(repository: JobRepository, now: () => number = Date.now) {
    this.#repository = repository;
    this.#now = now;
  }

  /** Starts `work` as a job and answers with its id as soon as its row is written. */
  async run<K extends JobKind>(kind: K, title: string, work: JobWork<K>): Promise<string> {
    if (this.#closed) throw new AppError('cancelled', 'The program is closing.');
    const id = newId(this.#now());
    const row: JobRow = {
      id,
      kind,
      title,
      state: 'queued',
      progress: null,
      result: null,
      error: null,
      created_at: this.#now(),
      started_at: null,
      ended_at: null,
    };
    await this.#repository.insert(row);
    if (this.#closed) throw new AppError('cancelled', 'The program is closing.');
    const active: ActiveJob = {
      controller: new AbortController(),
      progress: null,
      closing: false,
      stage: 'queued',
      pause: null,
      finished: Promise.withResolvers(),
    };
    this.#active.set(id, active);
    const before = this.#lanes.get(lanes[kind]) ?? Promise.resolve();
    this.#lanes.set(
      lanes[kind],
      before.then(() => this.#perform(id, active, work)),
    );
    return id;
  }

  /** Newest first, at most 200. */
  async list(): Promise<Job[]> {
    return (await this.#repository.list(listed)).map((row) => this.#toJob(row));
  }

  /** Errors: `not_found`. */
  async get(id: string): Promise<Job> {
    const row = await this.#repository.find(id);
    if (!row) throw new AppError('not_found', `There is no job ${id}.`);
    return this.#toJob(row);
  }

  /** Asks the job to end at its next safe point and waits until it has. An ended job stays as it is. */
  async cancel(id: string): Promise<Job> {
    const active = this.#active.get(id);
    if (active) await this.#stop(id, active);
    return this.get(id);
  }

  /**
   * Asks the job to wait at its next safe point; jobs after it in its lane wait too. An ended job stays as it is.
   * Errors: `not_found`, `invalid_input` where jobs of its kind cannot wait.
   */
  async pause(id: string): Promise<Job> {
    const found = await this.get(id);
    if (!pausable.has(found.kind))
      throw new AppError('invalid_input', `"${found.title}" cannot be paused.`, {
        hint: 'Cancel it; what was done until then stays.',
      });
    const active = this.#active.get(id);
    if (active) active.pause ??= Promise.withResolvers();
    return found;
  }

  /** Lets a paused job go on. Errors: `not_found`. */
  async resume(id: string): Promise<Job> {
    this.#endPause(this.#active.get(id));
    return this.get(id);
  }

  /** Waits until the job has ended, however it ends. */
  async wait(id: string): Promise<Job> {
    await this.#active.get(id)?.finished.promise;
    return this.get(id);
  }

  /** The job now and after every change until it has ended; a slow reader gets the latest state, not each one. */
  async *watch(id: string, signal?: AbortSignal): AsyncGenerator<Job> {
    let changed = true;
    let wake = (): void => {};
    const notify = (): void => {
      changed = true;
      wake();
    };
    const watchers = this.#watchers.get(id) ?? new Set();
    this.#watchers.set(id, watchers.add(notify));
    signal?.addEventListener('abort', notify);
    try {
      while (!signal?.aborted) {
        if (!changed) await new Promise<void>((resolve) => (wake = resolve));
        if (signal?.aborted) return;
        changed = false;
        const current = await this.get(id);
        yield current;
        if (current.endedAt !== null) return;
      }
    } finally {
      signal?.removeEventListener('abort', notify);
      watchers.delete(notify);
      if (watchers.size === 0) this.#watchers.delete(id);
    }
  }

  /** Takes no more jobs, ends the active ones at their next safe points as `interrupted`, and waits for them. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(
      [...this.#active].map(([id, active]) => {
        active.closing = true;
        return this.#stop(id, active);
      }),
    );
  }

  async #stop(id: string, active: ActiveJob): Promise<void> {
    active.controller.abort();
    this.#endPause(active);
    if (active.stage === 'queued')
      await this.#end(id, active, { state: 'cancelled', result: null, error: null });
    await active.finished.promise;
  }

  #endPause(active: ActiveJob | undefined): void {
    active?.pause?.resolve();
    if (active) active.pause = null;
  }

  async #pausePoint(id: string, active: ActiveJob, first: () => Promise<void>): Promise<void> {
    const { signal } = active.controller;
    if (!active.pause || signal.aborted) return;
    await first();
    while (active.pause && !signal.aborted) {
      const { promise } = active.pause;
      await this.#repository.update(id, { state: 'paused' });
      this.#notify(id);
      await promise;
    }
    await this.#repository.update(id, { state: 'running' });
    this.#notify(id);
  }

  async #perform<K extends JobKind>(id: string, active: ActiveJob, work: JobWork<K>): Promise<void> {
    if (active.stage !== 'queued') return;
    active.stage = 'running';
    let ending: Ending;
    try {
      await this.#repository.update(id, { state: 'running', started_at: this.#now() });
      this.#notify(id);
      const result = await work({
        signal: active.controller.signal,
        progress: this.#throttled(id, active),
        pausePoint: (first) => this.#pausePoint(id, active, first),
      });
      ending = { state: 'done', result: JSON.stringify(result), error: null };
    } catch (error) {
      ending = { state: 'failed', result: null, error: JSON.stringify(AppError.from(error).toData()) };
    }
    await this.#end(id, active, ending);
  }

  async #end(id: string, active: ActiveJob, ending: Ending): Promise<void> {
    active.stage = 'ended';
    if (active.controller.signal.aborted) {
      const [state, sentence] = active.closing
        ? (['interrupted', 'The program was closed.'] as const)
        : (['cancelled', 'The job was cancelled.'] as const);
      ending = { ...ending, state, error: JSON.stringify(new AppError('cancelled', sentence).toData()) };
    }
    const progress = active.progress && JSON.stringify(active.progress);
    const change = { ...ending, progress, ended_at: this.#now() };
    await this.#repository.update(id, change).catch((error: unknown) => {
      const failure = JSON.stringify(AppError.from(error).toData());
      this.#unsaved.set(id, { ...change, state: 'failed', error: failure });
    });
    this.#active.delete(id);
    active.finished.resolve();
    this.#notify(id);
  }

  #throttled(id: string, active: ActiveJob): (update: ProgressUpdate) => void {
    const meter = new ProgressMeter(this.#now);
    let notified = -Infinity;
    let saved = -Infinity;
    return (update) => {
      active.progress = meter.measure(update);
      const now = this.#now();
      if (now - saved >= saveEveryMs) {
        saved = now;
        // A progress that cannot be saved is no reason to end the work; its next write will say what is wrong.
        this.#repository.update(id, { progress: JSON.stringify(active.progress) }).catch(() => undefined);
      }
      if (now - notified >= notifyEveryMs) {
        notified = now;
        this.#notify(id);
      }
    };
  }

  #notify(id: string): void {
    for (const notify of this.#watchers.get(id) ?? []) notify();
  }

  #toJob(saved: JobRow): Job {
    const row = { ...saved, ...this.#unsaved.get(saved.id) };
    const parse = (text: string | null): unknown => (text === null ? null : JSON.parse(text));
    return job.parse({
      id: row.id,
      kind: row.kind,
      title: row.title,
      state: row.state,
      progress: this.#active.get(row.id)?.progress ?? parse(row.progress),
      createdAt: row.created_at,
      endedAt: row.ended_at,
      error: parse(row.error),
      result: parse(row.result),
    });
  }
}
