/** Where a score and a model's thresholds stand on a strip: the arithmetic of `ScoreScale.svelte`. */
import type { ModelValidation } from '#contract/model.ts';

export type ScoreMarks = {
  /** Ends of the strip, in logits. */
  low: number;
  high: number;
  /** Places on the strip, in [0, 1]. Null where the model has no such threshold. */
  score: number;
  real: number | null;
  simulated: number | null;
};

/** Lays the strip out around the thresholds, wide enough that the score lies inside it. */
export function scoreMarks(
  score: number,
  validation: Pick<ModelValidation, 'realThreshold' | 'simulatedThreshold'> | null,
): ScoreMarks {
  const real = validation?.realThreshold ?? null;
  const simulated = validation?.simulatedThreshold ?? null;
  const known = [score, real, simulated].filter((value) => value !== null);
  const least = Math.min(...known);
  const most = Math.max(...known);
  const margin = Math.max((most - least) * 0.25, 1);
  const low = least - margin;
  const high = most + margin;
  const place = (value: number) => (value - low) / (high - low);
  return {
    low,
    high,
    score: place(score),
    real: real === null ? null : place(real),
    simulated: simulated === null ? null : place(simulated),
  };
}
