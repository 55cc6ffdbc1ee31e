/**
 * The calibration of one compression tier from judged validation pictures, with what it is worth. Every figure of the ratios
 * is of ratios that were given by a calibration fitted without the picture's group, cut to the bounds: as they would have been
 * reported.
 */
import type { Random } from '../random.ts';
import { bootstrapInterval, take, type Interval } from './bootstrap.ts';
import { fitIsotonic, fitLogistic, heldOutLlrs, type CalibrationMap } from './calibration.ts';
import { ap, auc, cllr, cllrMin, eer } from './metrics.ts';
import { ratioBounds, withinBounds, type RatioBounds } from './ratio-bounds.ts';
import { reliability, type ReliabilityBin } from './reliability.ts';

/** With fewer groups of a class, an error rate of one in twenty cannot even be observed: there is no calibration then. */
export const MINIMUM_GROUPS = 20;
/** Isotonic calibration has many parameters: it is taken only where its held-out C_llr is lower by this much. */
const ISOTONIC_GAIN = 0.01;
export const FOLDS = 5;
const DRAWS = 500;

/** One judged validation picture. */
export interface CalibrationItem {
  score: number;
  simulated: boolean;
  /** Pictures of one group depend on each other. */
  group: string;
  /** What was done to a simulated one; null for a real one. */
  category: string | null;
}
export interface Estimate {
  value: number | null;
  /** 95 %, by the bootstrap over groups. */
  interval: Interval | null;
}
export interface TierCalibration {
  map: CalibrationMap;
  bounds: RatioBounds;
  counts: { real: number; simulated: number; realGroups: number; simulatedGroups: number };
  figures: Record<'auc' | 'ap' | 'eer' | 'cllr' | 'cllrMin', Estimate>;
  reliability: ReliabilityBin[];
  /** Of each category of simulated pictures against all real ones. */
  categories: { category: string; simulated: number; auc: Estimate; atChance: boolean }[];
  /** The scores do not tell the classes apart: the 95 % interval of the AUC reaches one half. */
  atChance: boolean;
}

/** At chance: nothing shows that the AUC is above one half. Without an interval nothing does. */
export const isAtChance = ({ interval }: Estimate): boolean => interval === null || interval[0] <= 0.5;

type Measure = (values: Float64Array, labels: Float64Array) => number | null;

/** A measure of values with its interval over the groups of the items that they belong to. */
export function estimate(
  measure: Measure,
  values: ArrayLike<number>,
  items: readonly Pick<CalibrationItem, 'simulated' | 'group'>[],
  random: Random,
): Estimate {
  const labels = Float64Array.from(items, ({ simulated }) => Number(simulated));
  return {
    value: measure(Float64Array.from(values), labels),
    interval: bootstrapInterval(labels, (drawn) => measure(take(values, drawn), take(labels, drawn)), {
      random,
      draws: DRAWS,
      groups: items.map(({ group }) => group),
    }),
  };
}

type Grouped = Pick<CalibrationItem, 'simulated' | 'group'>;
const groupsOf = (items: readonly Grouped[], of: boolean): number =>
  new Set(items.filter(({ simulated }) => simulated === of).map(({ group }) => group)).size;

/** Whether there are `MINIMUM_GROUPS` groups of either class. */
export const hasEnoughGroups = (items: readonly Grouped[]): boolean =>
  Math.min(groupsOf(items, false), groupsOf(items, true)) >= MINIMUM_GROUPS;

/** Null with fewer than `MINIMUM_GROUPS` groups of either class. */
export function calibrateTier(items: readonly CalibrationItem[], random: Random): TierCalibration | null {
  if (!hasEnoughGroups(items)) return null;
  const [realGroups, simulatedGroups] = [groupsOf(items, false), groupsOf(items, true)];
  const scores = items.map(({ score }) => score);
  const labels = items.map(({ simulated }) => Number(simulated));
  const groups = items.map(({ group }) => group);
  const data = { scores, labels, groups };
  // Never null: with so many groups of each class, every fold leaves some of both.
  const [logistic, isotonic] = [fitLogistic, fitIsotonic].map((fit) => ({
    fit,
    llrs: heldOutLlrs(data, fit, { folds: FOLDS, random: random.fork('folds') })!,
  })) as [{ fit: typeof fitLogistic; llrs: Float64Array }, { fit: typeof fitIsotonic; llrs: Float64Array }];
  const isBetter = cllr(isotonic.llrs, labels)! < cllr(logistic.llrs, labels)! - ISOTONIC_GAIN;
  const { fit, llrs } = isBetter ? isotonic : logistic;
  const bounds = ratioBounds(llrs, labels, groups);
  const reported = llrs.map((llr) => withinBounds(llr, bounds));
  const measured = (name: string, measure: Measure, values: ArrayLike<number> = scores): Estimate =>
    estimate(measure, values, items, random.fork(name));
  const figures = {
    auc: measured('auc', auc),
    ap: measured('ap', ap),
    eer: measured('eer', eer),
    cllr: measured('cllr', cllr, reported),
    cllrMin: measured('cllrMin', cllrMin),
  };
  const categories = [...new Set(items.flatMap(({ category }) => category ?? []))].sort();
  return {
    map: fit(data),
    bounds,
    counts: {
      real: labels.filter((label) => label === 0).length,
      simulated: labels.filter((label) => label === 1).length,
      ...{ realGroups, simulatedGroups },
    },
    figures,
    reliability: reliability(reported, labels),
    categories: categories.map((category) => {
      const some = items.filter((item) => !item.simulated || item.category === category);
      const own = estimate(
        auc,
        some.map(({ score }) => score),
        some,
        random.fork(`category ${category}`),
      );
      return {
        category,
        simulated: some.filter(({ simulated }) => simulated).length,
        auc: own,
        atChance: isAtChance(own),
      };
    }),
    atChance: isAtChance(figures.auc),
  };
}
