/**
 * What miscalibration costs: C_llr above its minimum, beside what ratios that mean exactly what they say would show on as many
 * pictures. The minimum is found on the very pictures that it is compared with, so that it is too low where they are few, and
 * the plain difference is above zero even for perfect ratios.
 *
 * Source: N. Brümmer, J. du Preez, Computer Speech and Language 20, 2006 (calibration loss); J. Bröcker, L. Smith, "Increasing
 * the reliability of reliability diagrams", Weather and Forecasting 22, 2007 (consistency resampling: labels are drawn anew with
 * the probabilities that the ratios claim, at the set's own prior odds, and the measure is taken of each draw).
 */
import type { Random } from '../random.ts';
import { cllr, cllrMin } from './metrics.ts';

export interface CalibrationLoss {
  /** C_llr - C_llr_min, in bits. */
  loss: number;
  /** Its mean for perfect ratios on as many pictures of these ratios. */
  expected: number;
  /** What is left: loss - expected, not below 0. */
  excess: number;
}

const lossOf = (llrs: ArrayLike<number>, labels: ArrayLike<number>): number | null => {
  const [cost, least] = [cllr(llrs, labels), cllrMin(llrs, labels)];
  return cost === null || least === null ? null : cost - least;
};

/**
 * @param llrs finite natural-log likelihood ratios
 * @returns null where a class is missing
 */
export function calibrationLoss(
  llrs: ArrayLike<number>,
  labels: ArrayLike<number>,
  { random, draws = 200 }: { random: Random; draws?: number },
): CalibrationLoss | null {
  const loss = lossOf(llrs, labels);
  if (loss === null) return null;
  const simulated = Array.from(labels).filter((label) => label === 1).length;
  const prior = Math.log(simulated / (labels.length - simulated));
  let [sum, defined] = [0, 0];
  for (let draw = 0; draw < draws; draw++) {
    const drawn = Float64Array.from(llrs, (llr) =>
      Number(random.uniform() < 1 / (1 + Math.exp(-llr - prior))),
    );
    const found = lossOf(llrs, drawn);
    if (found === null) continue;
    sum += found;
    defined++;
  }
  const expected = defined > 0 ? sum / defined : 0;
  return { loss, expected, excess: Math.max(0, loss - expected) };
}
