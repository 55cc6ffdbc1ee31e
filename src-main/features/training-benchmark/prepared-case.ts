/** A case of the benchmark, made ready on a backend: what one iteration of it is, and where its time goes. */
import type { TrainerPhotograph } from '#contract/trainer-messages.ts';
import { BatchThread } from '#compute/trainer/batch-thread.ts';
import { jpegCodec } from '#compute/trainer/jpeg-codec.ts';
import type { ComputeBackend } from '#engine/ports.ts';
import { AdversarialTrainer } from '#engine/training/trainer.ts';
import { resolveTrainingConfig, type TrainingConfig } from '#engine/training/training-config.ts';
import type { BenchmarkCase } from './benchmark-cases.ts';
import { conv8Inputs, conv8Shape, conv8Step } from './conv8-step.ts';
import { timed, wallClock } from './timed-backend.ts';

/** Milliseconds of one iteration. */
export interface IterationTimes {
  total: number;
  /** During which no step ran: waiting for batches, and putting the generator's samples into them. */
  data: number;
  /** In the generator's steps. */
  generator: number;
  /** In the detector's steps, and in making their simulated samples by the frozen generator. */
  detector: number;
}

export interface PreparedCase {
  /** The first call also compiles the steps. */
  iterate(): Promise<IterationTimes>;
  /** Ends what it started. The backend is not its own. */
  close(): Promise<void>;
}

const seed = 0;

/** Iterations as a run makes them: the trainer, and the thread that prepares its batches from photographs' files. */
async function openTraining(
  overrides: Partial<TrainingConfig>,
  backend: ComputeBackend,
  files: TrainerPhotograph[],
): Promise<PreparedCase> {
  const clocked = timed(backend);
  const config = resolveTrainingConfig(overrides);
  const { thread, photographs } = await BatchThread.open(files, config, { log: () => undefined });
  const trainer = await AdversarialTrainer.begin(config, seed, {
    ...{ backend: clocked.backend, photographs, codec: jpegCodec },
    batches: (run) => thread.batches(run),
    clock: () => wallClock() / 1000,
  });
  return {
    async iterate() {
      clocked.take();
      const from = wallClock();
      const { dataSeconds } = await trainer.iterate(0);
      const total = wallClock() - from;
      const { generate = 0, detectorStep = 0, generatorStep = 0 } = clocked.take();
      return { total, data: dataSeconds * 1000, generator: generatorStep, detector: generate + detectorStep };
    },
    close: async () => {
      await trainer.dispose();
      await thread.close();
    },
  };
}

/** Steps that follow each other: what comes out of one goes into the next. There is no generator, and no data to prepare. */
async function openConv8(backend: ComputeBackend): Promise<PreparedCase> {
  let state = conv8Inputs(conv8Shape);
  const step = await backend.prepare('conv8', conv8Step(conv8Shape), state);
  return {
    async iterate() {
      const from = wallClock();
      state = { ...state, ...(await step.run(state)) };
      const total = wallClock() - from;
      return { total, data: 0, generator: 0, detector: total };
    },
    close: () => step.dispose(),
  };
}

export const openCase = (
  { overrides }: Pick<BenchmarkCase, 'overrides'>,
  backend: ComputeBackend,
  photographs: TrainerPhotograph[],
): Promise<PreparedCase> =>
  overrides === null ? openConv8(backend) : openTraining(overrides, backend, photographs);
