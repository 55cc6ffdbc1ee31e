/**
 * What passes between a run and the thread that prepares its batches. Both are this program's own code of one version, so the
 * types are the contract; pixels and batches travel as typed arrays, shared or handed over, never copied.
 */
import type { ErrorData } from '#contract/errors.ts';
import type { TrainerPhotograph } from '#contract/trainer-messages.ts';
import type { RunLogEntry } from '#contract/training-run.ts';
import type { HostTensor, RgbImage } from '#engine/ports.ts';
import type { DetectorDraft } from '#engine/training/training-batches.ts';
import type { TrainingConfig } from '#engine/training/training-config.ts';

/** `workerData` of the thread. */
export interface BatchThreadStart {
  photographs: TrainerPhotograph[];
  /** Chooses the photographs. */
  config: TrainingConfig;
  cacheMegabytes: number;
}

/** One batch of a run. */
export interface BatchPlace {
  kind: 'detector' | 'generator';
  iteration: number;
  step: number;
}
/** The run that batches are made for; it is told before the first is asked for. */
export interface BatchRun {
  config: TrainingConfig;
  seed: number;
}

export type Question =
  | { ask: 'batch'; place: BatchPlace }
  /** A photograph by its index among the foreign ones, of which the real ones are the first. */
  | { ask: 'photograph'; index: number };
export type Answer = DetectorDraft | Record<string, HostTensor> | RgbImage;

export type ToBatchThread =
  | { type: 'run'; run: BatchRun }
  | { type: 'question'; id: number; question: Question }
  /** Finish what is being made, and end. */
  | { type: 'close' };

export type FromBatchThread =
  | { type: 'log'; level: RunLogEntry['level']; code: string; message: string }
  /** How many photographs there are to train on. */
  | { type: 'ready'; real: number; foreign: number }
  /** Why there is nothing to train on; it ends then. */
  | { type: 'refused'; error: ErrorData }
  | { type: 'answer'; id: number; answer: Answer }
  | { type: 'failure'; id: number; error: ErrorData };
