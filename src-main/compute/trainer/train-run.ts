/** One training run inside the trainer process, from photographs to the exported and validated detector. */
import { AppError } from '#contract/errors.ts';
import type { FromTrainer, TrainerPhotograph, TrainerStart } from '#contract/trainer-messages.ts';
import { decodeCheckpoint, encodeCheckpoint } from '#engine/training/checkpoint.ts';
import { AdversarialTrainer, TrainingDivergedError, type TrainerPorts } from '#engine/training/trainer.ts';
import { resolveTrainingConfig, type TrainingConfig } from '#engine/training/training-config.ts';
import { openDetector } from '#inference/detector-session.ts';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileWhole } from '../write-file.ts';
import { chooseBackend } from './choose-backend.ts';
import { describeModel, traceDetector, writeDetector } from './export-detector.ts';
import { jpegCodec } from './jpeg-codec.ts';
import { MetricWindow } from './metric-window.ts';
import { selectPhotographs, type Log } from './select-photographs.ts';
import { validateDetector } from './validate-detector.ts';
import { writeSamples } from './write-samples.ts';

/** Samples in the theatre. */
const SAMPLES = 4;
const clock = (): number => performance.now() / 1000;

export interface TrainerContext {
  send: (message: FromTrainer) => void;
  /** True once the run was asked to end at the next safe point. */
  stopRequested: () => boolean;
}

function configOf(overrides: TrainerStart['overrides']): TrainingConfig {
  try {
    return resolveTrainingConfig(overrides);
  } catch (error) {
    throw new AppError('invalid_input', (error as Error).message, { cause: error });
  }
}

async function openTrainer(start: TrainerStart, ports: TrainerPorts): Promise<AdversarialTrainer> {
  if (start.resumeFrom === null)
    return AdversarialTrainer.begin(configOf(start.overrides), start.seed, ports);
  const bytes = await readFile(start.resumeFrom);
  try {
    const state = decodeCheckpoint(bytes);
    return new AdversarialTrainer(state, ports);
  } catch (error) {
    throw new AppError('checkpoint_damaged', `The checkpoint cannot be read: ${(error as Error).message}.`, {
      cause: error,
    });
  }
}

/** Share of the run that is done, by whichever stop condition is nearer, [0, 1]. */
function shareDone({ steps, minutes }: TrainerStart['stop'], step: number, seconds: number): number {
  const bySteps = steps === undefined ? 0 : step / steps;
  const byTime = minutes === undefined ? 0 : seconds / (minutes * 60);
  return Math.min(1, Math.max(bySteps, byTime));
}

/** Trains until the stop condition, a request to stop, or a failure, which it throws as an AppError. */
export async function trainRun(start: TrainerStart, { send, stopRequested }: TrainerContext): Promise<void> {
  const log: Log = (level, code, message) =>
    send({ type: 'log', entry: { at: Date.now(), level, code, message } });
  const wanted = configOf(start.overrides);
  const { photographs, validation } = await selectPhotographs(start.photographs, wanted, log);
  const { backend, why } = await chooseBackend(start);
  const device = { name: backend.name, provider: backend.provider, device: backend.device };
  log(
    'info',
    'backend_chosen',
    `Training on ${backend.name} (${backend.provider}, ${backend.device}): ${why}.`,
  );
  const trainer = await openTrainer(start, { backend, photographs, codec: jpegCodec, clock });
  const { state } = trainer;
  const { config } = state;
  send({ type: 'ready', backend: device, config });
  const checkpoints = join(start.directory, 'checkpoints');
  await mkdir(checkpoints, { recursive: true });

  const checkpoint = async (): Promise<void> => {
    const path = join(checkpoints, `step-${String(state.detectorStep).padStart(7, '0')}.safetensors`);
    await writeFileWhole(path, encodeCheckpoint(state));
    send({ type: 'checkpoint', step: state.detectorStep, path, trainedSeconds: state.seconds });
  };
  const showSamples = async (): Promise<void> => {
    const folder = join(start.directory, 'samples');
    const samples = await writeSamples(await trainer.theatre(SAMPLES), folder, state.detectorStep);
    send({ type: 'samples', step: state.detectorStep, samples });
  };
  /** A disk that is full for a while shall not end a run: the next checkpoint may succeed. */
  const tolerantly = async (what: string, work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (error) {
      const cause = AppError.from(error);
      log(
        'error',
        cause.code,
        `The ${what} of step ${state.detectorStep} could not be written: ${cause.message}. Training goes on.`,
      );
    }
  };

  const window = new MetricWindow(clock);
  let nextMetric = state.detectorStep + 1;
  let nextSample = state.detectorStep;
  let nextCheckpoint = state.detectorStep + config.checkpointEvery;
  let done = shareDone(start.stop, state.detectorStep, state.seconds);
  while (done < 1 && !stopRequested()) {
    if (state.detectorStep >= nextSample) {
      nextSample = state.detectorStep + config.sampleEvery;
      await tolerantly('samples', showSamples);
    }
    let measured;
    try {
      measured = await trainer.iterate(done);
    } catch (error) {
      if (!(error instanceof TrainingDivergedError)) throw error;
      throw new AppError(
        'training_diverged',
        `Training diverged: ${error.message}. Nothing of that step was kept.`,
        { cause: error },
      );
    }
    window.add(measured);
    done = shareDone(start.stop, state.detectorStep, state.seconds);
    if (state.detectorStep >= nextMetric || done >= 1) {
      nextMetric = state.detectorStep + config.metricEvery;
      send({
        type: 'metric',
        metric: window.take(state.detectorStep, done, state.seconds),
        trainedSeconds: state.seconds,
      });
    }
    if (state.detectorStep >= nextCheckpoint) {
      nextCheckpoint = state.detectorStep + config.checkpointEvery;
      await tolerantly('checkpoint', checkpoint);
    }
    await new Promise((resolve) => setImmediate(resolve)); // lets a request to stop arrive
  }

  await checkpoint();
  if (done < 1) {
    send({ type: 'stopped', step: state.detectorStep });
    return;
  }
  await tolerantly('samples', showSamples);
  await trainer.dispose();
  await finish(start, trainer, validation, { send, log });
}

/** Exports the averaged detector, validates the exported file itself, and writes the result into its passport. */
async function finish(
  start: TrainerStart,
  { state }: AdversarialTrainer,
  photographs: readonly TrainerPhotograph[],
  { send, log }: { send: TrainerContext['send']; log: Log },
): Promise<void> {
  const createdAt = Date.now();
  const path = join(start.directory, 'model.onnx');
  const candidate = join(start.directory, 'candidate.onnx');
  log('info', 'exporting', 'Tracing the trained detector and writing it as ONNX.');
  const graph = await traceDetector(state);
  await writeFileWhole(candidate, writeDetector(graph, describeModel(start, state, null, createdAt)));
  const detector = await openDetector(candidate);
  let tenth = 0;
  const validation = await validateDetector(detector, photographs, state.seed, (n, total) => {
    if (Math.floor((10 * n) / total) <= tenth) return;
    tenth = Math.floor((10 * n) / total);
    log('info', 'validating', `Validation: ${n} of ${total} photographs judged.`);
  });
  await detector.dispose();
  const passport = describeModel(start, state, validation, createdAt);
  await writeFileWhole(path, writeDetector(graph, passport));
  await rm(candidate, { force: true });
  send({ type: 'done', step: state.detectorStep, model: { path, passport } });
}
