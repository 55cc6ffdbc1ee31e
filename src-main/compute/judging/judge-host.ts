/**
 * Judging in processes that can be killed. A picture that ends its process is told with why, and the others go on in a new
 * one: where several were in it, each is tried once more in a process of its own, so that only the guilty one fails.
 */
import { AppError } from '#contract/errors.ts';
import type { ChangedPicture, ChangesRequest, JudgeRequest } from '#contract/judge-messages.ts';
import type { ModelPassport } from '#contract/model.ts';
import { judgeEntry } from '../entry-scripts.ts';
import { forkChild, type SpawnChild } from '../child-process.ts';
import { defaultJudgeLimits, type JudgeLimits } from './judge-limits.ts';
import type { JudgedPicture } from './judge-picture.ts';
import { JudgeEnded, JudgeProcess, type JudgeOptions } from './judge-process.ts';

export interface Judge {
  readonly passport: ModelPassport;
  /** ONNX Runtime's execution provider, e.g. `cpu`. */
  readonly provider: string;
  /**
   * Decodes and judges a picture. Several may be asked for at once: they are judged in order, and decoded ahead.
   * @throws AppError of `decodePhotograph` and `judgePhotograph`; `time_limit`, `memory_limit`, `judge_crashed` where the
   *   picture ended its process
   */
  judge(request: JudgeRequest, options?: JudgeOptions): Promise<JudgedPicture>;
  /** Judges a picture anew after each change. Errors as of `judge`. */
  judgeChanges(request: ChangesRequest, options?: JudgeOptions): Promise<ChangedPicture[]>;
  /** Ends the process; what is judged just then fails. */
  close(): Promise<void>;
}

export interface JudgeHost {
  /**
   * Opens the ONNX file at `model.path`; errors call it `model.name`.
   * @throws AppError `model_invalid`, `file_not_found`, `file_unreadable`, `backend_unavailable`, `judge_crashed`
   */
  open(model: { path: string; name: string }): Promise<Judge>;
}

export function createJudgeHost(
  options: { entry?: string; spawn?: SpawnChild; limits?: Partial<JudgeLimits> } = {},
): JudgeHost {
  const { entry = judgeEntry, spawn = forkChild } = options;
  const limits = { ...defaultJudgeLimits(), ...options.limits };
  return {
    async open(model) {
      const start = (): JudgeProcess => new JudgeProcess(spawn(entry), model, limits);
      const first = start();
      try {
        const { passport, provider } = await first.opened;
        return new RestartedJudge(first, start, passport, provider);
      } catch (error) {
        await first.close();
        throw error;
      }
    },
  };
}

class RestartedJudge implements Judge {
  readonly passport: ModelPassport;
  readonly provider: string;
  readonly #start: () => JudgeProcess;
  readonly #apart = new Set<JudgeProcess>();
  #process: JudgeProcess;
  #closed = false;

  constructor(first: JudgeProcess, start: () => JudgeProcess, passport: ModelPassport, provider: string) {
    this.#process = first;
    this.#start = start;
    this.passport = passport;
    this.provider = provider;
  }

  judge(request: JudgeRequest, options: JudgeOptions = {}): Promise<JudgedPicture> {
    return this.#ask((process) => process.judge(request, options));
  }

  judgeChanges(request: ChangesRequest, options: JudgeOptions = {}): Promise<ChangedPicture[]> {
    return this.#ask((process) => process.judgeChanges(request, options));
  }

  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([this.#process, ...this.#apart].map((process) => process.close()));
  }

  async #ask<T>(ask: (process: JudgeProcess) => Promise<T>): Promise<T> {
    if (this.#process.ended && !this.#closed) this.#process = this.#start();
    try {
      return await ask(this.#process);
    } catch (cause) {
      if (!(cause instanceof JudgeEnded)) throw cause;
      if (this.#closed) throw new AppError('cancelled', 'The judging was stopped.');
      if (cause.certain) throw cause.error;
    }
    const own = this.#start();
    this.#apart.add(own);
    try {
      return await ask(own);
    } catch (cause) {
      if (this.#closed) throw new AppError('cancelled', 'The judging was stopped.');
      throw cause instanceof JudgeEnded ? cause.error : cause;
    } finally {
      this.#apart.delete(own);
      await own.close();
    }
  }
}
