/**
 * Whether the generator's masks stay sound, whatever the number k of its kernels: a short training for each k, and then its
 * samples measured. What is judged are the bounds of the method, the same as those of the collapse watch.
 */
import { setImmediate } from 'node:timers/promises';
import { jpegCodec } from '#compute/trainer/jpeg-codec.ts';
import { AppError } from '#contract/errors.ts';
import { generatorLayout } from '#engine/models/generator.ts';
import type { ComputeBackend, TrainingPhotographs } from '#engine/ports.ts';
import { watchCollapse, type CollapseCode } from '#engine/training/collapse-watch.ts';
import { meanMetrics, type IterationMetrics } from '#engine/training/iteration-metrics.ts';
import { AdversarialTrainer } from '#engine/training/trainer.ts';
import {
  networkConfig,
  resolveTrainingConfig,
  type TrainingConfig,
} from '#engine/training/training-config.ts';
import { maskFigures, meanCosine, outsideBounds, type KernelFigures } from './kernel-figures.ts';

/** The numbers of kernels that the method is shown with. */
export const KERNEL_COUNTS = [1, 2, 4, 8] as const;

/** Steps at the end over which the detector's accuracy is averaged. */
const LAST_STEPS = 50;

export interface KernelStudy {
  photographs: TrainingPhotographs;
  backend: ComputeBackend;
  counts: readonly number[];
  /** Detector steps of each training. */
  steps: number;
  seed: number;
  /** Blends that are made at the end, to measure the masks on. */
  samples: number;
  /** Of the training, as in a run. */
  overrides?: Readonly<Partial<TrainingConfig>>;
}
export interface StudyWatch {
  signal: AbortSignal;
  /** Told at every point of the curves. */
  report: (kernels: number, step: number, means: IterationMetrics) => void;
}

const clock = (): number => performance.now() / 1000;

async function train(
  study: KernelStudy,
  kernels: number,
  { signal, report }: StudyWatch,
): Promise<KernelFigures> {
  const { photographs, backend, steps, seed } = study;
  const config = resolveTrainingConfig({ ...study.overrides, kernels });
  const trainer = await AdversarialTrainer.begin(config, seed, {
    backend,
    photographs,
    codec: jpegCodec,
    clock,
  });
  const { state } = trainer;
  const signs = new Set<CollapseCode>();
  const recent: IterationMetrics[] = [];
  let window: IterationMetrics[] = [];
  let point = config.metricEvery;
  while (state.detectorStep < steps) {
    if (signal.aborted)
      throw new AppError('cancelled', `The study was stopped at k = ${kernels}, step ${state.detectorStep}.`);
    const metrics = await trainer.iterate(state.detectorStep / steps);
    window.push(metrics);
    if (steps - state.detectorStep < LAST_STEPS) recent.push(metrics);
    if (state.detectorStep >= point) {
      point += config.metricEvery;
      const means = { ...meanMetrics(window), step: state.detectorStep };
      for (const sign of watchCollapse(state.collapse, means, config)) signs.add(sign.code);
      report(kernels, state.detectorStep, means);
      window = [];
    }
    await setImmediate(); // lets a request to stop arrive
  }
  const shown = maskFigures(await trainer.theatre(study.samples));
  const weights = generatorLayout(networkConfig(config)).views(state.vectors.generatorWeights);
  const cosine = meanCosine(weights['masks.kernels']!.data, kernels);
  await trainer.dispose();
  return {
    kernels,
    steps: state.detectorStep,
    ...shown,
    cosine,
    accuracy: meanMetrics(recent).accuracy,
    signs: [...signs],
    outside: outsideBounds({ ...shown, cosine }),
  };
}

/**
 * Trains once for each number of kernels and measures what came of it.
 * @throws AppError `cancelled`; TrainingDivergedError
 */
export async function kernelStudy(study: KernelStudy, watch: StudyWatch): Promise<KernelFigures[]> {
  const figures: KernelFigures[] = [];
  for (const kernels of study.counts) figures.push(await train(study, kernels, watch));
  return figures;
}
