/**
 * Trains one row of the study on ONNX Runtime, from its last checkpoint where there is one. What it gives is the same
 * whether it was interrupted or not, because a checkpoint is the whole state of a training.
 */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import { AppError } from '#contract/errors.ts';
import type { TrainerPhotograph } from '#contract/trainer-messages.ts';
import { createOrtBackend } from '#compute/backends/ort.ts';
import type { OrtProvider } from '#compute/backends/ort-providers.ts';
import { probePhotograph } from '#compute/decoding/decode-photograph.ts';
import { jpegCodec } from '#compute/trainer/jpeg-codec.ts';
import { writeFileWhole } from '#compute/write-file.ts';
import type { TrainingPhotographs } from '#engine/ports.ts';
import { decodeCheckpoint, encodeCheckpoint } from '#engine/training/checkpoint.ts';
import type { IterationMetrics } from '#engine/training/iteration-metrics.ts';
import { AdversarialTrainer, type TrainerPorts } from '#engine/training/trainer.ts';
import type { TrainingConfig } from '#engine/training/training-config.ts';
import { TrainingDivergedError } from '#engine/training/training-diverged-error.ts';
import type { TrainingState } from '#engine/training/training-state.ts';
import type { StudyFile } from './study-data.ts';

export interface VariantTraining {
  config: TrainingConfig;
  seed: number;
  /** Detector steps. */
  steps: number;
  photographs: TrainingPhotographs;
  provider: OrtProvider;
  threads: number;
  /** The file that is written and gone on from. */
  checkpoint: string;
  /** Detector steps between checkpoints. */
  checkpointEvery: number;
  signal: AbortSignal;
  report: (step: number, metrics: IterationMetrics) => void;
}

/** Smaller photographs show too little beside a crop. */
const leastSide = 128;

/** Those of the photographs that are large enough for crops of this side, as training reads them. */
export async function trainingPhotographs(
  files: readonly StudyFile[],
  crop: number,
): Promise<TrainerPhotograph[]> {
  const usable: TrainerPhotograph[] = [];
  for (const { path, sha256 } of files) {
    const { width, height } = await probePhotograph(path);
    if (Math.min(width, height) >= Math.max(leastSide, crop))
      usable.push({ path, sha256, label: 'real', split: 'train', category: null, maskPath: null });
  }
  if (usable.length >= 2) return usable;
  throw new AppError(
    'dataset_too_small',
    `Only ${usable.length} of the ${files.length} training photographs are large enough; at least two are needed.`,
  );
}

const clock = (): number => performance.now() / 1000;

async function openTrainer(training: VariantTraining, ports: TrainerPorts): Promise<AdversarialTrainer> {
  const { checkpoint, config, seed } = training;
  if (!existsSync(checkpoint)) return AdversarialTrainer.begin(config, seed, ports);
  let state: TrainingState;
  try {
    state = decodeCheckpoint(await readFile(checkpoint));
  } catch (cause) {
    throw new AppError(
      'checkpoint_damaged',
      `${checkpoint} cannot be gone on from: ${(cause as Error).message}.`,
      { cause, hint: 'Remove it, and the row begins anew.' },
    );
  }
  return new AdversarialTrainer(state, ports);
}

/**
 * Trains up to the steps asked for and leaves a checkpoint of the end.
 * @throws AppError `cancelled` where `signal` was aborted, after a checkpoint; `training_diverged`; `checkpoint_damaged`;
 *   `backend_unavailable`
 */
export async function trainVariant(training: VariantTraining): Promise<TrainingState> {
  const { steps, photographs, provider, threads, checkpoint, checkpointEvery, signal, report } = training;
  const backend = await createOrtBackend({ provider, threads });
  try {
    const trainer = await openTrainer(training, { backend, photographs, codec: jpegCodec, clock });
    const { state } = trainer;
    const save = (): Promise<void> => writeFileWhole(checkpoint, encodeCheckpoint(state));
    let next = state.detectorStep + checkpointEvery;
    while (state.detectorStep < steps) {
      if (signal.aborted) {
        await save();
        throw new AppError('cancelled', `The training was stopped at step ${state.detectorStep}.`);
      }
      const metrics = await trainer.iterate(state.detectorStep / steps);
      report(state.detectorStep, metrics);
      if (state.detectorStep >= next || state.detectorStep >= steps) {
        next = state.detectorStep + checkpointEvery;
        await save();
      }
      await setImmediate(); // lets a request to stop arrive
    }
    return state;
  } catch (error) {
    if (!(error instanceof TrainingDivergedError)) throw error;
    throw new AppError('training_diverged', `Training diverged: ${error.message}.`, { cause: error });
  } finally {
    await backend.dispose();
  }
}
