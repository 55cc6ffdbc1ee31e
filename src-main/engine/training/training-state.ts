/**
 * Everything that a training run is, between two iterations: both networks, both optimisers' moments, the moving averages,
 * the frozen statistics, the counters, and what the run has shown so far. Random draws depend on the seed and the iteration,
 * so the counters are the whole random state.
 */
import { detectorLayout, detectorRunningLayout, spectralLayout } from '../models/detector.ts';
import { generatorLayout, perceptualLayout } from '../models/generator.ts';
import type { ParameterLayout } from '../models/parameters.ts';
import type { HostTensor } from '../ports.ts';
import { Random } from '../random.ts';
import { noSigns, type CollapseState } from './collapse-watch.ts';
import { noEvaluations, type BestDetector, type EvaluationHistory } from './evaluation-history.ts';
import type { IterationMetrics } from './iteration-metrics.ts';
import type { StopReason } from './stop-conditions.ts';
import { networkConfig, type TrainingConfig } from './training-config.ts';

export interface TrainingVectors {
  detectorWeights: Float32Array;
  detectorFirstMoment: Float32Array;
  detectorSecondMoment: Float32Array;
  /** Moving average of the weights, which is what is evaluated and exported. */
  detectorAverage: Float32Array;
  detectorRunning: Float32Array;
  detectorAverageRunning: Float32Array;
  generatorWeights: Float32Array;
  generatorFirstMoment: Float32Array;
  generatorSecondMoment: Float32Array;
  spectral: Float32Array;
  perceptual: Float32Array;
}

/** One of them as the steps take it, `[size]`. */
export const vector = (data: Float32Array): HostTensor => ({ dtype: 'float32', shape: [data.length], data });

/** What a run has shown so far, which decides when it ends, what it warns of and what it exports. */
export interface RunMemory {
  /** What was measured since the last point of the curves. */
  window: IterationMetrics[];
  collapse: CollapseState;
  evaluations: EvaluationHistory;
  /** Kept where the run shall export its best detector instead of its last. */
  bestDetector: BestDetector | null;
  /** Why the run has ended; null while it goes on. */
  ended: StopReason | null;
}
export const beforeAnyStep = (): RunMemory => ({
  window: [],
  collapse: noSigns(),
  evaluations: noEvaluations(),
  bestDetector: null,
  ended: null,
});

export interface TrainingState extends RunMemory {
  config: TrainingConfig;
  seed: number;
  iteration: number;
  detectorStep: number;
  generatorStep: number;
  /** In how many parts a step takes its batch, for want of memory. */
  parts: number;
  /** Seconds of training, over all resumptions. */
  seconds: number;
  vectors: TrainingVectors;
}

/** The layout of each vector, for files. */
export function vectorLayouts(config: TrainingConfig): Record<keyof TrainingVectors, ParameterLayout> {
  const network = networkConfig(config);
  const detector = detectorLayout(network);
  const generator = generatorLayout(network);
  const running = detectorRunningLayout(network);
  return {
    detectorWeights: detector,
    detectorFirstMoment: detector,
    detectorSecondMoment: detector,
    detectorAverage: detector,
    detectorRunning: running,
    detectorAverageRunning: running,
    generatorWeights: generator,
    generatorFirstMoment: generator,
    generatorSecondMoment: generator,
    spectral: spectralLayout(network),
    perceptual: perceptualLayout(),
  };
}

/** The state before the first iteration; the same seed gives the same state. */
export function initialState(config: TrainingConfig, seed: number, spectral: Float32Array): TrainingState {
  const layouts = vectorLayouts(config);
  const start = (name: keyof TrainingVectors) =>
    layouts[name].initialise(new Random(`${seed}/weights/${name}`));
  const zeros = (name: keyof TrainingVectors) => new Float32Array(layouts[name].size);
  const detectorWeights = start('detectorWeights');
  const detectorRunning = start('detectorRunning');
  return {
    config,
    seed,
    iteration: 0,
    detectorStep: 0,
    generatorStep: 0,
    parts: 1,
    seconds: 0,
    vectors: {
      detectorWeights,
      detectorFirstMoment: zeros('detectorFirstMoment'),
      detectorSecondMoment: zeros('detectorSecondMoment'),
      detectorAverage: detectorWeights.slice(),
      detectorRunning,
      detectorAverageRunning: detectorRunning.slice(),
      generatorWeights: start('generatorWeights'),
      generatorFirstMoment: zeros('generatorFirstMoment'),
      generatorSecondMoment: zeros('generatorSecondMoment'),
      spectral,
      perceptual: start('perceptual'),
    },
    ...beforeAnyStep(),
  };
}
