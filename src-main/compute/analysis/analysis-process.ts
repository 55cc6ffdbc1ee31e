/**
 * The asking side of the analysis process. Each analysis has a time and a memory limit; past either the process is ended, that
 * analysis has failed, and the next one gets a new process.
 */
import { AppError } from '#contract/errors.ts';
import { analysisEntry } from '../entry-scripts.ts';
import { tailOf } from '../child-end.ts';
import { forkChild, type ChildExit, type ChildProcess, type SpawnChild } from '../child-process.ts';
import {
  isAnswer,
  withoutFindings,
  type AnalysisOutcome,
  type AnalysisRequest,
  type ToAnalysis,
} from './analysis-messages.ts';
import { memoryMark } from '../memory-mark.ts';

export interface AnalysisLimits {
  /** For one analysis of one picture, decoding included. */
  timeoutMs: number;
  /** And for each picture that it is compared with. */
  timeoutPerReferenceMs: number;
  /** That the whole process may hold. */
  memoryBytes: number;
}
export const analysisLimits: AnalysisLimits = {
  timeoutMs: 120_000,
  timeoutPerReferenceMs: 30_000,
  memoryBytes: 3 * 2 ** 30,
};

/** How long a cancelled analysis may take to end by itself. */
const graceMs = 500;

type Asked = { resolve: (outcome: AnalysisOutcome) => void; ended: (exit: ChildExit) => void };

export class AnalysisProcess {
  readonly #limits: AnalysisLimits;
  readonly #spawn: SpawnChild;
  #process: ChildProcess | null = null;
  #asked: Asked | null = null;
  #output: () => string = () => '';
  /** The process that sent what does not fit the messages. */
  #garbled: ChildProcess | null = null;

  constructor(options: { limits?: Partial<AnalysisLimits>; spawn?: SpawnChild } = {}) {
    this.#limits = { ...analysisLimits, ...options.limits };
    this.#spawn = options.spawn ?? forkChild;
  }

  /**
   * One analysis; ask for the next when this one is answered. What goes wrong with it is the answer.
   * @throws AppError `cancelled` where the signal is aborted, after the analysis has ended
   */
  async analyse(request: AnalysisRequest, signal?: AbortSignal): Promise<AnalysisOutcome> {
    if (signal?.aborted) throw stopped();
    const child = (this.#process ??= this.#start());
    const { timeoutMs, timeoutPerReferenceMs } = this.#limits;
    const allowedMs = timeoutMs + (request.references?.length ?? 0) * timeoutPerReferenceMs;
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      child.kill();
    }, allowedMs);
    let grace: NodeJS.Timeout | undefined;
    const cancel = (): void => {
      this.#send(child, { type: 'cancel' });
      grace = setTimeout(() => child.kill(), graceMs);
    };
    signal?.addEventListener('abort', cancel, { once: true });
    try {
      const outcome = await new Promise<AnalysisOutcome>((resolve) => {
        const ended = (exit: ChildExit): void =>
          resolve(withoutFindings('failed', this.#explain(exit, late ? allowedMs : null)));
        this.#asked = { resolve, ended };
        this.#send(child, { type: 'analyse', request });
      });
      if (signal?.aborted) throw stopped();
      return outcome;
    } finally {
      clearTimeout(timer);
      clearTimeout(grace);
      signal?.removeEventListener('abort', cancel);
      this.#asked = null;
      // One that was told to stop stays stopped.
      if (signal?.aborted) await this.close();
    }
  }

  /** Ends the process; the next analysis starts a new one. */
  async close(): Promise<void> {
    const child = this.#process;
    this.#process = null;
    child?.kill();
    await child?.ended;
  }

  #start(): ChildProcess {
    const child = this.#spawn(analysisEntry);
    this.#output = tailOf(child);
    child.onMessage((message) => {
      if (this.#garbled === child) return;
      if (isAnswer(message)) return this.#asked?.resolve(message.outcome);
      this.#garbled = child;
      child.kill();
    });
    void child.ended.then((exit) => {
      if (this.#process === child) this.#process = null;
      this.#asked?.ended(exit);
      if (this.#garbled === child) this.#garbled = null;
    });
    this.#send(child, { type: 'start', memoryBytes: this.#limits.memoryBytes });
    return child;
  }

  #send(child: ChildProcess, message: ToAnalysis): void {
    child.send(message);
  }

  #explain({ code, signal, spawnError }: ChildExit, lateMs: number | null): string {
    const { memoryBytes } = this.#limits;
    if (spawnError !== undefined) return `The analysis process could not be started: ${spawnError}.`;
    if (this.#garbled !== null) return 'The analysis process sent what nobody can read, and was ended.';
    if (lateMs !== null)
      return `It was ended because it took more than ${Math.round(lateMs / 1000)} seconds.`;
    if (this.#output().includes(memoryMark))
      return `It was ended because it took more than ${(memoryBytes / 2 ** 30).toFixed(1)} GiB of memory.`;
    const last = this.#output()
      .trim()
      .split('\n')
      .findLast((line) => /Error|FATAL/.test(line));
    const how = signal === null ? `exit code ${code}` : signal;
    return `The analysis process ended with ${how}${last === undefined ? '' : `: ${last.trim()}`}.`;
  }
}

const stopped = (): AppError => new AppError('cancelled', 'The analysis was stopped.');
