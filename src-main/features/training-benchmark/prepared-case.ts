/** A case of the benchmark, made ready on a backend: what one iteration of it is, and where its time goes. */
import type { TrainerPhotograph } from '#contract/trainer-messages.ts';
import { jpegCodec } from '#compute/trainer/jpeg-codec.ts';
import { photographSource } from '#compute/trainer/photographs.ts';
import type { ComputeBackend } from '#engine/ports.ts';
import { AdversarialTrainer } from '#engine/training/trainer.ts';
import { resolveTrainingConfig, type TrainingConfig } from '#engine/training/training-config.ts';
import type { BenchmarkCase } from './benchmark-cases.ts';
import { conv8Inputs, conv8Shape, conv8Step } from './conv8-step.ts';
import { timed, wallClock } from './timed-backend.ts';

/** Milliseconds of one iteration. */
export interface IterationTimes {
  total: number;
  /** During which no step ran. */
  data: number;
  /** In the generator's steps. */
  generator: number;
  /** In the detector's steps, and in making their simulated samples by the frozen generator. */
  detector: number;
}

export interface PreparedCase {
  /** The first call also compiles the steps. */
  iterate(): Promise<IterationTimes>;
}

const seed = 0;

/** Iterations as a run makes them: the trainer, the real JPEG codec, photographs decoded from their files. */
async function openTraining(
  overrides: Partial<TrainingConfig>,
  backend: ComputeBackend,
  photographs: readonly TrainerPhotograph[],
): Promise<PreparedCase> {
  const clocked = timed(backend);
  const source = photographSource(photographs);
  const trainer = await AdversarialTrainer.begin(resolveTrainingConfig(overrides), seed, {
    backend: clocked.backend,
    photographs: { real: source, foreign: source },
    codec: jpegCodec,
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
  };
}

/** What it holds is given back when the backend is disposed of. */
export const openCase = (
  { overrides }: Pick<BenchmarkCase, 'overrides'>,
  backend: ComputeBackend,
  photographs: readonly TrainerPhotograph[],
): Promise<PreparedCase> =>
  overrides === null ? openConv8(backend) : openTraining(overrides, backend, photographs);
