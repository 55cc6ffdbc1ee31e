/**
 * Reliability: whether ratios mean what they say. At even prior odds a ratio claims the probability 1 / (1 + e^-llr) of
 * "simulated"; beside it stands how often that came true, both classes weighing the same.
 *
 * Source: M. DeGroot, S. Fienberg, "The comparison and evaluation of forecasters", The Statistician 32, 1983.
 */

export interface ReliabilityBin {
  /** Mean of what the ratios in this bin claim, [0, 1]. */
  claimed: number;
  /** Share that was simulated, [0, 1], at even prior odds. */
  observed: number;
  real: number;
  simulated: number;
}

/** Bins of equal width over the claimed probability; empty ones are left out. Nothing where a class is missing. */
export function reliability(llrs: ArrayLike<number>, labels: ArrayLike<number>, bins = 10): ReliabilityBin[] {
  const totals = [0, 0];
  for (let i = 0; i < labels.length; i++) totals[labels[i]!]!++;
  if (totals.includes(0)) return [];
  const found = Array.from({ length: bins }, () => ({ claim: 0, weight: 0, counts: [0, 0] }));
  for (let i = 0; i < llrs.length; i++) {
    const claim = 1 / (1 + Math.exp(-llrs[i]!));
    const bin = found[Math.min(bins - 1, Math.floor(claim * bins))]!;
    const weight = 1 / totals[labels[i]!]!;
    bin.claim += weight * claim;
    bin.weight += weight;
    bin.counts[labels[i]!]!++;
  }
  return found
    .filter(({ weight }) => weight > 0)
    .map(({ claim, weight, counts }) => ({
      claimed: claim / weight,
      observed: counts[1]! / totals[1]! / weight,
      real: counts[0]!,
      simulated: counts[1]!,
    }));
}
