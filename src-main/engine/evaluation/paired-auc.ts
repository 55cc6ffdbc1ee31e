/**
 * Whether two models differ in AUC on the same pictures: the difference with its standard error, 95 % interval and two-sided p.
 *
 * Sources: E. DeLong, D. DeLong, D. Clarke-Pearson, Biometrics 44, 1988 (structural components); N. Obuchowski, "Nonparametric
 * analysis of clustered ROC curve data", Biometrics 53, 1997: components are summed within groups first, because pictures of
 * one group depend on each other. Where every group is one picture the two are the same.
 */

export interface PairedAuc {
  /** AUC of either model, [0, 1]. */
  first: number;
  second: number;
  /** second - first */
  difference: number;
  standardError: number;
  /** 95 %, normal. */
  interval: [number, number];
  /** Two-sided, of no difference; 1 where neither differs nor varies. */
  p: number;
}

/** Of each item, the share of the other class that it stands on the right side of; ties count one half. */
function components(scores: ArrayLike<number>, labels: ArrayLike<number>): Float64Array {
  const sorted = [0, 1].map((label) =>
    Float64Array.from(Array.from(scores).filter((_, i) => labels[i] === label)).sort(),
  );
  /** How many of the sorted values are below x (`equal` false) or at most x. */
  const count = (values: Float64Array, x: number, equal: boolean): number => {
    let [low, high] = [0, values.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (values[middle]! < x || (equal && values[middle] === x)) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  return Float64Array.from({ length: scores.length }, (_, i) => {
    const others = sorted[1 - labels[i]!]!;
    const below = (count(others, scores[i]!, false) + count(others, scores[i]!, true)) / 2 / others.length;
    return labels[i] === 1 ? below : 1 - below;
  });
}

/** The complementary error function, relative error below 1.2e-7 (W. Press et al., Numerical Recipes, 6.2). */
function erfc(x: number): number {
  const z = Math.abs(x);
  const t = 1 / (1 + z / 2);
  const c = [
    -1.26551223, 1.00002368, 0.37409196, 0.09678418, -0.18628806, 0.27886807, -1.13520398, 1.48851587,
    -0.82215223, 0.17087277,
  ];
  const value = t * Math.exp(-z * z + c.reduceRight((sum, k) => sum * t + k, 0));
  return x >= 0 ? value : 2 - value;
}

/**
 * @param groups pictures of one group depend on each other
 * @returns null where a class is missing or stands in fewer than two groups
 * @throws RangeError where lengths differ, or a score is NaN
 */
export function pairedAuc(
  first: ArrayLike<number>,
  second: ArrayLike<number>,
  labels: ArrayLike<number>,
  groups: ArrayLike<string | number>,
): PairedAuc | null {
  const n = labels.length;
  if (first.length !== n || second.length !== n || groups.length !== n)
    throw new RangeError(
      `pairedAuc: ${first.length} and ${second.length} scores, ${n} labels, ${groups.length} groups`,
    );
  for (let i = 0; i < n; i++)
    if (Number.isNaN(first[i]!) || Number.isNaN(second[i]!))
      throw new RangeError(`pairedAuc: score ${i} is NaN`);
  const members = Map.groupBy(
    Array.from({ length: n }, (_, i) => i),
    (i) => groups[i]!,
  );
  const having = (label: number): number =>
    [...members.values()].filter((items) => items.some((i) => labels[i] === label)).length;
  if (having(0) < 2 || having(1) < 2) return null;
  const [a, b] = [components(first, labels), components(second, labels)];
  const totals = [0, 0];
  const sums = [
    [0, 0],
    [0, 0],
  ];
  for (let i = 0; i < n; i++) {
    totals[labels[i]!]!++;
    sums[labels[i]!]![0]! += a[i]!;
    sums[labels[i]!]![1]! += b[i]!;
  }
  const [aucA, aucB] = [sums[1]![0]! / totals[1]!, sums[1]![1]! / totals[1]!];
  const difference = aucB - aucA;
  // Of each group and class, the sum of its components' difference less what is expected of as many.
  let [simulated, real, both] = [0, 0, 0];
  for (const items of members.values()) {
    const deviation = [0, 0];
    for (const i of items) deviation[labels[i]!]! += b[i]! - a[i]! - difference;
    simulated += deviation[1]! ** 2;
    real += deviation[0]! ** 2;
    both += deviation[0]! * deviation[1]!;
  }
  const corrected = (groupsOf: number): number => groupsOf / (groupsOf - 1);
  const variance =
    (corrected(having(1)) * simulated) / totals[1]! ** 2 +
    (corrected(having(0)) * real) / totals[0]! ** 2 +
    (2 * corrected(members.size) * both) / (totals[0]! * totals[1]!);
  const standardError = Math.sqrt(Math.max(0, variance));
  const p =
    standardError > 0 ? erfc(Math.abs(difference) / standardError / Math.SQRT2) : difference === 0 ? 1 : 0;
  return {
    first: aucA,
    second: aucB,
    difference,
    standardError,
    interval: [difference - 1.959964 * standardError, difference + 1.959964 * standardError],
    p,
  };
}
