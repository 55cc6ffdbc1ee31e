/**
 * What a calibrated model says of whole photographs that neither training nor calibration has seen: untouched and forged by
 * every operation, in each compression tier, stated on as any picture is. It shows whether ratios mean what they say on held-out
 * groups, and on which categories the model is at chance.
 */
import type { CompressionTier, ModelCalibration } from '#contract/calibration.ts';
import type { VerdictLabel } from '#contract/detection.ts';
import { judgeForgeries, type JudgedItem } from '#compute/trainer/judge-validation.ts';
import { compressionTiers } from '#engine/evaluation/compression-tier.ts';
import { calibrationLoss, type CalibrationLoss } from '#engine/evaluation/calibration-loss.ts';
import { auc, cllr, cllrMin } from '#engine/evaluation/metrics.ts';
import { estimate, isAtChance, type Estimate } from '#engine/evaluation/tier-calibration.ts';
import type { Random } from '#engine/random.ts';
import { state } from '#features/calibration/state.ts';
import type { Detector } from '#inference/detector-session.ts';
import type { HeldOutPhotograph } from './forgery-trial.ts';

export type VerdictCounts = Record<VerdictLabel, number>;
export interface CheckedSet {
  real: number;
  simulated: number;
  /** Of the scores. */
  auc: Estimate;
  /** Of the ratios that were stated; null where none was. */
  cllr: Estimate | null;
  cllrMin: Estimate | null;
  /** The difference, and how much of it perfect ratios would show as well; null where a class has no ratios. */
  calibration: CalibrationLoss | null;
  /** The interval of the AUC reaches one half. */
  atChance: boolean;
  /** What was said of the real ones and of the simulated ones. */
  verdicts: { real: VerdictCounts; simulated: VerdictCounts };
}
export interface TierCheck extends CheckedSet {
  tier: CompressionTier;
  categories: ({ category: string } & CheckedSet)[];
}
export interface HeldOutCheck {
  photographs: number;
  forgeriesEach: number;
  pictures: number;
  tiers: TierCheck[];
}

/** A judged picture with what was stated. */
export type CheckedItem = Omit<JudgedItem, 'scores' | 'photograph'> & {
  verdict: VerdictLabel;
  llr: number | null;
};

const count = (items: readonly CheckedItem[]): VerdictCounts => ({
  real: items.filter(({ verdict }) => verdict === 'real').length,
  simulated: items.filter(({ verdict }) => verdict === 'simulated').length,
  inconclusive: items.filter(({ verdict }) => verdict === 'inconclusive').length,
});

function checkSet(items: readonly CheckedItem[], random: Random): CheckedSet {
  const stated = items.filter(({ llr }) => llr !== null);
  const llrs = stated.map(({ llr }) => llr!);
  const found = estimate(
    auc,
    items.map(({ score }) => score),
    items,
    random.fork('auc'),
  );
  const labels = stated.map((item) => Number(item.simulated));
  const [real, simulated] = [false, true].map((of) => items.filter((item) => item.simulated === of));
  return {
    real: real!.length,
    simulated: simulated!.length,
    auc: found,
    cllr: stated.length > 0 ? estimate(cllr, llrs, stated, random.fork('cllr')) : null,
    cllrMin: stated.length > 0 ? estimate(cllrMin, llrs, stated, random.fork('cllrMin')) : null,
    calibration: calibrationLoss(llrs, labels, { random: random.fork('loss') }),
    atChance: isAtChance(found),
    verdicts: { real: count(real!), simulated: count(simulated!) },
  };
}

/** The figures of judged pictures, by tier, and by category against the real ones of the tier. */
export function checkItems(items: readonly CheckedItem[], random: Random): TierCheck[] {
  return compressionTiers.flatMap((tier) => {
    const own = items.filter((item) => item.tier === tier);
    if (own.length === 0) return [];
    const categories = [...new Set(own.flatMap(({ category }) => category ?? []))].sort();
    const of = (category: string) => own.filter((item) => !item.simulated || item.category === category);
    return [
      {
        tier,
        ...checkSet(own, random.fork(tier)),
        categories: categories.map((category) => ({
          category,
          ...checkSet(of(category), random.fork(`${tier} ${category}`)),
        })),
      },
    ];
  });
}

/** Judges the photographs and states on them. @throws AppError `cancelled`, and those of `judgePhotograph` */
export async function checkHeldOut(
  detector: Detector,
  photographs: readonly HeldOutPhotograph[],
  options: {
    seed: number;
    rendered: boolean;
    random: Random;
    signal?: AbortSignal;
    progress?: (done: number, total: number) => void;
  },
): Promise<HeldOutCheck> {
  const { seed, rendered, random, signal, progress } = options;
  const calibration: ModelCalibration | null = detector.passport.calibration;
  const source = { count: photographs.length, read: (i: number) => photographs[i]!.read() };
  const groups = photographs.map(({ group }) => group);
  const judged = await judgeForgeries(detector, { source, groups }, { seed, signal, report: progress });
  const items = judged.items.map((item) => {
    const { score, tiles, features } = item;
    const picture = { ...item.picture, rendered };
    const { verdict, llr } = state({ score, tiles, features, picture, calibration });
    return { ...item, verdict, llr };
  });
  return {
    photographs: judged.photographs,
    forgeriesEach: judged.forgeriesEach,
    pictures: items.length,
    tiers: checkItems(items, random),
  };
}
