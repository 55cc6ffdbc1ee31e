/**
 * From the logits of a picture's tiles to the score of the picture.
 *
 * A forgery usually touches a part of a picture, so the mean over all tiles may drown it, while the single highest tile
 * would make every large photograph suspect. Which aggregation serves a detector best is measured on its validation
 * photographs and written into its passport; the calibration there holds for scores of that aggregation only. The score
 * is no probability.
 */
import type { ScoreAggregation } from '#contract/model.ts';

/** Mean of the highest `share` of ascending logits, at least of one. */
function topMean(ascending: Float32Array, share: number): number {
  const top = ascending.subarray(-Math.max(1, Math.round(ascending.length * share)));
  let sum = 0;
  for (const logit of top) sum += logit;
  return sum / top.length;
}

/** The middle one of ascending logits, or the mean of the two in the middle. */
function median(ascending: Float32Array): number {
  const middle = ascending.length >> 1;
  return ascending.length % 2 === 1 ? ascending[middle]! : (ascending[middle - 1]! + ascending[middle]!) / 2;
}

/** ln of the mean of exp(logit), without overflow: near the mean for even tiles, near the maximum for uneven ones. */
function logMeanExp(ascending: Float32Array): number {
  const highest = ascending.at(-1)!;
  let sum = 0;
  for (const logit of ascending) sum += Math.exp(logit - highest);
  return highest + Math.log(sum / ascending.length);
}

/** Each takes the logits in ascending order. */
const aggregations: Record<ScoreAggregation, (ascending: Float32Array) => number> = {
  mean: (ascending) => topMean(ascending, 1),
  median,
  'top-tenth': (ascending) => topMean(ascending, 0.1),
  'top-quarter': (ascending) => topMean(ascending, 0.25),
  maximum: (ascending) => ascending.at(-1)!,
  'log-mean-exp': logMeanExp,
  // What the whole file's history adds to every tile falls out; a picture that is simulated as a whole stays unseen.
  contrast: (ascending) => topMean(ascending, 0.1) - median(ascending),
};

/**
 * Score of a picture, in the detector's natural log odds; of `contrast`, a difference of two of them.
 * @param logits one finite number a tile, at least one, in any order; they are left as they are
 */
export function aggregateScore(logits: Float32Array, aggregation: ScoreAggregation = 'top-tenth'): number {
  if (logits.length === 0) throw new RangeError('aggregateScore: no tiles');
  return aggregations[aggregation](Float32Array.from(logits).sort());
}
