/**
 * Pool adjacent violators: the best step function from scores to shares of simulated ones that never falls as the score
 * rises (isotonic regression of labels).
 *
 * Source: M. Ayer et al., "An empirical distribution function for sampling with incomplete information", Annals of
 * Mathematical Statistics 26, 1955.
 */

/** What stands at one score: how much of each class, as counts or weights. */
export interface Level {
  score: number;
  simulated: number;
  real: number;
}
/** Neighbouring levels with one share; `score` is the lowest of theirs. */
export type Pool = Level;

/** @param ascending levels of rising scores, each of positive weight */
export function poolAdjacentViolators(ascending: readonly Level[]): Pool[] {
  const pools: Pool[] = [];
  for (const level of ascending) {
    let pool = { ...level };
    for (let last = pools.at(-1); last !== undefined; last = pools.at(-1)) {
      if (last.simulated * (pool.simulated + pool.real) < pool.simulated * (last.simulated + last.real))
        break;
      pool = {
        score: last.score,
        simulated: pool.simulated + last.simulated,
        real: pool.real + last.real,
      };
      pools.pop();
    }
    pools.push(pool);
  }
  return pools;
}
