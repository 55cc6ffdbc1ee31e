/** Averages of what the iterations since the last point of the curves measured. */
import type { RunMetric } from '#contract/training-run.ts';
import type { Evaluation } from '#engine/training/evaluation-history.ts';
import { meanMetrics, type IterationMetrics } from '#engine/training/iteration-metrics.ts';

/** Where a run is when a point is taken. */
export interface PointOfRun {
  /** Detector steps. */
  step: number;
  /** Share of the run that is done, [0, 1]; null where no end is expected. */
  done: number | null;
  /** Trained so far. */
  seconds: number;
  /** The evaluation that was made since the last point, if any. */
  evaluation: Evaluation | null;
}

export class MetricWindow {
  readonly #clock: () => number;
  readonly #measured: IterationMetrics[];
  #since: number;
  /** Of this program's own time: rates of the time before an interruption are not known. */
  #images = 0;
  #dataSeconds = 0;

  /** @param measured a run's `window`, which goes on where it was interrupted, and is emptied with every point */
  constructor(clock: () => number, measured: IterationMetrics[]) {
    this.#clock = clock;
    this.#since = clock();
    this.#measured = measured;
  }

  add(metrics: IterationMetrics): void {
    this.#measured.push(metrics);
    this.#images += metrics.images;
    this.#dataSeconds += metrics.dataSeconds;
  }

  /** The means so far; at least one iteration must have been added. */
  means(): IterationMetrics {
    return meanMetrics(this.#measured);
  }

  /** The point of the curves here, and a new window. */
  take({ step, done, seconds, evaluation }: PointOfRun): RunMetric {
    const { losses, accuracy, maskArea, blends, styleChange } = this.means();
    const elapsed = Math.max(1e-9, this.#clock() - this.#since);
    const metric: RunMetric = {
      step,
      losses,
      accuracy,
      maskArea,
      imagesPerSecond: this.#images / elapsed,
      dataWaitShare: Math.min(1, this.#dataSeconds / elapsed),
      etaSeconds: done !== null && done > 0 ? (seconds * (1 - done)) / done : null,
      styleChange,
      ...(blends && {
        blends: {
          smallestArea: Math.min(...blends.areas),
          largestArea: Math.max(...blends.areas),
          deviation: blends.deviation,
          change: blends.change,
        },
      }),
      ...(evaluation && { validation: evaluation }),
    };
    this.#measured.length = 0;
    [this.#images, this.#dataSeconds] = [0, 0];
    this.#since = this.#clock();
    return metric;
  }
}
