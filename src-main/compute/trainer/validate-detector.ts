/** What an exported detector is worth on the validation split, and the calibration of its scores there. */
import type { ModelCalibration } from '#contract/calibration.ts';
import type {
  ModelValidation,
  PassportAggregation,
  ReferencePicture,
  ScoreAggregation,
} from '#contract/model.ts';
import type { TrainerPhotograph } from '#contract/trainer-messages.ts';
import { bootstrapInterval, take } from '#engine/evaluation/bootstrap.ts';
import { compressionTiers, tierQualities } from '#engine/evaluation/compression-tier.ts';
import { fitDensity } from '#engine/evaluation/feature-density.ts';
import { forgeryOperations } from '#engine/evaluation/forgeries.ts';
import { auc } from '#engine/evaluation/metrics.ts';
import { calibrateTier } from '#engine/evaluation/tier-calibration.ts';
import { Random } from '#engine/random.ts';
import type { Detector } from '#inference/detector-session.ts';
import { chooseAggregation } from './choose-aggregation.ts';
import { chooseReferences } from './choose-references.ts';
import { judgeValidation, type JudgedForgeries } from './judge-validation.ts';

/**
 * Half width of the band of no verdict, in natural logarithms: a ratio must reach ten to one. That is where the verbal scale
 * begins to speak of more than weak support (ENFSI guideline for evaluative reporting, 2015).
 */
export const VERDICT_BAND = Math.log(10);

const operations = forgeryOperations.join(', ');
const savedAs = compressionTiers
  .map((tier) => tierQualities[tier])
  .flatMap((range) => (range ? [`JPEG of quality ${range.from} to ${range.to}`] : []))
  .join(' and as ');

/** Null where no tier has enough groups. */
export function calibrateModel(
  judged: JudgedForgeries,
  { rendered, random }: { rendered: boolean; random: Random },
): ModelCalibration | null {
  const { items, pixels, coloured, grey } = judged;
  const tiers = compressionTiers.flatMap((tier) => {
    const own = items.filter((item) => item.tier === tier);
    const calibration = calibrateTier(own, random.fork(tier));
    return calibration ? [{ tier, ...calibration }] : [];
  });
  if (tiers.length === 0) return null;
  return {
    tiers,
    domain: { pixels, coloured, grey, rendered },
    density: fitDensity(
      items.map(({ features }) => features),
      items.map(({ group }) => group),
      random.fork('density'),
    ),
    band: VERDICT_BAND,
    propositions: {
      simulated: `The picture was made from ${rendered ? 'a scene like those' : 'a photograph like those'} of the validation data by forging a part of it (${operations}).`,
      real: `The picture is ${rendered ? 'a scene' : 'a photograph'} like those of the validation data, at most changed a little as a whole (cut, scaled, blurred, made noisy) and saved again.`,
    },
  };
}

/**
 * @param photographs of the validation split
 * @param report called after each photograph
 */
export async function validateDetector(
  detector: Detector,
  photographs: readonly TrainerPhotograph[],
  { seed, rendered }: { seed: number; rendered: boolean },
  report: (done: number, total: number) => void,
): Promise<{
  validation: ModelValidation;
  calibration: ModelCalibration | null;
  scoreAggregation: ScoreAggregation;
  aggregation: PassportAggregation | null;
  references: ReferencePicture[];
}> {
  const random = new Random(`${seed}/calibration`);
  const tried = await judgeValidation(detector, photographs, seed, report);
  const { chosen, aggregation } = chooseAggregation(tried.items, random.fork('aggregation'));
  const items = tried.items.map((item) => ({ ...item, score: item.scores[chosen] }));
  const judged = { ...tried, items };
  const { forgeriesEach } = judged;
  const scores = items.map(({ score }) => score);
  const labels = items.map(({ simulated }) => Number(simulated));
  const validation: ModelValidation = {
    realCount: labels.filter((label) => label === 0).length,
    simulatedCount: labels.filter((label) => label === 1).length,
    auc: auc(scores, labels),
    aucInterval: bootstrapInterval(labels, (drawn) => auc(take(scores, drawn), take(labels, drawn)), {
      random: new Random(`${seed}/validation/interval`),
      groups: items.map(({ group }) => group),
    }),
    protocol:
      `${judged.photographs} photographs of the validation split, every second one first changed a little as a whole (cut off ` +
      'its grid, scaled, blurred, made noisy), each judged whole: untouched, and forged ' +
      `${forgeriesEach === 1 ? 'once' : `${forgeriesEach} times`} by ${operations} in turn (none used in training); ` +
      `each of these as it is, as ${savedAs}.`,
  };
  const calibration = calibrateModel(judged, { rendered, random });
  const references = chooseReferences(
    judged,
    photographs.map(({ sha256 }) => sha256),
  );
  return { validation, calibration, scoreAggregation: chosen, aggregation, references };
}
