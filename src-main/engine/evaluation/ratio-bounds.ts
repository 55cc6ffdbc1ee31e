/**
 * How far a likelihood ratio may be reported, given how much validation data stands behind it: the empirical lower and upper
 * bounds (ELUB).
 *
 * Source: P. Vergeer, A. van Es, A. de Jongh, I. Alberink, R. Stoel, "Numerical likelihood ratios outputted by LR systems are
 * often based on extrapolation: when to stop extrapolating?", Science and Justice 56, 2016. A ratio threshold t stands for
 * prior odds and costs under which a picture is acted on where its ratio exceeds t. The expected cost of doing so is
 * P(LR <= t | simulated) + t P(LR > t | real), that of never looking at the evidence min(1, t). One further misleading item is
 * added on each side. Bounds are where the evidence stops being worth more than none.
 */
import { groupWeights } from './calibration.ts';

/** Natural-log likelihood ratios; `lower` is at most 0, `upper` at least 0. */
export interface RatioBounds {
  lower: number;
  upper: number;
}

/** ln of the highest t >= 1 up to which misses + t * alarms <= 1, with the added items; 0 where there is none. */
function upperBound(
  items: readonly { llr: number; simulated: boolean; weight: number }[],
  totals: { simulated: number; real: number },
): number {
  const ascending = [...items].sort((a, b) => a.llr - b.llr);
  // Rejected so far: those whose ratio does not exceed t. The added simulated item never exceeds it, the real one always does.
  let missed = 1;
  let alarmed = totals.real + 1;
  let from = 0;
  for (let i = 0; i < ascending.length; i++) {
    const { llr, simulated, weight } = ascending[i]!;
    if (llr > from) {
      const end = llr;
      const misses = missed / (totals.simulated + 1);
      const alarms = alarmed / (totals.real + 1);
      const most = misses < 1 ? Math.log((1 - misses) / alarms) : -Infinity;
      if (most < end) return Math.max(from, most);
      from = end;
    }
    if (simulated) missed += weight;
    else alarmed -= weight;
  }
  return from; // the largest ratio that was seen
}

/**
 * Bounds of the llr. With no overlap of n groups a class they are -ln n and ln n; a system that misleads gets 0 and 0.
 *
 * @param llrs natural-log likelihood ratios of validation items, best those of `heldOutLlrs`
 * @param labels 1 simulated, 0 real
 * @param groups items of one group count as one in each class
 * @throws RangeError where lengths differ, a class is missing, or an llr is NaN
 */
export function ratioBounds(
  llrs: ArrayLike<number>,
  labels: ArrayLike<number>,
  groups: ArrayLike<string | number>,
): RatioBounds {
  if (llrs.length !== labels.length)
    throw new RangeError(`ratioBounds: ${llrs.length} ratios but ${labels.length} labels`);
  const { weights, totals } = groupWeights({ labels, groups });
  if (totals.includes(0)) throw new RangeError('ratioBounds: a class is missing');
  const items = Array.from(llrs, (llr, i) => {
    if (Number.isNaN(llr)) throw new RangeError(`ratioBounds: ratio ${i} is NaN`);
    return { llr, simulated: labels[i] === 1, weight: weights[i]! };
  });
  // Seen from the other side, a ratio is its inverse and the classes change places.
  const mirrored = items.map(({ llr, simulated, weight }) => ({ llr: -llr, simulated: !simulated, weight }));
  return {
    upper: upperBound(items, { real: totals[0], simulated: totals[1] }),
    lower: 0 - upperBound(mirrored, { real: totals[1], simulated: totals[0] }),
  };
}

/** The llr cut to its bounds. */
export const withinBounds = (llr: number, { lower, upper }: RatioBounds): number =>
  Math.max(lower, Math.min(upper, llr));
