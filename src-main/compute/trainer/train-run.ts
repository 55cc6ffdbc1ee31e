/** One training run inside the trainer process, from photographs to the exported and validated detector. */
import { AppError, type ErrorCode } from '#contract/errors.ts';
import type { FromTrainer, TrainerStart } from '#contract/trainer-messages.ts';
import { overCode } from '#contract/training-run.ts';
import { decodeCheckpoint, encodeCheckpoint } from '#engine/training/checkpoint.ts';
import { watchCollapse } from '#engine/training/collapse-watch.ts';
import { recordEvaluation, type Evaluation } from '#engine/training/evaluation-history.ts';
import type { IterationMetrics } from '#engine/training/iteration-metrics.ts';
import { shareDone, stopReason, type StopReason } from '#engine/training/stop-conditions.ts';
import { AdversarialTrainer, type TrainerPorts } from '#engine/training/trainer.ts';
import { resolveTrainingConfig, type TrainingConfig } from '#engine/training/training-config.ts';
import { TrainingDivergedError } from '#engine/training/training-diverged-error.ts';
import type { TrainingState } from '#engine/training/training-state.ts';
import type { TrainingPhotographs } from '#engine/ports.ts';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { peakMegabytes } from '../peak-memory.ts';
import { writeFileWhole } from '../write-file.ts';
import { explainingBackend } from '../backends/explaining-backend.ts';
import { BatchThread } from './batch-thread.ts';
import { chooseBackend } from './choose-backend.ts';
import { finishRun } from './finish-run.ts';
import { jpegCodec } from './jpeg-codec.ts';
import { MetricWindow } from './metric-window.ts';
import { openEvaluation } from './open-evaluation.ts';
import { validationPhotographs, type Log } from './select-photographs.ts';
import { writeSamples } from './write-samples.ts';

/** Samples in the theatre. */
const SAMPLES = 4;
const clock = (): number => performance.now() / 1000;

