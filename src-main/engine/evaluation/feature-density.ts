/**
 * Whether a picture is like those that a model was validated on, by a few numbers that describe it: its Mahalanobis distance
 * from their mean under their covariance. It finds pictures that are unlike as a whole; what it does not flag may still be
 * unlike in ways that these numbers do not show.
 *
 * Sources: P. Mahalanobis, 1936; K. Lee, K. Lee, H. Lee, J. Shin, "A simple unified framework for detecting
 * out-of-distribution samples", NeurIPS 2018; shrinkage towards the diagonal as O. Ledoit, M. Wolf, Journal of Multivariate
 * Analysis 88, 2004, with a fixed share, because groups are few.
 */
import type { Random } from '../random.ts';
import { dealFolds } from './calibration.ts';

/** Share of the covariance that is replaced by its diagonal. */
const SHRINKAGE = 0.1;
/** Share of validation pictures that would themselves count as unlike the rest. */
export const UNLIKE_SHARE = 0.01;
const FOLDS = 5;

export interface FeatureDensity {
  mean: number[];
  /** Lower triangle L of the covariance L L^T, row by row, full rows: [n * n]. */
  factor: number[];
  /** Distances above it count as unlike. */
  limit: number;
}

/** Cholesky factor of the shrunk covariance; columns that never change get a deviation that any change exceeds. */
function fit(rows: readonly (readonly number[])[]): Pick<FeatureDensity, 'mean' | 'factor'> {
  const n = rows[0]!.length;
  const mean = Array.from({ length: n }, (_, c) => rows.reduce((sum, row) => sum + row[c]!, 0) / rows.length);
  const l = new Array<number>(n * n).fill(0);
  const covariance = (a: number, b: number): number =>
    rows.reduce((sum, row) => sum + (row[a]! - mean[a]!) * (row[b]! - mean[b]!), 0) / rows.length;
  for (let i = 0; i < n; i++)
    for (let j = 0; j <= i; j++) {
      let sum =
        i === j
          ? Math.max(covariance(i, i), 1e-9 * Math.max(1, mean[i]! ** 2))
          : (1 - SHRINKAGE) * covariance(i, j);
      for (let k = 0; k < j; k++) sum -= l[i * n + k]! * l[j * n + k]!;
      l[i * n + j] = i === j ? Math.sqrt(Math.max(sum, 1e-12)) : sum / l[j * n + j]!;
    }
  return { mean, factor: l };
}

/** The Mahalanobis distance of a picture's features from those that the density was fitted to. */
export function featureDistance(
  { mean, factor }: Pick<FeatureDensity, 'mean' | 'factor'>,
  features: readonly number[],
): number {
  const n = mean.length;
  if (features.length !== n)
    throw new RangeError(`featureDistance: ${features.length} features, but the density has ${n}`);
  const solved = new Float64Array(n);
  let square = 0;
  for (let i = 0; i < n; i++) {
    let sum = features[i]! - mean[i]!;
    for (let k = 0; k < i; k++) sum -= factor[i * n + k]! * solved[k]!;
    solved[i] = sum / factor[i * n + i]!;
    square += solved[i]! ** 2;
  }
  return Math.sqrt(square);
}

/**
 * Fits the density. The limit is the distance that all but `UNLIKE_SHARE` of the pictures keep when each is measured by a
 * density that was fitted without its group.
 *
 * @param rows one picture's features each, of one length
 * @returns null with fewer groups than folds
 */
export function fitDensity(
  rows: readonly (readonly number[])[],
  groups: readonly (string | number)[],
  random: Random,
): FeatureDensity | null {
  if (rows.length !== groups.length)
    throw new RangeError(`fitDensity: ${rows.length} pictures but ${groups.length} groups`);
  if (new Set(groups).size < FOLDS) return null;
  const foldOf = dealFolds({ labels: new Uint8Array(rows.length), groups }, FOLDS, random);
  const distances: number[] = [];
  for (let fold = 0; fold < FOLDS; fold++) {
    const density = fit(rows.filter((_, i) => foldOf[i] !== fold));
    rows.forEach((row, i) => {
      if (foldOf[i] === fold) distances.push(featureDistance(density, row));
    });
  }
  distances.sort((a, b) => a - b);
  const limit = distances[Math.ceil((1 - UNLIKE_SHARE) * distances.length) - 1]!;
  return { ...fit(rows), limit };
}
