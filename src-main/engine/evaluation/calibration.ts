/**
 * Calibration: from a detector's score to a natural-log likelihood ratio (llr) of "simulated" against "real", by logistic
 * regression or by isotonic regression. A ratio takes no side as to how common either class is: both classes weigh the same
 * in the fit. Items of one group (versions of one photograph) depend on each other, so a group weighs as much as one item in
 * each class, however many items it has.
 *
 * Sources: J. Platt, "Probabilistic outputs for support vector machines", 1999, with the Newton iteration of H.-T. Lin, C.-J.
 * Lin, R. Weng, Machine Learning 68, 2007 (logistic); B. Zadrozny, C. Elkan, KDD 2002 (isotonic); N. Brümmer, J. du Preez,
 * Computer Speech and Language 20, 2006 (calibration of likelihood ratios, equal prior weights).
 */
import type { Random } from '../random.ts';
import { poolAdjacentViolators, type Level } from './pool-adjacent-violators.ts';

/** Labelled scores: label 1 is simulated, 0 real. Arrays of one length. */
export interface CalibrationData {
  scores: ArrayLike<number>;
  labels: ArrayLike<number>;
  groups: ArrayLike<string | number>;
}

/** llr = slope * score + offset; the slope is never negative. */
export type LogisticMap = { kind: 'logistic'; slope: number; offset: number };
/** A step function: `llrs[i]` from `from[i - 1]` (included) to `from[i]`; one more value than steps, both rising. */
export type IsotonicMap = { kind: 'isotonic'; from: number[]; llrs: number[] };
export type CalibrationMap = LogisticMap | IsotonicMap;

/** The natural-log likelihood ratio of a score. */
export function applyCalibration(map: CalibrationMap, score: number): number {
  if (map.kind === 'logistic') return map.slope * score + map.offset;
  let step = 0;
  while (step < map.from.length && score >= map.from[step]!) step++;
  return map.llrs[step]!;
}

/** Weights by which each group counts once in each class that it has, and the number of groups of each class. */
export function groupWeights({ labels, groups }: Omit<CalibrationData, 'scores'>): {
  weights: Float64Array;
  /** [real, simulated] */
  totals: [number, number];
} {
  if (labels.length !== groups.length)
    throw new RangeError(`calibration: ${labels.length} labels but ${groups.length} groups`);
  const sizes = [new Map<string | number, number>(), new Map<string | number, number>()] as const;
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i];
    if (label !== 0 && label !== 1)
      throw new RangeError(`calibration: label ${i} is ${label}, neither 0 nor 1`);
    sizes[label].set(groups[i]!, (sizes[label].get(groups[i]!) ?? 0) + 1);
  }
  const weights = Float64Array.from(
    { length: labels.length },
    (_, i) => 1 / sizes[labels[i] as 0 | 1].get(groups[i]!)!,
  );
  return { weights, totals: [sizes[0].size, sizes[1].size] };
}

function requireUsable({ scores, labels }: CalibrationData, totals: readonly number[]): void {
  if (scores.length !== labels.length)
    throw new RangeError(`calibration: ${scores.length} scores but ${labels.length} labels`);
  for (let i = 0; i < scores.length; i++)
    if (!Number.isFinite(scores[i]!))
      throw new RangeError(`calibration: score ${i} is ${scores[i]}, not a finite number`);
  if (totals.includes(0)) throw new RangeError('calibration: a class is missing');
}

/** ln(1 + e^x) without overflow. */
const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));
const sigmoid = (x: number): number => (x >= 0 ? 1 / (1 + Math.exp(-x)) : Math.exp(x) / (1 + Math.exp(x)));

/**
 * Logistic calibration with Platt's targets: with n groups of a class, (n + 1) / (n + 2) for simulated and 1 / (n + 2) for
 * real, as if one further item of each class had been seen on either side. So the fit stays finite where the classes do not
 * overlap. Minimises sum_i w_i [softplus(f_i) - t_i f_i], f = slope * score + offset, each class weighing one half.
 *
 * Scores that rise with "real", or that do not differ, support no ratio: slope and offset are 0 then, and every llr is 0.
 *
 * @throws RangeError where a class is missing, a score is not finite, or the lengths differ
 */
