/**
 * The run's side of the thread that prepares its batches: opens it, asks it, starts it again where it dies, and ends it. A
 * batch depends on the seed and its place alone, so that what a new thread makes is what the lost one would have made.
 */
import { Worker } from 'node:worker_threads';
import { AppError } from '#contract/errors.ts';
import type { TrainerPhotograph } from '#contract/trainer-messages.ts';
import { defaultCacheMegabytes } from '#contract/training-run.ts';
import type { PhotographSource, RgbImage, TrainingPhotographs } from '#engine/ports.ts';
import type { BatchSource } from '#engine/training/training-batches.ts';
import type { TrainingConfig } from '#engine/training/training-config.ts';
import type { TrainingState } from '#engine/training/training-state.ts';
import { batchThreadEntry } from '../entry-scripts.ts';
import type {
  Answer,
  BatchRun,
  BatchThreadStart,
  FromBatchThread,
  Question,
  ToBatchThread,
} from './batch-messages.ts';
import { BatchesAhead } from './batches-ahead.ts';
import type { Log } from './select-photographs.ts';

/** How often a thread that died is replaced in a run. */
const REPLACEMENTS = 3;

export interface BatchThreadOptions {
  log: Log;
  /** Bound of the decoded photographs, in units of 2^20 bytes. */
  cacheMegabytes?: number | undefined;
  /** The script of the thread. */
  entry?: string;
}

interface Waiting {
  message: Extract<ToBatchThread, { type: 'question' }>;
  resolve: (answer: Answer) => void;
  reject: (error: AppError) => void;
}
type Counts = Pick<Extract<FromBatchThread, { type: 'ready' }>, 'real' | 'foreign'>;

export class BatchThread {
  readonly #start: BatchThreadStart;
  readonly #entry: string;
  readonly #log: Log;
  readonly #ready = Promise.withResolvers<Counts>();
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker;
  #ended = Promise.withResolvers<void>();
  #run: BatchRun | null = null;
  #isReady = false;
  #closing = false;
  #replaced = 0;
  #nextId = 0;
  /** Why nothing more can be asked. */
  #failure: AppError | null = null;

  private constructor(start: BatchThreadStart, entry: string, log: Log) {
    this.#start = start;
    this.#entry = entry;
    this.#log = log;
    this.#worker = this.#open();
  }

  /**
   * Starts the thread and waits until it has chosen the photographs, which it says in the log.
   * @throws AppError of `selectPhotographs`; `batches_failed` where it dies again and again
   */
  static async open(
    photographs: TrainerPhotograph[],
    config: TrainingConfig,
    { log, cacheMegabytes = defaultCacheMegabytes, entry = batchThreadEntry }: BatchThreadOptions,
  ): Promise<{ thread: BatchThread; photographs: TrainingPhotographs }> {
    const thread = new BatchThread({ photographs, config, cacheMegabytes }, entry, log);
    const { real, foreign } = await thread.#ready.promise;
    const source = (count: number): PhotographSource => ({
      count,
      read: async (index) => (await thread.#ask({ ask: 'photograph', index })) as RgbImage,
    });
    return { thread, photographs: { real: source(real), foreign: source(foreign) } };
  }

  /** The batches of a run, which are made ahead of it from now on. */
  batches({ config, seed, iteration }: Pick<TrainingState, 'config' | 'seed' | 'iteration'>): BatchSource {
    this.#run = { config, seed };
    this.#send({ type: 'run', run: this.#run });
    return new BatchesAhead(config, iteration, (place) => this.#ask({ ask: 'batch', place }));
  }

  /** Lets it finish the batch that it is making, and waits for its end. What else was asked for is not answered. */
  async close(): Promise<void> {
    this.#closing = true;
    this.#send({ type: 'close' });
    await this.#ended.promise;
    this.#fail(new AppError('cancelled', 'The run is over.'));
  }

  #open(): Worker {
    const worker = new Worker(this.#entry, { workerData: this.#start });
    let cause: unknown = null;
    worker.on('message', (message: FromBatchThread) => this.#receive(message));
    worker.on('error', (error) => (cause = error));
    worker.once('exit', (code) => this.#exited(code, cause));
    return worker;
  }

  #send(message: ToBatchThread): void {
    this.#worker.postMessage(message);
  }

  #ask(question: Question): Promise<Answer> {
    if (this.#failure) return Promise.reject(this.#failure);
    const message = { type: 'question', id: this.#nextId++, question } as const;
    const answer = new Promise<Answer>((resolve, reject) => {
      this.#waiting.set(message.id, { message, resolve, reject });
    });
    this.#send(message);
    return answer;
  }

  #receive(message: FromBatchThread): void {
    switch (message.type) {
      case 'log':
        if (!this.#isReady) this.#log(message.level, message.code, message.message);
        return;
      case 'ready':
        this.#isReady = true;
        return this.#ready.resolve(message);
      case 'refused':
        return this.#fail(AppError.fromData(message.error));
      case 'answer':
        return this.#settle(message.id)?.resolve(message.answer);
      case 'failure':
        return this.#settle(message.id)?.reject(AppError.fromData(message.error));
    }
  }

  #settle(id: number): Waiting | undefined {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    return waiting;
  }

  #fail(error: AppError): void {
    this.#failure ??= error;
    this.#ready.reject(this.#failure);
    for (const { reject } of this.#waiting.values()) reject(this.#failure);
    this.#waiting.clear();
  }

  #exited(code: number, cause: unknown): void {
    if (this.#closing || this.#failure) return this.#ended.resolve();
    const why = cause instanceof Error ? cause.message : `it ended with exit code ${code}`;
    if (this.#replaced === REPLACEMENTS) {
      const message = `The thread that prepares the batches ended ${REPLACEMENTS + 1} times; the last time: ${why}.`;
      this.#fail(new AppError('batches_failed', message, { cause }));
      return this.#ended.resolve();
    }
    this.#replaced++;
    this.#log(
      'warning',
      'batch_thread_replaced',
      `The thread that prepares the batches ended (${why}). It was started again; the batches are the same.`,
    );
    this.#worker = this.#open();
    if (this.#run) this.#send({ type: 'run', run: this.#run });
    for (const { message } of this.#waiting.values()) this.#send(message);
  }
}
