/**
 * Decoding pictures at their intake in a process that can be killed: whatever a file does to its decoder, the program and the
 * other pictures go on. The process starts with the first picture, and rests when none has come for a while.
 */
import type { ExamineRequest } from '#contract/judge-messages.ts';
import { forkChild, type SpawnChild } from '../child-process.ts';
import { examinerEntry } from '../entry-scripts.ts';
import { defaultJudgeLimits, type JudgeLimits } from '../judging/judge-limits.ts';
import { JudgeProcess } from '../judging/judge-process.ts';
import { RestartedProcess } from '../judging/restarted-process.ts';
import type { DecodeLimits, PhotographFacts } from './decode-photograph.ts';
import type { ExaminedPhotograph } from './examine-photograph.ts';

export interface Examiner {
  /**
   * As `probePhotograph`.
   * @throws AppError of it; `time_limit`, `memory_limit`, `judge_crashed` where the picture ended the process
   */
  probe(path: string, limits?: DecodeLimits): Promise<PhotographFacts>;
  /** As `examinePhotograph`. Errors: as of `probe`. */
  examine(path: string, limits?: DecodeLimits): Promise<ExaminedPhotograph>;
  /** Ends the process; what is decoded just then fails with `cancelled`. */
  close(): Promise<void>;
}

const restMs = 2000;

export function createExaminer(
  options: { entry?: string; spawn?: SpawnChild; limits?: Partial<JudgeLimits> } = {},
): Examiner {
  const { entry = examinerEntry, spawn = forkChild } = options;
  const limits = { ...defaultJudgeLimits(), ...options.limits };
  const model = { path: null, name: 'the decoder' };
  const process = new RestartedProcess(() => new JudgeProcess(spawn(entry), model, limits));
  let active = 0;
  let rest: NodeJS.Timeout | undefined;

  async function ask(
    depth: ExamineRequest['depth'],
    path: string,
    { name = path, minimumSide, maximumPixels }: DecodeLimits,
  ): Promise<ExaminedPhotograph> {
    const request = { file: path, name, depth, minimumSide, maximumPixels };
    clearTimeout(rest);
    active++;
    try {
      return await process.perform((one) => one.examine(request));
    } finally {
      active--;
      if (active === 0) rest = setTimeout(() => void process.rest(), restMs).unref();
    }
  }
  return {
    probe: (path, asked = {}) => ask('facts', path, asked),
    async examine(path, asked = {}) {
      const { thumbnail, ...rest } = await ask('whole', path, asked);
      // Electron's channel carries bytes as plain arrays.
      return { ...rest, thumbnail: Buffer.from(thumbnail) };
    },
    async close() {
      clearTimeout(rest);
      await process.close();
    },
  };
}
