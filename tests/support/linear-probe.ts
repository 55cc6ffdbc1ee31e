/** A linear probe: how well a logistic regression on a few numbers tells two classes apart. */
import { auc } from '#engine/evaluation/metrics.ts';
import { Random } from '#engine/random.ts';

const RIDGE = 1e-2;
const NEWTON_STEPS = 12;

/** The solution of a positive definite system, by Cholesky decomposition. */
function solve(matrix: Float64Array, right: Float64Array): Float64Array {
  const n = right.length;
  const l = matrix.slice();
  for (let j = 0; j < n; j++)
    for (let i = j; i < n; i++) {
      let sum = l[i * n + j]!;
      for (let k = 0; k < j; k++) sum -= l[i * n + k]! * l[j * n + k]!;
      l[i * n + j] = i === j ? Math.sqrt(sum) : sum / l[j * n + j]!;
    }
  const x = right.slice();
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) x[i]! -= l[i * n + k]! * x[k]!;
    x[i]! /= l[i * n + i]!;
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) x[i]! -= l[k * n + i]! * x[k]!;
    x[i]! /= l[i * n + i]!;
  }
  return x;
}

/** Each column with mean 0 and deviation 1 over the rows, columns that never change as 0; and a column of ones. */
function standardised(rows: readonly (readonly number[])[]): Float64Array[] {
  const columns = rows[0]!.length;
  const result = rows.map(() => new Float64Array(columns + 1).fill(1));
  for (let c = 0; c < columns; c++) {
    const mean = rows.reduce((sum, row) => sum + row[c]!, 0) / rows.length;
    const deviation = Math.sqrt(rows.reduce((sum, row) => sum + (row[c]! - mean) ** 2, 0) / rows.length);
    rows.forEach((row, i) => (result[i]![c] = deviation < 1e-9 ? 0 : (row[c]! - mean) / deviation));
  }
  return result;
}

/** Weights of the logistic regression with a small ridge, by Newton's method. */
function fit(rows: readonly Float64Array[], labels: readonly number[]): Float64Array {
  const n = rows[0]!.length;
  const weights = new Float64Array(n);
  for (let step = 0; step < NEWTON_STEPS; step++) {
    const hessian = new Float64Array(n * n);
    const gradient = new Float64Array(n);
    rows.forEach((row, i) => {
      const p = 1 / (1 + Math.exp(-score(row, weights)));
      const w = (p * (1 - p)) / rows.length;
      for (let a = 0; a < n; a++) {
        gradient[a]! += ((p - labels[i]!) * row[a]!) / rows.length;
        for (let b = 0; b <= a; b++) hessian[a * n + b]! += w * row[a]! * row[b]!;
      }
    });
    for (let a = 0; a < n; a++) {
      gradient[a]! += RIDGE * weights[a]!;
      hessian[a * n + a]! += RIDGE;
      for (let b = 0; b < a; b++) hessian[b * n + a] = hessian[a * n + b]!;
    }
    solve(hessian, gradient).forEach((change, a) => (weights[a]! -= change));
  }
  return weights;
}

const score = (row: Float64Array, weights: Float64Array): number =>
  row.reduce((sum, value, i) => sum + value * weights[i]!, 0);

/**
 * The AUC of the probe on samples that it was not fitted to: of each half by the other, averaged.
 * @param groups samples of one group (crops of one picture) stand in one half; each is its own group where absent
 */
export function probeAuc(
  samples: readonly (readonly number[])[],
  labels: readonly number[],
  groups: readonly (string | number)[] = samples.map((_, i) => i),
): number {
  const rows = standardised(samples);
  const order = new Random('probe halves').shuffle([...new Set(groups)]);
  const half = new Map(order.map((group, i) => [group, i % 2]));
  const aucs = [0, 1].map((fold) => {
    const within = (want: boolean) =>
      rows.map((_, i) => i).filter((i) => (half.get(groups[i]!) === fold) === want);
    const [learn, test] = [within(false), within(true)];
    const pick = <T>(from: readonly T[], indices: number[]): T[] => indices.map((i) => from[i]!);
    const weights = fit(pick(rows, learn), pick(labels, learn));
    return auc(
      pick(rows, test).map((row) => score(row, weights)),
      pick(labels, test),
    )!;
  });
  return (aucs[0]! + aucs[1]!) / 2;
}
