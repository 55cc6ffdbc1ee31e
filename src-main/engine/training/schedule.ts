/** How learning rate and moving average change over a run. */

/** Cosine from 1 to `floor` over a run (Loshchilov and Hutter, 2017). @param done share of the run, [0, 1] */
export const cosineSchedule = (done: number, floor: number): number =>
  floor + (1 - floor) * 0.5 * (1 + Math.cos(Math.PI * Math.min(1, Math.max(0, done))));

/**
 * The learning rate's share in a run that nobody knows the end of: `sqrt(held / max(step, held))`, never below `floor`. It needs
 * no end; a cosine over a guessed one would anneal too early or not at all. What annealing would still bring, the moving
 * average does.
 * Source: the inverse square root schedule of C. Raffel et al., JMLR 21, 2020 (T5).
 * @param step detector steps so far
 * @param held steps at the full rate
 */
export const openEndedSchedule = (step: number, held: number, floor: number): number =>
  step <= held ? 1 : Math.max(floor, Math.sqrt(held / step));

/** Decay of the moving average, which starts low so that the first steps are forgotten: `min(decay, (1 + t) / (10 + t))`. */
export const averageDecayAt = (decay: number, step: number): number =>
  Math.min(decay, (1 + step) / (10 + step));
