/**
 * 95 % intervals of any measure by the bootstrap: items (or whole groups of items) are drawn again with replacement
 * within each class, the measure is taken of each draw, and the 2.5 % and 97.5 % quantiles bound the interval.
 *
 * Source: B. Efron, R. Tibshirani, "An Introduction to the Bootstrap", 1993, ch. 13 (percentile interval). What it
 * cannot show: how the measure would change with other photographs than those of the set, or another training run.
 */
import type { Random } from '#engine/random.ts';

export interface BootstrapOptions {
  random: Random;
  /** How often to draw again. */
  draws?: number;
  /** A group of each item, e.g. its photograph: groups are drawn whole, because their items are not independent. */
  groups?: ArrayLike<string | number>;
}

/** Lower and upper bound, 2.5 % to 97.5 %. */
export type Interval = [number, number];

/** Linear between the two nearest of the sorted values; q in [0, 1]. */
function quantile(sorted: ArrayLike<number>, q: number): number {
  const at = q * (sorted.length - 1);
  const low = Math.floor(at);
  const high = Math.ceil(at);
  const share = at - low;
  return share === 0 ? sorted[low]! : sorted[low]! * (1 - share) + sorted[high]! * share;
}

/** Whether a kind of unit, e.g. `0+1`, has all labels of another, e.g. `1`. */
const holds = (kinds: string, labels: string): boolean =>
  labels.split('+').every((label) => kinds.split('+').includes(label));

/** Units to draw: single items per class, or groups (a group may hold both classes, and is then drawn with both). */
function strataOf(labels: ArrayLike<number>, groups: ArrayLike<string | number> | undefined): number[][][] {
  const units = new Map<string | number, number[]>();
  for (let i = 0; i < labels.length; i++) {
    const key = groups ? groups[i]! : i;
    const unit = units.get(key);
    if (unit) unit.push(i);
    else units.set(key, [i]);
  }
  const strata = new Map<string, number[][]>();
  for (const unit of units.values()) {
    const kinds = [...new Set(unit.map((i) => labels[i]!))].sort().join('+');
    const stratum = strata.get(kinds);
    if (stratum) stratum.push(unit);
    else strata.set(kinds, [unit]);
  }
  // A lone unit of its kind, e.g. a group of which one class only was measured, is drawn with those that have its labels too.
  for (const [kinds, units] of strata) {
    if (units.length > 1) continue;
    const wider = [...strata].find(([others, own]) => own.length > 1 && holds(others, kinds));
    if (!wider) continue;
    wider[1].push(...units);
    strata.delete(kinds);
  }
  return [...strata.values()];
}

/**
 * 95 % interval of `measure` over items with labels.
 *
 * @param labels one label an item; each class keeps its number of units in every draw
 * @param measure takes the drawn items' indices (with repetitions); null where it is not defined for that draw
 * @returns null where fewer than two units stand in some class, or the measure was undefined in over 5 % of draws
 */
export function bootstrapInterval(
  labels: ArrayLike<number>,
  measure: (indices: Int32Array) => number | null,
  { random, draws = 1000, groups }: BootstrapOptions,
): Interval | null {
  if (groups && groups.length !== labels.length)
    throw new RangeError(`bootstrapInterval: ${labels.length} labels but ${groups.length} groups`);
  const strata = strataOf(labels, groups);
  if (strata.length === 0 || strata.some((units) => units.length < 2)) return null;
  const values: number[] = [];
  for (let draw = 0; draw < draws; draw++) {
    const indices: number[] = [];
    for (const units of strata)
      for (let unit = 0; unit < units.length; unit++) indices.push(...random.pick(units));
    const value = measure(Int32Array.from(indices));
    if (value !== null) values.push(value);
  }
  if (values.length < 0.95 * draws) return null;
  const sorted = Float64Array.from(values).sort();
  return [quantile(sorted, 0.025), quantile(sorted, 0.975)];
}

/** The values at the drawn indices. */
export const take = (values: ArrayLike<number>, indices: Int32Array): Float64Array =>
  Float64Array.from(indices, (index) => values[index]!);
