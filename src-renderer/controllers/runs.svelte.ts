/** All training runs, kept current by one subscription. */
import type { PentimentoClient } from '#contract/api.ts';
import type { Unsubscribe } from '#contract/api-definition.ts';
import { Query } from '../lib/query.svelte.ts';
import type { RunEvent, StartRunRequest, TrainingRun } from '#contract/training-run.ts';
import type { Messages } from './messages.svelte.ts';
import { isActive } from './jobs.svelte.ts';

export class Runs {
  readonly query: Query<TrainingRun[]>;
  readonly #client: PentimentoClient;
  readonly #messages: Messages;
  #unsubscribe: Unsubscribe | null = null;
  /** Called when a run ends, so that the list of models can be read again. */
  onEnd: (run: TrainingRun) => void = () => undefined;

  constructor(client: PentimentoClient, messages: Messages) {
    this.#client = client;
    this.#messages = messages;
    this.query = new Query(() => client.runs.list({}));
  }

  /** Newest first. */
  get all(): TrainingRun[] {
    return [...(this.query.data ?? [])].sort((a, b) => b.createdAt - a.createdAt);
  }

  get active(): TrainingRun[] {
    return this.all.filter((run) => isActive(run.state));
  }

  async load(): Promise<void> {
    await this.query.refresh();
    this.#unsubscribe ??= this.#client.runs.watch(
      {},
      { event: (event) => this.#take(event), error: (error) => this.#messages.showError(error) },
    );
  }

  /** Starts a run. Answers null where that failed; the person has then been told. */
  async start(request: StartRunRequest): Promise<TrainingRun | null> {
    return this.#change(() => this.#client.runs.start(request));
  }

  async stop(id: string): Promise<void> {
    await this.#change(() => this.#client.runs.stop({ id }));
  }

  async pause(id: string): Promise<void> {
    await this.#change(() => this.#client.runs.pause({ id }));
  }

  async resume(id: string): Promise<void> {
    await this.#change(() => this.#client.runs.resume({ id }));
  }

  dispose(): void {
    this.#unsubscribe?.();
    this.#unsubscribe = null;
  }

  async #change(act: () => Promise<TrainingRun>): Promise<TrainingRun | null> {
    try {
      const run = await act();
      this.#put(run);
      return run;
    } catch (error) {
      this.#messages.showError(error);
      return null;
    }
  }

  #take(event: RunEvent): void {
    if (event.type === 'run') this.#put(event.run);
    if (event.type === 'metric') {
      const run = this.query.data?.find((known) => known.id === event.runId);
      if (run) this.#put({ ...run, latest: event.metric, step: Math.max(run.step, event.metric.step) });
    }
  }

  #put(run: TrainingRun): void {
    const known = this.query.data ?? [];
    const before = known.find((other) => other.id === run.id);
    this.query.state = {
      status: 'data',
      data: before ? known.map((other) => (other.id === run.id ? run : other)) : [run, ...known],
    };
    if (before && isActive(before.state) && !isActive(run.state)) this.onEnd(run);
  }
}
