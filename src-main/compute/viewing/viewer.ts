/**
 * Originals to be shown, decoded in a process that can be killed: whatever a file does to its decoder, the program and the
 * other pictures go on. The process keeps what it decoded, and rests when nobody has looked at anything for a while.
 */
import os from 'node:os';
import type { ViewedPicture, ViewRequest } from '#contract/judge-messages.ts';
import { forkChild, type SpawnChild } from '../child-process.ts';
import { viewerEntry } from '../entry-scripts.ts';
import { defaultJudgeLimits, type JudgeLimits } from '../judging/judge-limits.ts';
import { JudgeProcess } from '../judging/judge-process.ts';
import { RestartedProcess } from '../judging/restarted-process.ts';

export interface Viewer {
  /** Has the process ready before a picture is opened. */
  warm(): void;
  /**
   * A tile, or a level made ready.
   * @throws AppError `evidence_missing`; `evidence_changed` where the file is not what its hash says; those of
   *   `decodePhotograph`; `time_limit`, `memory_limit`, `judge_crashed` where the picture ended the process
   */
  view(request: ViewRequest): Promise<ViewedPicture>;
  /** Ends the process; what is decoded just then fails with `cancelled`. */
  close(): Promise<void>;
}

const restMs = 300_000;

/** @param options.keep bytes of decoded pictures that may be kept, by which the process may be larger than one that judges */
export function createViewer(
  options: { keep?: () => number; entry?: string; spawn?: SpawnChild; limits?: Partial<JudgeLimits> } = {},
): Viewer {
  const { keep = () => 0, entry = viewerEntry, spawn = forkChild } = options;
  const limits = (): JudgeLimits => {
    const usual = defaultJudgeLimits();
    const memory = Math.max(usual.memory, Math.min(2 * keep(), 0.75 * os.totalmem()));
    return { ...usual, memory, ...options.limits };
  };
  const model = { path: null, name: 'the decoder' };
  const process = new RestartedProcess(() => new JudgeProcess(spawn(entry), model, limits()), { restMs });
  return {
    warm: () => process.warm(),
    view: (request) => process.perform((one) => one.view(request)),
    close: () => process.close(),
  };
}
