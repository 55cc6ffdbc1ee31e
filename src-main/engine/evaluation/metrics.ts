/**
 * How well scores tell simulated from real: auc, ap, eer, cllr, cllr_min and the plain rates.
 *
 * A score is larger for "simulated"; for cllr it must be a natural-log likelihood ratio. A label is 1 for simulated
 * and 0 for real. Every measure answers null where it is not defined, e.g. with one class only, and throws a
 * RangeError where a score is NaN or a label is neither 0 nor 1. Intervals are in bootstrap.ts.
 *
 * Sources: T. Fawcett, Pattern Recognition Letters 27, 2006 (ROC); N. Brümmer, J. du Preez, Computer Speech and
 * Language 20, 2006 (C_llr, its minimum by pool-adjacent-violators).
 */
import { poolAdjacentViolators, type Level } from './pool-adjacent-violators.ts';

export type Scores = ArrayLike<number>;
export type Labels = ArrayLike<number>;

interface Levels {
  /** From the highest score to the lowest. */
  levels: Level[];
  simulated: number;
  real: number;
}

/** Counts per distinct score. */
function levelsOf(scores: Scores, labels: Labels): Levels {
  if (scores.length !== labels.length)
    throw new RangeError(`metrics: ${scores.length} scores but ${labels.length} labels`);
  const order = new Float64Array(scores.length);
  let simulated = 0;
  for (let i = 0; i < scores.length; i++) {
    if (Number.isNaN(scores[i]!)) throw new RangeError(`metrics: score ${i} is NaN`);
    if (labels[i] !== 0 && labels[i] !== 1)
      throw new RangeError(`metrics: label ${i} is ${labels[i]}, neither 0 nor 1`);
    simulated += labels[i]!;
    order[i] = i;
  }
  order.sort((i, j) => (scores[i]! === scores[j]! ? 0 : scores[i]! > scores[j]! ? -1 : 1));
  const levels: Level[] = [];
  for (const i of order) {
    let last = levels.at(-1);
    if (last === undefined || last.score !== scores[i]!) {
      last = { score: scores[i]!, simulated: 0, real: 0 };
      levels.push(last);
    }
    if (labels[i] === 1) last.simulated++;
    else last.real++;
  }
  return { levels, simulated, real: scores.length - simulated };
}

/** Area under the ROC curve, in [0, 1]; ties count one half. Null where a class is missing. */
export function auc(scores: Scores, labels: Labels): number | null {
  const { levels, simulated, real } = levelsOf(scores, labels);
  if (simulated === 0 || real === 0) return null;
  let above = 0;
  let wins = 0;
  for (const level of levels) {
    wins += level.real * (above + level.simulated / 2);
    above += level.simulated;
  }
  return wins / (simulated * real);
}

/** Average precision, in [0, 1]: sum of recall step times precision over distinct thresholds. Null without both classes. */
export function ap(scores: Scores, labels: Labels): number | null {
  const { levels, simulated, real } = levelsOf(scores, labels);
  if (simulated === 0 || real === 0) return null;
  let hits = 0;
  let flagged = 0;
  let sum = 0;
  for (const level of levels) {
    hits += level.simulated;
    flagged += level.simulated + level.real;
    sum += (level.simulated / simulated) * (hits / flagged);
  }
  return sum;
}

/** Equal error rate, in [0, 1]: where the false-positive rate crosses the false-negative rate, linear between ROC points. */
export function eer(scores: Scores, labels: Labels): number | null {
  const { levels, simulated, real } = levelsOf(scores, labels);
  if (simulated === 0 || real === 0) return null;
  let fpr = 0;
  let fnr = 1;
  for (const level of levels) {
    const nextFpr = fpr + level.real / real;
    const nextFnr = fnr - level.simulated / simulated;
    if (nextFpr >= nextFnr) {
      const share = (fnr - fpr) / (nextFpr - fpr + (fnr - nextFnr));
      return fpr + share * (nextFpr - fpr);
    }
    fpr = nextFpr;
    fnr = nextFnr;
  }
  return fpr;
}

/** log2(1 + e^x) without overflow. */
const log2OnePlusExp = (x: number): number =>
  (Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)))) / Math.LN2;

/** Cost of natural-log likelihood ratios, given as levels: 0 is perfect, 1 says nothing, above 1 misleads. */
function costOf({ levels, simulated, real }: Levels): number | null {
  if (simulated === 0 || real === 0) return null;
  let missed = 0;
  let alarmed = 0;
  for (const level of levels) {
    // 0 x Infinity would be NaN: a level that no real picture has costs nothing there.
    if (level.simulated > 0) missed += level.simulated * log2OnePlusExp(-level.score);
    if (level.real > 0) alarmed += level.real * log2OnePlusExp(level.score);
  }
  return (missed / simulated + alarmed / real) / 2;
}

/**
 * C_llr in bits: half of [mean over simulated of log2(1 + e^-s) + mean over real of log2(1 + e^s)]. `scores` must be
 * natural-log likelihood ratios. Null where a class is missing; Infinity where an infinite ratio was wrong.
 */
export function cllr(scores: Scores, labels: Labels): number | null {
  return costOf(levelsOf(scores, labels));
}

/** C_llr after the best monotone calibration (pool adjacent violators, prior odds removed), in [0, 1]. */
export function cllrMin(scores: Scores, labels: Labels): number | null {
  const counted = levelsOf(scores, labels);
  const pools = poolAdjacentViolators(counted.levels.toReversed());
  const priorLogOdds = Math.log(counted.simulated / counted.real);
  const calibrated = pools.map((pool) => ({
    ...pool,
    score: Math.log(pool.simulated / pool.real) - priorLogOdds,
  }));
  return costOf({ ...counted, levels: calibrated });
}

/** What verdicts are worth, over all pictures; those without a verdict count as not right. */
export interface Rates {
  accuracy: number | null;
  /** Share of the real ones that were called simulated. */
  fpr: number | null;
  /** Share of the simulated ones that were called real. */
  fnr: number | null;
  /** Share that got no verdict. */
  inconclusive: number | null;
}

/** Rates of decisions: 1 called simulated, 0 called real, null no verdict. Null where nothing stands below the line. */
export function rates(decisions: readonly (0 | 1 | null)[], labels: Labels): Rates {
  if (decisions.length !== labels.length)
    throw new RangeError(`rates: ${decisions.length} decisions but ${labels.length} labels`);
  let [right, real, alarms, misses, silent] = [0, 0, 0, 0, 0];
  decisions.forEach((decision, i) => {
    if (labels[i] === 0) real++;
    if (decision === null) silent++;
    else if (decision === labels[i]) right++;
    else if (decision === 1) alarms++;
    else misses++;
  });
  const share = (part: number, whole: number): number | null => (whole > 0 ? part / whole : null);
  return {
    accuracy: share(right, decisions.length),
    fpr: share(alarms, real),
    fnr: share(misses, decisions.length - real),
    inconclusive: share(silent, decisions.length),
  };
}
