/** Turns "so many of so many" into progress with a rate and the time left. */
import type { Progress } from '#contract/common.ts';

export type ProgressUpdate = { done: number; total: number; label: string };

const windowMs = 5000;

/** Measures over the last five seconds, so that a rate follows what is happening now. */
export class ProgressMeter {
  readonly #now: () => number;
  #points: { at: number; done: number }[] = [];

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  measure(update: ProgressUpdate): Progress {
    const at = this.#now();
    const oldest = this.#points.findLastIndex((point) => point.at <= at - windowMs);
    if (oldest > 0) this.#points = this.#points.slice(oldest);
    this.#points.push({ at, done: update.done });
    const first = this.#points[0] ?? { at, done: update.done };
    const rate = at > first.at ? Math.max(0, ((update.done - first.done) / (at - first.at)) * 1000) : 0;
    const etaSeconds = rate > 0 && update.total > 0 ? Math.max(0, update.total - update.done) / rate : null;
    return { ...update, rate, etaSeconds };
  }
}
