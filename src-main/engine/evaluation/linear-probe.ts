/**
 * A linear probe: how well a logistic regression on a few numbers tells two classes apart. What it finds is there; what it
 * does not find may still be, in ways that are not linear.
 */
import { auc } from './metrics.ts';
import { Random } from '../random.ts';

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
 * Log odds of the second class for every sample, by a probe that was fitted without the sample's group: groups are dealt
 * into folds, each kind of them (one class, the other, both) evenly, and each fold is judged by the others.
 * @param groups samples of one group (crops of one picture) stand in one fold; each is its own group where absent
 */
export function heldOutScores(
  samples: readonly (readonly number[])[],
  labels: readonly number[],
  { groups = samples.map((_, i) => i), folds }: { groups?: readonly (string | number)[]; folds: number },
): { scores: Float64Array; foldOf: Int32Array } {
  const rows = standardised(samples);
  const kinds = new Map<string | number, Set<number>>();
  groups.forEach((group, i) => kinds.set(group, (kinds.get(group) ?? new Set()).add(labels[i]!)));
  const order = new Random('probe halves').shuffle([...kinds.keys()]);
  const kindOf = (group: string | number): number =>
    [...kinds.get(group)!].reduce((sum, label) => sum + 1 + label, 0);
  const dealt = new Map(
    order.toSorted((a, b) => kindOf(a) - kindOf(b)).map((group, i) => [group, i % folds]),
  );
  const foldOf = Int32Array.from(groups, (group) => dealt.get(group)!);
  const scores = new Float64Array(rows.length);
  for (let fold = 0; fold < folds; fold++) {
    const learn = rows.map((_, i) => i).filter((i) => foldOf[i] !== fold);
    const weights = fit(
      learn.map((i) => rows[i]!),
      learn.map((i) => labels[i]!),
    );
    rows.forEach((row, i) => {
      if (foldOf[i] === fold) scores[i] = score(row, weights);
    });
  }
  return { scores, foldOf };
}

/** The AUC of the probe on samples that it was not fitted to: of each half by the other, averaged. Groups as above. */
export function probeAuc(
  samples: readonly (readonly number[])[],
  labels: readonly number[],
  groups?: readonly (string | number)[],
): number {
  const { scores, foldOf } = heldOutScores(samples, labels, { ...(groups ? { groups } : {}), folds: 2 });
  const aucs = [0, 1].map((fold) => {
    const within = labels.map((_, i) => i).filter((i) => foldOf[i] === fold);
    return auc(
      within.map((i) => scores[i]!),
      within.map((i) => labels[i]!),
    )!;
  });
  return (aucs[0]! + aucs[1]!) / 2;
}