export function fitLogistic(data: CalibrationData): LogisticMap {
  const { weights, totals } = groupWeights(data);
  requireUsable(data, totals);
  const { scores, labels } = data;
  const n = scores.length;
  const w = weights.map((weight, i) => weight / (2 * totals[labels[i] as 0 | 1]));
  const target = [1 / (totals[0] + 2), (totals[1] + 1) / (totals[1] + 2)] as const;
  // Scores around 0 with deviation 1 keep the Newton steps well conditioned.
  let mean = 0;
  for (let i = 0; i < n; i++) mean += w[i]! * scores[i]!;
  let variance = 0;
  for (let i = 0; i < n; i++) variance += w[i]! * (scores[i]! - mean) ** 2;
  const deviation = Math.sqrt(variance);
  const none: LogisticMap = { kind: 'logistic', slope: 0, offset: 0 };
  if (deviation <= 1e-12 * Math.max(1, Math.abs(mean))) return none;
  const x = Float64Array.from(scores, (score) => (score - mean) / deviation);
  const loss = (a: number, b: number): number => {
    let sum = 0;
    for (let i = 0; i < n; i++) {
      const f = a * x[i]! + b;
      sum += w[i]! * (softplus(f) - target[labels[i] as 0 | 1] * f);
    }
    return sum;
  };
  let [a, b] = [0, 0];
  let current = loss(a, b);
  for (let step = 0; step < 100; step++) {
    let [ga, gb, haa, hab, hbb] = [0, 0, 1e-12, 0, 1e-12];
    for (let i = 0; i < n; i++) {
      const p = sigmoid(a * x[i]! + b);
      const d = w[i]! * (p - target[labels[i] as 0 | 1]);
      const h = w[i]! * p * (1 - p);
      ga += d * x[i]!;
      gb += d;
      haa += h * x[i]! * x[i]!;
      hab += h * x[i]!;
      hbb += h;
    }
    if (Math.abs(ga) < 1e-12 && Math.abs(gb) < 1e-12) break;
    const determinant = haa * hbb - hab * hab;
    const da = -(hbb * ga - hab * gb) / determinant;
    const db = -(haa * gb - hab * ga) / determinant;
    let size = 1;
    for (; size > 1e-10; size /= 2) {
      const next = loss(a + size * da, b + size * db);
      if (next <= current + 1e-4 * size * (ga * da + gb * db)) {
        current = next;
        break;
      }
    }
    if (size <= 1e-10) break;
    a += size * da;
    b += size * db;
  }
  if (a <= 0) return none;
  return { kind: 'logistic', slope: a / deviation, offset: b - (a * mean) / deviation };
}

/**
 * Isotonic calibration by pool adjacent violators. One further group of each class is assumed on its wrong side (a simulated
 * one below all scores, a real one above), so that every ratio is finite. Steps lie half way between pools.
 *
 * @throws RangeError where a class is missing, a score is not finite, or the lengths differ
 */
export function fitIsotonic(data: CalibrationData): IsotonicMap {
  const { weights, totals } = groupWeights(data);
  requireUsable(data, totals);
  const { scores, labels } = data;
  const byScore = new Map<number, Level>();
  for (let i = 0; i < scores.length; i++) {
    const score = scores[i]!;
    const level = byScore.get(score) ?? { score, simulated: 0, real: 0 };
    if (labels[i] === 1) level.simulated += weights[i]!;
    else level.real += weights[i]!;
    byScore.set(score, level);
  }
  const seen = [...byScore.values()].sort((a, b) => a.score - b.score);
  const pools = poolAdjacentViolators([
    { score: -Infinity, simulated: 1, real: 0 },
    ...seen,
    { score: Infinity, simulated: 0, real: 1 },
  ]);
  const prior = Math.log((totals[1] + 1) / (totals[0] + 1));
  const highestBelow = (score: number): number => seen.findLast((level) => level.score < score)!.score;
  return {
    kind: 'isotonic',
    from: pools.slice(1).map(({ score }) => (score + highestBelow(score)) / 2),
    llrs: pools.map(({ simulated, real }) => Math.log(simulated / real) - prior),
  };
}

/** Deals groups into folds, those of one kind (one class, the other, both) evenly. Answers the fold of each item. */
export function dealFolds(
  { labels, groups }: Omit<CalibrationData, 'scores'>,
  folds: number,
  random: Random,
): Int32Array {
  const kinds = new Map<string | number, number>();
  for (let i = 0; i < labels.length; i++)
    kinds.set(groups[i]!, (kinds.get(groups[i]!) ?? 0) | (labels[i] === 1 ? 2 : 1));
  const order = random.shuffle([...kinds.keys()]).sort((a, b) => kinds.get(a)! - kinds.get(b)!);
  const foldOf = new Map(order.map((group, i) => [group, i % folds]));
  return Int32Array.from({ length: labels.length }, (_, i) => foldOf.get(groups[i]!)!);
}

/**
 * The llr of every item, by a calibration that was fitted without the item's group: what a calibration is worth on pictures
 * that it has not seen. Null where a fold's complement lacks a class.
 */
export function heldOutLlrs(
  data: CalibrationData,
  fit: (data: CalibrationData) => CalibrationMap,
  { folds, random }: { folds: number; random: Random },
): Float64Array | null {
  const foldOf = dealFolds(data, folds, random);
  const llrs = new Float64Array(data.scores.length);
  for (let fold = 0; fold < folds; fold++) {
    const learn = [...foldOf.keys()].filter((i) => foldOf[i] !== fold);
    const rest = {
      scores: learn.map((i) => data.scores[i]!),
      labels: learn.map((i) => data.labels[i]!),
      groups: learn.map((i) => data.groups[i]!),
    };
    if (new Set(rest.labels).size < 2) return null;
    const map = fit(rest);
    foldOf.forEach((own, i) => {
      if (own === fold) llrs[i] = applyCalibration(map, data.scores[i]!);
    });
  }
  return llrs;
}
