/** One training run, live: its state, its metrics since the first step, its log, and the steps with samples. */
import type { PentimentoClient } from '#contract/api.ts';
import type { Unsubscribe } from '#contract/api-definition.ts';
import { AppError } from '#contract/errors.ts';
import type { RunEvent, RunLogEntry, RunMetric, TrainingRun } from '#contract/training-run.ts';
import { Query } from '../lib/query.svelte.ts';

/** A longer history is thinned where it is stored: a chart has no more places. */
const HISTORY_POINTS = 2400;

const textOf = (entry: RunLogEntry): string => JSON.stringify([entry.at, entry.code, entry.message]);

export class RunController {
  readonly id: string;
  readonly query: Query<TrainingRun>;
  /** Grows with every metric; read `metrics` after it, so that charts follow. */
  revision = $state(0);
  log = $state.raw<readonly RunLogEntry[]>([]);
  sampleSteps = $state.raw<readonly number[]>([]);
  error = $state.raw<AppError | null>(null);
  readonly #client: PentimentoClient;
  readonly #metrics: RunMetric[] = [];
  #unsubscribe: Unsubscribe | null = null;
  #closed = false;
  /** Whether the stream has begun. */
  #followed = false;

  constructor(client: PentimentoClient, id: string) {
    this.#client = client;
    this.id = id;
    this.query = new Query(() => client.runs.get({ id }));
  }

  get run(): TrainingRun | undefined {
    return this.query.data;
  }

  /** In order of steps. The array is the same at every call; `revision` says when it has grown. */
  get metrics(): readonly RunMetric[] {
    return this.#metrics;
  }

  get latest(): RunMetric | null {
    return (this.revision > 0 ? this.#metrics.at(-1) : undefined) ?? this.run?.latest ?? null;
  }

  /** Reads the run's history, then follows it until `close`. */
  async open(): Promise<void> {
    await this.query.refresh();
    if (this.#closed || this.query.state.status === 'error') return;
    await Promise.all([this.#readMetrics(), this.#readLog(), this.#readSampleSteps()]);
    if (this.#closed) return;
    this.#unsubscribe = this.#client.runs.watch(
      { id: this.id },
      { event: (event) => this.#take(event), error: (error) => this.#fail(error) },
    );
  }

  close(): void {
    this.#closed = true;
    this.#unsubscribe?.();
    this.#unsubscribe = null;
  }

  #take(event: RunEvent): void {
    if (event.type === 'run' && event.run.id === this.id) {
      this.query.state = { status: 'data', data: event.run };
      // The stream starts with the run, also after a lost connection: fetch what was missed before it.
      const missed = event.run.step > (this.#metrics.at(-1)?.step ?? 0);
      if (missed) void this.#readMetrics();
      if (missed || !this.#followed) void Promise.all([this.#readLog(), this.#readSampleSteps()]);
      this.#followed = true;
    }
    if (event.type === 'metric') this.#append([event.metric]);
    if (event.type === 'log' && !this.log.some((entry) => textOf(entry) === textOf(event.entry)))
      this.log = [...this.log, event.entry];
    if (event.type === 'samples' && !this.sampleSteps.includes(event.step))
      this.sampleSteps = [...this.sampleSteps, event.step].sort((a, b) => a - b);
  }

  #append(metrics: readonly RunMetric[]): void {
    const before = this.#metrics.length;
    for (const metric of metrics)
      if (metric.step > (this.#metrics.at(-1)?.step ?? -1)) this.#metrics.push(metric);
    if (this.#metrics.length > before) this.revision += 1;
  }

  async #readMetrics(): Promise<void> {
    await this.#read(async () => {
      const sinceStep = this.#metrics.at(-1)?.step ?? 0;
      this.#append(await this.#client.runs.metrics({ id: this.id, sinceStep, points: HISTORY_POINTS }));
    });
  }

  async #readLog(): Promise<void> {
    await this.#read(async () => {
      const read = await this.#client.runs.log({ id: this.id });
      // What the stream told while this was read may be newer.
      const known = read.map(textOf);
      this.log = [...read, ...this.log.filter((entry) => !known.includes(textOf(entry)))];
    });
  }

  async #readSampleSteps(): Promise<void> {
    await this.#read(async () => {
      const read = await this.#client.runs.sampleSteps({ id: this.id });
      const told = this.sampleSteps.filter((step) => !read.includes(step));
      this.sampleSteps = [...read, ...told].sort((a, b) => a - b);
    });
  }

  async #read(act: () => Promise<void>): Promise<void> {
    try {
      await act();
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    this.error = AppError.from(error);
  }
}
