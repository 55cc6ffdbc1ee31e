/**
 * The statement on a picture: a verdict with its likelihood ratio, what it is about, and what stands in its way. Pure. The
 * verdict is `simulated` or `real` only where the ratio reaches the band, and nothing stands against it:
 *
 * - The model carries a calibration, and the picture lies inside what it was validated on; otherwise there is no ratio.
 * - In the picture's compression tier the scores tell forged from untouched at all; otherwise there is no ratio.
 * - The ratio, cut to what the amount of validation data supports, lies outside the band of no verdict.
 * - For `real`: no kind of validation forgery is at chance in the tier, as such a one would look just like it.
 * - The statement does not change under small changes of the picture, where that was looked at.
 */
import type { ModelCalibration, TierCalibration, VerdictStatement } from '#contract/calibration.ts';
import type { VerdictLabel } from '#contract/detection.ts';
import { applyCalibration } from '#engine/evaluation/calibration.ts';
import { withinBounds } from '#engine/evaluation/ratio-bounds.ts';
import type { JudgedPicture } from './judged-picture.ts';
import { outsideValidation, tierFor, tierWords } from './outside-validation.ts';
import { timesText, verbalScale } from './verbal-scale.ts';

export interface StateInput {
  /** Of `aggregateScore`. */
  score: number;
  tiles: number;
  /** Of `pictureFeatures`. */
  features: readonly number[];
  picture: JudgedPicture;
  /** Of the model's passport. */
  calibration: ModelCalibration | null;
  /** What was found of the verdict under small changes of the picture; absent where it was not looked at. */
  stability?: {
    /** Null where there was no verdict that could be unstable. */
    stable: boolean | null;
    /** In sentences. */
    reason: string;
  };
}

export interface Stated {
  verdict: VerdictLabel;
  /** In sentences: the ratio, or what stands in the way. */
  reason: string;
  /** Natural-log likelihood ratio; null where none can be defended. */
  llr: number | null;
  statement: VerdictStatement | null;
}

const words = (list: readonly string[]): string => list.join(', ').replace(/, ([^,]*)$/, ' and $1');

/** What the ratio is, in one sentence. */
function ratioSentence(llr: number, score: number, { counts, bounds, tier }: TierCalibration): string {
  const [more, less] = llr >= 0 ? ['a forged', 'an untouched'] : ['an untouched', 'a forged'];
  const most = llr >= 0 ? bounds.upper : bounds.lower;
  return (
    `The score ${score.toFixed(2)} is ${timesText(llr)} as probable for ${more} picture as for ${less} one, measured on ` +
    `${tierWords[tier]} from ${counts.realGroups} untouched and ${counts.simulatedGroups} forged photographs, ` +
    `which support no more than ${timesText(most)}.`
  );
}

/** What stands against the verdict that the ratio speaks for; in the order of their weight. */
function obstaclesTo(
  llr: number,
  own: TierCalibration,
  { band }: ModelCalibration,
  stability: StateInput['stability'],
): string[] {
  const obstacles: string[] = [];
  if (Math.abs(llr) < band)
    obstacles.push(
      Math.max(own.bounds.upper, -own.bounds.lower) < band
        ? `The validation data support no ratio of ${timesText(band)}, which a verdict needs.`
        : `A verdict needs a ratio of at least ${timesText(band)}.`,
    );
  const unseen = own.categories.filter(({ atChance }) => atChance).map(({ category }) => category);
  if (llr <= -band && unseen.length > 0)
    obstacles.push(
      `The ratio speaks for real, but on ${tierWords[own.tier]} the model does not tell ${words(unseen)} from untouched ` +
        'pictures: such a forgery would score alike.',
    );
  if (stability?.stable === false) obstacles.push(stability.reason);
  return obstacles;
}

/** @throws RangeError where the features are not those that the model's density was fitted to */
export function state(input: StateInput): Stated {
  const { calibration, picture, score, stability } = input;
  if (!calibration)
    return {
      verdict: 'inconclusive',
      reason:
        'The model is not calibrated on pictures that it had not seen, so its score supports no verdict.',
      llr: null,
      statement: null,
    };
  const { propositions, band } = calibration;
  const own = tierFor(calibration, picture);
  const outside = outsideValidation(calibration, input);
  const base = { propositions, band, tier: own?.tier ?? null };
  const silent = (obstacles: string[]): Stated => ({
    verdict: 'inconclusive',
    reason: obstacles.join(' '),
    llr: null,
    statement: { ...base, bounds: null, cut: false, verbal: null, obstacles, limits: [] },
  });
  if (outside.length > 0 || own === null)
    return silent(outside.map((clause) => `Outside what the model was validated on: ${clause}.`));
  if (own.atChance)
    return silent([
      `On ${tierWords[own.tier]} the model does not tell forged from untouched validation pictures, so its score supports no verdict.`,
    ]);
  const raw = applyCalibration(own.map, score);
  const llr = withinBounds(raw, own.bounds);
  const obstacles = obstaclesTo(llr, own, calibration, stability);
  return {
    verdict: obstacles.length > 0 ? 'inconclusive' : llr > 0 ? 'simulated' : 'real',
    reason: [ratioSentence(llr, score, own), ...obstacles].join(' '),
    llr,
    statement: {
      ...base,
      bounds: own.bounds,
      cut: raw !== llr,
      verbal: verbalScale(llr),
      obstacles,
      limits: [
        'The ratio compares these two propositions and no others; how probable either is besides, it does not say.',
        ...(raw === llr ? [] : ['The ratio was cut to what the amount of validation data supports.']),
        ...(stability
          ? []
          : ['Whether the statement holds under small changes of the picture was not looked at.']),
      ],
    },
  };
}
