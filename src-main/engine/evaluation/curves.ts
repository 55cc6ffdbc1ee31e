/**
 * Curves of how well scores and ratios tell simulated from real, as points to draw: ROC, precision-recall, DET, Tippett and
 * histograms. Label 1 is simulated, 0 real; both must be there, otherwise a curve has no points.
 *
 * Sources: T. Fawcett, Pattern Recognition Letters 27, 2006 (ROC, precision-recall); A. Martin et al., "The DET curve in
 * assessment of detection task performance", Eurospeech 1997; I. Evett, J. Buckleton, "Statistical analysis of STR data", 1996
 * (Tippett).
 */

type Values = ArrayLike<number>;
export type Points = { x: number[]; y: number[] };

interface Step {
  /** Counts of scores at or above the threshold. */
  simulated: number;
  real: number;
}

/** Counts at every distinct threshold, from above all scores down to below all. */
function steps(scores: Values, labels: Values): Step[] {
  const order = Array.from({ length: scores.length }, (_, i) => i).sort((a, b) => scores[b]! - scores[a]!);
  const found: Step[] = [{ simulated: 0, real: 0 }];
  order.forEach((i, at) => {
    const { simulated, real } = found.at(-1)!;
    const next = { simulated: simulated + labels[i]!, real: real + 1 - labels[i]! };
    if (at > 0 && scores[order[at - 1]!] === scores[i]) found[found.length - 1] = next;
    else found.push(next);
  });
  return found;
}

const complete = ({ simulated, real }: Step): boolean => simulated > 0 && real > 0;

/** x: false-positive rate, y: true-positive rate, from (0, 0) to (1, 1). */
export function rocCurve(scores: Values, labels: Values): Points {
  const all = steps(scores, labels);
  const total = all.at(-1)!;
  if (!complete(total)) return { x: [], y: [] };
  return {
    x: all.map(({ real }) => real / total.real),
    y: all.map(({ simulated }) => simulated / total.simulated),
  };
}

/** x: recall, y: precision, at every threshold that at least one score reaches. */
export function precisionRecallCurve(scores: Values, labels: Values): Points {
  const all = steps(scores, labels);
  const total = all.at(-1)!;
  if (!complete(total)) return { x: [], y: [] };
  const reached = all.slice(1);
  return {
    x: reached.map(({ simulated }) => simulated / total.simulated),
    y: reached.map(({ simulated, real }) => simulated / (simulated + real)),
  };
}

/** The standard normal quantile of p in (0, 1), relative error below 1.2e-9 (P. Acklam, 2003). */
export function probit(p: number): number {
  const ratio = (over: readonly number[], under: readonly number[], r: number): number =>
    over.reduce((sum, c) => sum * r + c, 0) / (under.reduce((sum, c) => sum * r + c, 0) * r + 1);
  const a = [
    -39.69683028665376, 220.9460984245205, -275.9285104469687, 138.357751867269, -30.66479806614716,
    2.506628277459239,
  ];
  const b = [
    -54.47609879822406, 161.5858368580409, -155.6989798598866, 66.80131188771972, -13.28068155288572,
  ];
  const c = [
    -0.007784894002430293, -0.3223964580411365, -2.400758277161838, -2.549732539343734, 4.374664141464968,
    2.938163982698783,
  ];
  const d = [0.007784695709041462, 0.3224671290700398, 2.445134137142996, 3.754408661907416];
  if (p > 0.97575) return -probit(1 - p);
  if (p < 0.02425) {
    const q = Math.sqrt(-2 * Math.log(p));
    return ratio(c, d, q);
  }
  const q = p - 0.5;
  return q * ratio(a, b, q * q);
}

/** x: false-positive rate, y: false-negative rate, as normal deviates; rates of 0 and 1, which have none, are left out. */
export function detCurve(scores: Values, labels: Values): Points {
  const { x, y } = rocCurve(scores, labels);
  const inside = x.map((_, i) => i).filter((i) => x[i]! > 0 && x[i]! < 1 && y[i]! > 0 && y[i]! < 1);
  return { x: inside.map((i) => probit(x[i]!)), y: inside.map((i) => probit(1 - y[i]!)) };
}

/** For each ratio x, the share of either class whose llr is at least x. */
export function tippettCurves(
  llrs: Values,
  labels: Values,
): { x: number[]; real: number[]; simulated: number[] } {
  const of = (label: number): number[] => Array.from(llrs).filter((_, i) => labels[i] === label);
  const [real, simulated] = [of(0), of(1)];
  if (real.length === 0 || simulated.length === 0) return { x: [], real: [], simulated: [] };
  const x = [...new Set(Array.from(llrs))].sort((a, b) => a - b);
  const share = (values: readonly number[], at: number): number =>
    values.filter((value) => value >= at).length / values.length;
  return {
    x,
    real: x.map((at) => share(real, at)),
    simulated: x.map((at) => share(simulated, at)),
  };
}

/** Counts of each group of values in bins of one width over all of them; `x` are the bins' middles. */
export function histograms<K extends string>(
  groups: Record<K, readonly number[]>,
  bins = 24,
): { x: number[]; counts: Record<K, number[]> } {
  const names = Object.keys(groups) as K[];
  const all = names.flatMap((name) => groups[name]);
  const counts = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<K, number[]>;
  if (all.length === 0) return { x: [], counts };
  const low = all.reduce((least, value) => Math.min(least, value), Infinity);
  const high = all.reduce((most, value) => Math.max(most, value), -Infinity);
  const width = (high - low || 1) / bins;
  for (const name of names) {
    counts[name] = new Array<number>(bins).fill(0);
    for (const value of groups[name]) counts[name][Math.min(bins - 1, Math.floor((value - low) / width))]!++;
  }
  return { x: Array.from({ length: bins }, (_, i) => low + (i + 0.5) * width), counts };
}

/** At most `most` points, evenly chosen by their order, the first and the last among them. */
export function thin(points: Points, most = 200): Points {
  const n = points.x.length;
  if (n <= most) return points;
  const kept = Array.from({ length: most }, (_, i) => Math.round((i * (n - 1)) / (most - 1)));
  return { x: kept.map((i) => points.x[i]!), y: kept.map((i) => points.y[i]!) };
}
