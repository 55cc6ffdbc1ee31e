/**
 * From a picture's score to a verdict with its reason. A verdict other than `inconclusive` is given only against
 * thresholds that were measured on enough validation pictures, and the reason names the counts. There is no likelihood
 * ratio here: it stays null until a model carries a calibration.
 */
import type { VerdictLabel } from '#contract/detection.ts';
import type { ModelValidation } from '#contract/model.ts';

/** With fewer validation pictures on a side, an error rate of one in twenty cannot even be observed. */
export const MINIMUM_VALIDATION_COUNT = 20;
/** The highest tenth of fewer tiles is a single draw, unlike the whole pictures that thresholds are measured on. */
export const MINIMUM_TILES = 4;

export interface Decision {
  verdict: VerdictLabel;
  /** One sentence. */
  reason: string;
  /** Natural-log likelihood ratio; null, as no model is calibrated. */
  llr: null;
}

const score2 = (value: number): string => value.toFixed(2);
const percent = (rate: number): string => `${(100 * rate).toFixed(1)} %`;
const inconclusive = (reason: string): Decision => ({ verdict: 'inconclusive', reason, llr: null });

/**
 * Decides on a picture. `score` comes from `aggregateScore`, `validation` from the model's passport.
 * At or above the threshold for simulated: `simulated`; at or below the one for real: `real`; both or neither:
 * `inconclusive`.
 */
export function decideVerdict(input: {
  score: number;
  tiles: number;
  validation: ModelValidation | null;
}): Decision {
  const { score, tiles, validation } = input;
  if (!validation)
    return inconclusive(
      'The model was not validated on pictures that it had not seen, so its score supports no verdict.',
    );
  const { realCount, simulatedCount, simulatedThreshold, realThreshold } = validation;
  const against = `${realCount} untouched and ${simulatedCount} forged validation pictures`;
  if (realCount < MINIMUM_VALIDATION_COUNT || simulatedCount < MINIMUM_VALIDATION_COUNT)
    return inconclusive(
      `The model was validated on ${against} only; a verdict needs at least ${MINIMUM_VALIDATION_COUNT} of each.`,
    );
  if (simulatedThreshold === null && realThreshold === null)
    return inconclusive(
      `No threshold could be derived from the ${against}, so the score supports no verdict.`,
    );
  if (tiles < MINIMUM_TILES)
    return inconclusive(
      `The picture holds only ${tiles === 1 ? 'one tile' : `${tiles} tiles`}; the thresholds were measured on ` +
        `${against}, and a verdict needs at least ${MINIMUM_TILES} tiles.`,
    );
  if (simulatedThreshold === null && realThreshold === null)
    return inconclusive(
      `The model did not tell the ${against} apart well enough for any score to support a verdict.`,
    );
  const looksSimulated = simulatedThreshold !== null && score >= simulatedThreshold;
  const looksReal = realThreshold !== null && score <= realThreshold;
  if (looksSimulated && looksReal)
    return inconclusive(
      `The score ${score2(score)} lies in the gap between the two classes of the ${against}, where neither is common.`,
    );
  if (looksSimulated)
    return {
      verdict: 'simulated',
      reason:
        `The score ${score2(score)} is at or above ${score2(simulatedThreshold)}, which ` +
        `${rateSentence(validation.falsePositiveRate, realCount, 'untouched')} reached ` +
        `(${simulatedCount} forged ones were measured beside them).`,
      llr: null,
    };
  if (looksReal)
    return {
      verdict: 'real',
      reason:
        `The score ${score2(score)} is at or below ${score2(realThreshold)}, to which ` +
        `${rateSentence(validation.falseNegativeRate, simulatedCount, 'forged')} fell ` +
        `(${realCount} untouched ones were measured beside them).`,
      llr: null,
    };
  const between =
    realThreshold !== null && simulatedThreshold !== null
      ? `lies between the thresholds ${score2(realThreshold)} and ${score2(simulatedThreshold)}`
      : simulatedThreshold !== null
        ? `is below the threshold ${score2(simulatedThreshold)} for simulated, the only one`
        : `is above the threshold ${score2(realThreshold!)} for real, the only one`;
  return inconclusive(`The score ${score2(score)} ${between} that the ${against} support.`);
}

/** "at most 5.0 % of the 40 untouched validation pictures"; without a measured rate, "an unmeasured share of ...". */
function rateSentence(rate: number | null, count: number, kind: string): string {
  const share = rate === null ? 'an unmeasured share' : `at most ${percent(rate)}`;
  return `${share} of the ${count} ${kind} validation pictures`;
}