export interface TrainerContext {
  send: (message: FromTrainer) => void;
  /** True once the run was asked to end at the next safe point. */
  stopRequested: () => boolean;
  openBackend?: typeof chooseBackend;
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

/** Whether a multiple of `every` steps was reached on the way, however often the run was interrupted before. */
const crossed = (every: number, before: number, after: number): boolean =>
  Math.floor(after / every) > Math.floor(before / every);

/** Why the run ends, in the log's words. */
function endSentence(reason: StopReason, { stop }: TrainerStart, step: number): string {
  switch (reason) {
    case 'steps':
      return `The run ends after ${step} detector steps, as asked for.`;
    case 'minutes':
      return `The run ends after ${stop.minutes} minutes of training, as asked for, at step ${step}.`;
    case 'lossBelow':
      return `The run ends at step ${step}: the detector's total loss fell below ${stop.lossBelow}.`;
    case 'patience':
      return `The run ends at step ${step}: ${stop.patience} evaluations in a row brought no lower validation loss.`;
  }
}

/** What a run is told of its batches' parts; what they change stands in engine/training/accumulation.ts. */
const partsSentence = (parts: number): string =>
  `From now on each batch is taken in ${parts} parts whose gradients are added up. The generator's steps stay the same; in the ` +
  "detector's, batch normalisation takes each part's own moments, so that they are near to those of whole batches and not the same.";

/** Failures of the surroundings, which leave the state of the iteration before sound: it is kept. */
const keepsState = new Set<ErrorCode>(['out_of_memory', 'backend_lost', 'batches_failed']);

/**
 * Trains until a stop condition is met, a request to stop, or a failure, which it throws as an AppError. Numbers that are not
 * finite end it with `training_diverged`, after a checkpoint of the last state in which all were.
 */
export async function trainRun(start: TrainerStart, context: TrainerContext): Promise<void> {
  const { send } = context;
  const log: Log = (level, code, message) =>
    send({ type: 'log', entry: { at: Date.now(), level, code, message } });
  const wanted = configOf(start.overrides);
  const { cacheMegabytes } = start;
  const opened = await BatchThread.open(start.photographs, wanted, { log, cacheMegabytes });
  let state: TrainingState;
  try {
    state = await train(start, wanted, opened, { ...context, log });
  } finally {
    await opened.thread.close();
  }
  if (state.ended) await finishRun(start, state, validationPhotographs(start.photographs), { send, log });
}

/** Trains until the run has ended or was asked to stop, and answers with its last state, which is in a checkpoint. */
async function train(
  start: TrainerStart,
  wanted: TrainingConfig,
  { thread, photographs }: { thread: BatchThread; photographs: TrainingPhotographs },
  context: TrainerContext & { log: Log },
): Promise<TrainingState> {
  const { send, stopRequested, log, openBackend = chooseBackend } = context;
  const { backend: chosen, why } = await openBackend(start, { config: wanted, log });
  const backend = explainingBackend(chosen);
  const device = { name: backend.name, provider: backend.provider, device: backend.device };
  log(
    'info',
    'backend_chosen',
    `Training on ${backend.name} (${backend.provider}, ${backend.device}): ${why}.`,
  );
  const trainer = await openTrainer(start, {
    ...{ backend, photographs, codec: jpegCodec, clock },
    batches: (run) => thread.batches(run),
  });
  const { state } = trainer;
  const { config } = state;
  const validation = validationPhotographs(start.photographs);
  const evaluation = await openEvaluation(start, state, { backend, photographs: validation, log });
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
      if (error instanceof TrainingDivergedError) throw error;
      const cause = AppError.from(error);
      log(
        'error',
        cause.code,
        `The ${what} of step ${state.detectorStep} could not be written: ${cause.message}. Training goes on.`,
      );
    }
  };
  const evaluate = async (): Promise<Evaluation | null> => {
    if (!evaluation) return null;
    const found = await evaluation.judge(state);
    recordEvaluation(state, found, start.stop.patience !== undefined);
    const figures = `loss ${found.loss.toFixed(3)}, AUC ${found.auc.toFixed(3)}`;
    log('info', 'evaluated', `Validation crops at step ${found.step}: ${figures}.`);
    return found;
  };

  const window = new MetricWindow(clock, state.window);
  let unsent: Evaluation | null = null;
  /** A point of the curves, with what the run warns of there. */
  const takePoint = (): void => {
    const { detectorStep: step, seconds } = state;
    for (const sign of watchCollapse(state.collapse, { ...window.means(), step }, config)) {
      if (sign.over) log('info', overCode(sign.code), sign.message);
      else log('warning', sign.code, sign.message);
    }
    const done = shareDone(start.stop, { step, seconds });
    const metric = window.take({ step, done, seconds, evaluation: unsent });
    send({ type: 'metric', metric, trainedSeconds: seconds, peakMegabytes: peakMegabytes() });
    unsent = null;
  };
  const reasonToEnd = (loss: number | null): StopReason | null =>
    stopReason(start.stop, {
      step: state.detectorStep,
      seconds: state.seconds,
      loss,
      evaluationsSinceBest: state.evaluations.sinceBest,
    });

  /** One iteration. Where the backend lacks memory for it, it is begun again with each batch in twice as many parts. */
  const iterate = async (): Promise<IterationMetrics> => {
    for (;;) {
      try {
        return await trainer.iterate(
          shareDone(start.stop, { step: state.detectorStep, seconds: state.seconds }),
        );
      } catch (error) {
        const lacking = error instanceof AppError && error.code === 'out_of_memory';
        if (!lacking || !(await trainer.halve())) throw error;
        log('warning', error.code, `${error.message}. ${partsSentence(state.parts)}`);
        await tolerantly('checkpoint', checkpoint);
      }
    }
  };

  /** One iteration, and what is due after it. */
  const advance = async (): Promise<void> => {
    const before = state.detectorStep;
    if (before === 0) await tolerantly('samples', showSamples);
    window.add(await iterate());
    const due = (every: number) => crossed(every, before, state.detectorStep);
    const pointDue = due(config.metricEvery);
    state.ended = reasonToEnd(pointDue ? window.means().losses.totalDetector : null);
    const evaluationDue = due(config.evaluateEvery) && state.detectorStep >= config.evaluateFrom;
    if (evaluationDue || state.ended) {
      unsent = await evaluate();
      state.ended ??= reasonToEnd(null); // patience
    }
    if (pointDue || state.ended) takePoint();
    if (state.ended) return;
    if (due(config.sampleEvery)) await tolerantly('samples', showSamples);
    if (due(config.checkpointEvery)) await tolerantly('checkpoint', checkpoint);
  };

  try {
    while (!state.ended && !stopRequested()) {
      await advance();
      await new Promise((resolve) => setImmediate(resolve)); // lets a request to stop arrive
    }
    await checkpoint();
    if (!state.ended) {
      send({ type: 'stopped', step: state.detectorStep });
      return state;
    }
    log('info', 'run_ended', endSentence(state.ended, start, state.detectorStep));
    await tolerantly('samples', showSamples);
  } catch (error) {
    if (error instanceof AppError && keepsState.has(error.code)) await tolerantly('checkpoint', checkpoint);
    if (!(error instanceof TrainingDivergedError)) throw error;
    await tolerantly('checkpoint', checkpoint);
    throw new AppError(
      'training_diverged',
      `Training diverged: ${error.message}. Nothing of that step was kept; the checkpoint of step ${state.detectorStep} ` +
        'is the last state in which every number was finite. A run that goes on from it meets the same draws again.',
      { cause: error },
    );
  } finally {
    await trainer.dispose();
    await evaluation?.dispose();
  }
  return state;
}
