/**
 * Which aggregation of a detector's tile logits its score is, chosen on judged validation pictures. The criterion is the mean,
 * over the compression tiers, of the held-out C_llr of the score: what its ratios cost on pictures whose group the calibration
 * had not seen. It counts both how far a score tells the classes apart and how well it can be calibrated. `top-tenth` stays
 * unless another one is better by more than chance of that size would be worth trusting: seven are tried on the same pictures.
 */
import { scoreAggregation, type PassportAggregation, type ScoreAggregation } from '#contract/model.ts';
import { fitLogistic, heldOutLlrs } from '#engine/evaluation/calibration.ts';
import { compressionTiers } from '#engine/evaluation/compression-tier.ts';
import { auc, cllr } from '#engine/evaluation/metrics.ts';
import { FOLDS, hasEnoughGroups } from '#engine/evaluation/tier-calibration.ts';
import type { Random } from '#engine/random.ts';
import type { JudgedItem } from './judge-validation.ts';

/** That of the models from before there was a choice. */
export const USUAL_AGGREGATION: ScoreAggregation = 'top-tenth';
/** By how much another one must be better. */
const GAIN = 0.02;

const criterion =
  'The lowest mean, over the compression tiers, of the held-out C_llr of the score, by logistic calibrations fitted without ' +
  `the picture's group; ${USUAL_AGGREGATION} stays where no other is lower by ${GAIN}. Chosen among ${scoreAggregation.options.length} on ` +
  'the validation pictures themselves, so that the chosen one may look slightly too good there.';

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** The figures of each candidate; null where no tier has enough groups to measure them on. */
export function chooseAggregation(
  items: readonly JudgedItem[],
  random: Random,
): { chosen: ScoreAggregation; aggregation: PassportAggregation | null } {
  const tiers = compressionTiers
    .map((tier) => items.filter((item) => item.tier === tier))
    .filter(hasEnoughGroups);
  if (tiers.length === 0) return { chosen: USUAL_AGGREGATION, aggregation: null };
  const candidates = scoreAggregation.options.map((name) => {
    const figures = tiers.map((own) => {
      const scores = own.map(({ scores: all }) => all[name]);
      const labels = own.map(({ simulated }) => Number(simulated));
      const data = { scores, labels, groups: own.map(({ group }) => group) };
      // Never null: with so many groups of each class, every fold leaves some of both. The same folds for every candidate.
      const llrs = heldOutLlrs(data, fitLogistic, { folds: FOLDS, random: random.fork('folds') })!;
      return { auc: auc(scores, labels)!, cllr: cllr(llrs, labels)! };
    });
    return { name, auc: mean(figures.map((of) => of.auc)), cllr: mean(figures.map((of) => of.cllr)) };
  });
  const usual = candidates.find(({ name }) => name === USUAL_AGGREGATION)!;
  const best = candidates.toSorted((a, b) => a.cllr - b.cllr)[0]!;
  const chosen = best.cllr < usual.cllr - GAIN ? best.name : usual.name;
  return { chosen, aggregation: { criterion, candidates } };
}
