/** Imports, renderings and detections that run on the host, as it tells of them. */
import type { PentimentoClient } from '#contract/api.ts';
import type { Unsubscribe } from '#contract/api-definition.ts';
import type { JobState } from '#contract/common.ts';
import { AppError } from '#contract/errors.ts';
import type { Job } from '#contract/job.ts';
import type { Messages } from './messages.svelte.ts';

const ACTIVE: readonly JobState[] = ['queued', 'running', 'paused'];
/** True until the work has ended, well or badly. */
export const isActive = (state: JobState): boolean => ACTIVE.includes(state);

export class Jobs {
  byId = $state.raw<Readonly<Record<string, Job>>>({});
  /** Ids of the jobs that were started from this page and whose results were not put away yet, newest first. */
  mine = $state.raw<readonly string[]>([]);
  /** Called when any job ends, so that what it changed can be read again. */
  onEnd: (job: Job) => void = () => undefined;
  readonly #client: PentimentoClient;
  readonly #messages: Messages;
  readonly #watching: Record<string, Unsubscribe> = {};

  constructor(client: PentimentoClient, messages: Messages) {
    this.#client = client;
    this.#messages = messages;
  }

  /** Newest first. */
  get all(): Job[] {
    return Object.values(this.byId).sort((a, b) => b.createdAt - a.createdAt);
  }

  get active(): Job[] {
    return this.all.filter((job) => isActive(job.state));
  }

  /** Reads the host's jobs and goes on following those that are not over. */
  async load(): Promise<void> {
    try {
      for (const job of await this.#client.jobs.list({})) {
        this.#put(job);
        if (isActive(job.state)) this.follow(job.id);
      }
    } catch (error) {
      this.#messages.showError(error);
    }
  }

  /** Follows a job that was just started here; its result stays on the page until it is put away. */
  started(id: string, onEnd?: (job: Job) => void): void {
    this.mine = [id, ...this.mine];
    this.follow(id, onEnd);
  }

  /** Puts the result of an ended job away. */
  putAway(id: string): void {
    this.mine = this.mine.filter((other) => other !== id);
  }

  /** Follows a job to its end. `onEnd` is called once, with the job as it ended. */
  follow(id: string, onEnd?: (job: Job) => void): void {
    this.#leave(id);
    let ended = false;
    const leave = this.#client.jobs.watch(
      { id },
      {
        event: (job) => {
          this.#put(job);
          if (isActive(job.state) || ended) return;
          ended = true;
          queueMicrotask(() => this.#leave(id));
          if (job.error) this.#messages.showError(AppError.fromData(job.error));
          this.onEnd(job);
          onEnd?.(job);
        },
        error: (error) => this.#messages.showError(error),
      },
    );
    this.#watching[id] = leave;
  }

  cancel(id: string): Promise<void> {
    return this.#ask(() => this.#client.jobs.cancel({ id }));
  }

  pause(id: string): Promise<void> {
    return this.#ask(() => this.#client.jobs.pause({ id }));
  }

  resume(id: string): Promise<void> {
    return this.#ask(() => this.#client.jobs.resume({ id }));
  }

  async #ask(call: () => Promise<Job>): Promise<void> {
    try {
      this.#put(await call());
    } catch (error) {
      this.#messages.showError(error);
    }
  }

  dispose(): void {
    for (const id of Object.keys(this.#watching)) this.#leave(id);
  }

  #put(job: Job): void {
    this.byId = { ...this.byId, [job.id]: job };
  }

  #leave(id: string): void {
    this.#watching[id]?.();
    delete this.#watching[id];
  }
}
