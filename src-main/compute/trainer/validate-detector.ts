/**
 * Measures an exported detector on the validation split and derives the two thresholds of the verdict. Whole photographs are
 * judged as any picture is, with the same aggregation; none of them was trained on, and none is of the test split.
 */
import type { ModelValidation } from '#contract/model.ts';
import type { TrainerPhotograph } from '#contract/trainer-messages.ts';
import { forge, forgeryOperations } from '#engine/evaluation/forgeries.ts';
import { bootstrapInterval, take } from '#engine/evaluation/bootstrap.ts';
import { auc } from '#engine/evaluation/metrics.ts';
import type { RgbImage } from '#engine/ports.ts';
import { Random } from '#engine/random.ts';
import type { Detector } from '#inference/detector-session.ts';
import { judgePhotograph } from '#inference/judge-photograph.ts';
import { jpegCodec } from './jpeg-codec.ts';
import { photographSource } from './photographs.ts';

/** Share of either class that may stand on the wrong side of its threshold. */
const ERROR_RATE = 0.05;
const RESAVE = { quality: 90, chromaSubsampling: '4:2:0' } as const;
/** More photographs than this add minutes and little certainty. */
const MOST_PHOTOGRAPHS = 200;

/**
 * A verdict must be at least as many times as common among the pictures that it is right for as among those that it is wrong
 * for. A threshold that does not reach this says nothing, and the verdict stays inconclusive on its side.
 */
const LEAST_RATIO = 4;

/**
 * The lowest threshold that at most `rate` of the scores against it reach, and the share that does; null without scores, and
 * where too few of the scores for it reach it to mean anything.
 */
export function upperThreshold(
  against: readonly number[],
  inFavour: readonly number[],
  rate: number,
): { threshold: number; share: number } | null {
  const descending = [...against].sort((a, b) => b - a);
  const allowed = Math.floor(descending.length * rate);
  const highestOutside = descending[allowed];
  if (highestOutside === undefined) return null;
  const lowestInside = allowed > 0 ? descending[allowed - 1]! : highestOutside + 1;
  const threshold = (highestOutside + lowestInside) / 2;
  const reach = (scores: readonly number[]) => scores.filter((s) => s >= threshold).length / scores.length;
  const share = reach(against);
  return reach(inFavour) >= LEAST_RATIO * Math.max(share, 1 / against.length) ? { threshold, share } : null;
}

/**
 * @param photographs of the validation split
 * @param report called after each photograph
 */
export async function validateDetector(
  detector: Detector,
  photographs: readonly TrainerPhotograph[],
  seed: number,
  report: (done: number, total: number) => void,
): Promise<ModelValidation> {
  const chosen = photographs.slice(0, MOST_PHOTOGRAPHS);
  const source = photographSource(chosen);
  const real: number[] = [];
  const simulated: number[] = [];
  const score = async (image: RgbImage) => (await judgePhotograph(detector, image)).score;
  for (let i = 0; i < chosen.length; i++) {
    const image = await source.read(i);
    const random = new Random(`${seed}/validation/${i}`);
    const operation = forgeryOperations[i % forgeryOperations.length]!;
    const donor = await source.read((i + 1) % chosen.length);
    const { image: forged } = forge(operation, image, { random, donor });
    real.push(await score(image), await score(await jpegCodec.roundTrip(image, RESAVE)));
    simulated.push(await score(forged), await score(await jpegCodec.roundTrip(forged, RESAVE)));
    report(i + 1, chosen.length);
  }
  const negated = (scores: readonly number[]) => scores.map((s) => -s);
  const upper = upperThreshold(real, simulated, ERROR_RATE);
  const lower = upperThreshold(negated(simulated), negated(real), ERROR_RATE);
  const count = chosen.length;
  const scores = [...real, ...simulated];
  const labels = [...real.map(() => 0), ...simulated.map(() => 1)];
  const photographOf = scores.map((_, i) => Math.floor((i % real.length) / 2)); // two pictures a photograph and class
  return {
    realCount: real.length,
    simulatedCount: simulated.length,
    auc: auc(scores, labels),
    aucInterval: bootstrapInterval(labels, (drawn) => auc(take(scores, drawn), take(labels, drawn)), {
      random: new Random(`${seed}/validation/interval`),
      groups: photographOf,
    }),
    simulatedThreshold: upper?.threshold ?? null,
    falsePositiveRate: upper?.share ?? null,
    realThreshold: lower ? -lower.threshold : null,
    falseNegativeRate: lower?.share ?? null,
    protocol:
      `${count} photographs of the validation split, each judged whole: untouched, and forged once by one of ` +
      `${forgeryOperations.join(', ')} (none used in training); each as it is and re-saved as JPEG quality ${RESAVE.quality}.`,
  };
}
