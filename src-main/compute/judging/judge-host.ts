/** Judging in processes that can be killed, and are replaced where they are lost. */
import { AppError } from '#contract/errors.ts';
import type { ChangedPicture, ChangesRequest, JudgeRequest } from '#contract/judge-messages.ts';
import type { ModelPassport } from '#contract/model.ts';
import { judgeEntry } from '../entry-scripts.ts';
import { forkChild, type SpawnChild } from '../child-process.ts';
import { allocatorEnvironment } from './flat-memory.ts';
import { defaultJudgeLimits, type JudgeLimits } from './judge-limits.ts';
import type { JudgedPicture } from './judge-picture.ts';
import { JudgeProcess, type JudgeOptions } from './judge-process.ts';
import { RestartedProcess } from './restarted-process.ts';

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

export interface JudgeHostOptions {
  entry?: string;
  spawn?: SpawnChild;
  limits?: Partial<JudgeLimits>;
  /** The file in which the fastest provider of each model is remembered; without one, all judge on the processor. */
  providers?: string;
}

export function createJudgeHost(options: JudgeHostOptions = {}): JudgeHost {
  const { entry = judgeEntry, spawn = forkChild, providers = null } = options;
  const limits = { ...defaultJudgeLimits(), ...options.limits };
  return {
    async open(model) {
      // A process in the place of a lost one judges on the processor: the driver of a GPU may have been what ended it.
      const start = (): JudgeProcess => new JudgeProcess(spawn(entry, allocatorEnvironment), model, limits);
      let first = new JudgeProcess(spawn(entry, allocatorEnvironment), { ...model, providers }, limits);
      if (providers !== null && (await lostBy(first))) first = start();
      try {
        const { passport, provider } = await first.opened;
        if (passport === null) throw new AppError('model_invalid', `${model.name} has no passport.`);
        const process = new RestartedProcess(start, { first });
        return {
          ...{ passport, provider },
          judge: (request, judging = {}) => process.perform((one) => one.judge(request, judging)),
          judgeChanges: (request, judging = {}) =>
            process.perform((one) => one.judgeChanges(request, judging)),
          close: () => process.close(),
        };
      } catch (error) {
        await first.close();
        throw error;
      }
    },
  };
}

/** Whether the process ended instead of saying that the model is opened or refused. */
const lostBy = (process: JudgeProcess): Promise<boolean> =>
  process.opened.then(
    () => false,
    (cause: unknown) => cause instanceof AppError && cause.code === 'judge_crashed',
  );
