/** What the evaluations of a run have shown so far, and the best detector among those that were judged. */
import type { TrainingState } from './training-state.ts';

/** One judgement of the moving-average detector on the run's fixed validation crops (`periodic-evaluation.ts`). */
export interface Evaluation {
  /** Detector steps when it was judged. */
  step: number;
  /** The detector's total loss, as in training. */
  loss: number;
  /** Of the crops' logits, simulated against real, in [0, 1]. */
  auc: number;
}

export interface EvaluationHistory {
  count: number;
  best: Evaluation | null;
  /** Evaluations after the best one. */
  sinceBest: number;
}

/** The moving-average detector as it was at its best evaluation. */
export interface BestDetector {
  average: Float32Array;
  averageRunning: Float32Array;
}

export const noEvaluations = (): EvaluationHistory => ({ count: 0, best: null, sinceBest: 0 });

/**
 * Writes an evaluation of the state's detector into the state. Better means a lower loss than any before.
 * @param keepBest whether the best detector's weights shall be kept, too
 */
export function recordEvaluation(state: TrainingState, evaluation: Evaluation, keepBest: boolean): void {
  const history = state.evaluations;
  const better = history.best === null || evaluation.loss < history.best.loss;
  history.count++;
  history.sinceBest = better ? 0 : history.sinceBest + 1;
  if (!better) return;
  history.best = evaluation;
  const { detectorAverage, detectorAverageRunning } = state.vectors;
  if (keepBest)
    state.bestDetector = { average: detectorAverage.slice(), averageRunning: detectorAverageRunning.slice() };
}

/**
 * The state whose averaged detector is to be exported: the best one where it was kept, with the step that it is from,
 * otherwise the last.
 */
export function stateToExport(state: TrainingState): TrainingState {
  const { bestDetector, evaluations, vectors } = state;
  if (!bestDetector || !evaluations.best) return state;
  return {
    ...state,
    detectorStep: evaluations.best.step,
    vectors: {
      ...vectors,
      detectorAverage: bestDetector.average,
      detectorAverageRunning: bestDetector.averageRunning,
    },
  };
}
