/**
 * From the logits of a picture's tiles to the score of the picture.
 *
 * A forgery usually touches a part of a picture, so the mean over all tiles would drown it, while the single highest
 * tile would make every large photograph suspect. The score is the mean of the highest tenth of the tiles, at least
 * one. It still grows a little with the number of tiles, so scores are compared with thresholds that were measured by
 * this same function on whole photographs, and are not probabilities.
 */

/** Share of the tiles, from the highest logit down, whose mean is the score. */
export const TOP_SHARE = 0.1;

/** Score of a picture, in the detector's natural log odds. `logits` holds one finite number a tile, at least one. */
export function aggregateScore(logits: Float32Array): number {
  if (logits.length === 0) throw new RangeError('aggregateScore: no tiles');
  const count = Math.max(1, Math.round(logits.length * TOP_SHARE));
  const top = Float32Array.from(logits).sort().subarray(-count);
  let sum = 0;
  for (const logit of top) sum += logit;
  return sum / count;
}
