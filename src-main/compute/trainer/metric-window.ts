/** Averages of what the iterations since the last point of the curves measured. */
import type { RunMetric } from '#contract/training-run.ts';
import type { IterationMetrics } from '#engine/training/trainer.ts';

export class MetricWindow {
  readonly #clock: () => number;
  #measured: IterationMetrics[] = [];
  #since: number;

  constructor(clock: () => number) {
    this.#clock = clock;
    this.#since = clock();
  }

  add(metrics: IterationMetrics): void {
    this.#measured.push(metrics);
  }

  /** The point at `step`, and a new window. @param done share of the run, (0, 1] @param seconds trained so far */
  take(step: number, done: number, seconds: number): RunMetric {
    const all = this.#measured;
    const mean = (value: (m: IterationMetrics) => number) =>
      all.reduce((sum, m) => sum + value(m), 0) / all.length;
    const elapsed = Math.max(1e-9, this.#clock() - this.#since);
    const metric: RunMetric = {
      step,
      losses: {
        cls: mean((m) => m.losses.cls),
        sim: mean((m) => m.losses.sim),
        div: mean((m) => m.losses.div),
        totalGenerator: mean((m) => m.losses.totalGenerator),
        totalDetector: mean((m) => m.losses.totalDetector),
      },
      accuracy: mean((m) => m.accuracy),
      maskArea: mean((m) => m.maskArea),
      imagesPerSecond: (mean((m) => m.images) * all.length) / elapsed,
      dataWaitShare: Math.min(1, (mean((m) => m.dataSeconds) * all.length) / elapsed),
      etaSeconds: done > 0 ? (seconds * (1 - done)) / done : null,
    };
    this.#measured = [];
    this.#since = this.#clock();
    return metric;
  }
}
