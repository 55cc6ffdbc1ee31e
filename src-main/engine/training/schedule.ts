/** How learning rate and moving average change over a run. */

/** Cosine from 1 to `floor` over a run (Loshchilov and Hutter, 2017). @param done share of the run, [0, 1] */
export const cosineSchedule = (done: number, floor: number): number =>
  floor + (1 - floor) * 0.5 * (1 + Math.cos(Math.PI * Math.min(1, Math.max(0, done))));

/** Decay of the moving average, which starts low so that the first steps are forgotten: `min(decay, (1 + t) / (10 + t))`. */
export const averageDecayAt = (decay: number, step: number): number =>
  Math.min(decay, (1 + step) / (10 + step));
