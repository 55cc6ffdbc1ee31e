/**
 * Whether a verdict holds when the picture is changed a little: judged anew after each of a fixed list of changes, each ratio by
 * the calibration of the changed picture's own tier. Pure. A verdict is unstable where
 *
 * - after any change the ratio speaks for the other side by two to one, the least that the verbal scale calls support: whatever
 *   the detector goes by there, the change turned it over;
 * - or after a mild change the ratio lies inside the band although the validation data of that tier could carry the verdict:
 *   validation pictures of both classes went through such changes, so that a ratio that means what it says keeps its side;
 * - or after most mild changes there is no ratio at all, so that nothing shows that it is stable.
 *
 * That a ratio shrinks after a strong change stands against nothing: no change adds evidence, and strong ones take it away.
 */
import type { ModelCalibration } from '#contract/calibration.ts';
import type { VerdictLabel } from '#contract/detection.ts';
import type { ChangedPicture } from '#contract/judge-messages.ts';
import { changeWords, type PictureChange, type Stability, type StabilityRow } from '#contract/stability.ts';
import { state } from './state.ts';
import { tierFor } from './outside-validation.ts';
import { timesText } from './verbal-scale.ts';

/** Raised whenever the rule or the list changes. */
export const STABILITY_VERSION = 1;
/** From this ratio on a statement speaks for a side. */
const OPPOSITE = Math.log(2);
/** Least share of mild changes after which there must be a ratio. */
const SHARE = 0.5;
const SAVED = 'as it was: PNG without loss, JPEG at its own quality with chroma at half size';

type Listed = PictureChange & { mild: boolean };
const list = (
  kind: PictureChange['kind'],
  mild: readonly number[],
  strong: readonly number[] = [],
): Listed[] => [
  ...mild.map((level) => ({ kind, level, mild: true })),
  ...strong.map((level) => ({ kind, level, mild: false })),
];
const listed: readonly Listed[] = [
  ...list('jpeg', [95, 90], [80, 70]),
  ...list('scale', [0.9], [0.75, 0.5]),
  ...list('crop', [1, 2, 3, 4, 5, 6, 7]),
  ...list('noise', [2], [5]),
  ...list('blur', [0.5], [1]),
];
export const stabilityChanges: readonly PictureChange[] = listed.map(({ kind, level }) => ({ kind, level }));

const parameters = (band: number | null): Stability['parameters'] => ({
  ...{ band, opposite: OPPOSITE, share: SHARE, saved: SAVED },
});

export interface StabilityInput {
  /** As it would be without a look at its stability. */
  verdict: VerdictLabel;
  calibration: ModelCalibration | null;
  rendered: boolean;
  changed: readonly ChangedPicture[];
  ms: number;
}

export function weighStability(input: StabilityInput): Stability {
  const { verdict, calibration, ms } = input;
  const rows = input.changed.map((one, index) => rowOf(one, listed[index]!.mild, input));
  const base = { version: STABILITY_VERSION, parameters: parameters(calibration?.band ?? null), rows, ms };
  if (verdict === 'inconclusive')
    return { ...base, stable: null, reason: 'There is no verdict that could be unstable.' };
  const against = rows.filter(({ outcome }) => outcome === 'lost' || outcome === 'opposite');
  if (against.length > 0)
    return { ...base, stable: false, reason: `The verdict does not hold ${sentence(against)}.` };
  const mild = rows.filter((row) => row.mild);
  const silent = mild.filter(({ llr }) => llr === null).length;
  if (mild.length - silent < SHARE * mild.length)
    return {
      ...base,
      stable: false,
      reason: `Whether the verdict is stable cannot be told: after ${silent} of ${mild.length} mild changes there is no ratio.`,
    };
  const some = rows.filter(({ llr }) => llr !== null).length;
  return {
    ...base,
    stable: true,
    reason:
      `Nothing spoke against the verdict after ${some} of ${rows.length} small changes of the picture` +
      `${some === rows.length ? '' : '; after the others there is no ratio'}.`,
  };
}

/** Where the changed pictures could not be judged: nothing shows that a verdict is stable. */
export const unweighed = (
  why: string,
  { verdict, calibration, ms }: Omit<StabilityInput, 'changed' | 'rendered'>,
): Stability => ({
  ...{ version: STABILITY_VERSION, parameters: parameters(calibration?.band ?? null), rows: [], ms },
  stable: verdict === 'inconclusive' ? null : false,
  reason: `Whether the verdict is stable could not be looked at: ${why}`,
});

function rowOf(
  { change, picture, judged, reason }: ChangedPicture,
  mild: boolean,
  { verdict, calibration, rendered }: StabilityInput,
): StabilityRow {
  if (!judged)
    return {
      ...{ ...change, mild, score: null, llr: null, reason },
      outcome: verdict === 'inconclusive' ? null : 'none',
    };
  const stated = state({ ...judged, picture: { ...picture, rendered }, calibration });
  const { llr } = stated;
  const row = {
    ...{ ...change, mild, score: judged.score, llr },
    reason: llr === null ? stated.reason : '',
  };
  if (verdict === 'inconclusive' || calibration === null) return { ...row, outcome: null };
  if (llr === null) return { ...row, outcome: 'none' };
  const towards = verdict === 'simulated' ? llr : -llr;
  if (towards <= -OPPOSITE) return { ...row, outcome: 'opposite' };
  if (towards >= calibration.band) return { ...row, outcome: 'holds' };
  const { bounds } = tierFor(calibration, { ...picture, rendered })!;
  const reach = verdict === 'simulated' ? bounds.upper : -bounds.lower;
  return { ...row, outcome: mild && reach >= calibration.band ? 'lost' : 'weaker' };
}

/** "when the picture is cut by one pixel ... (then the ratio is 3 times for real)"; the first few. */
function sentence(against: readonly StabilityRow[]): string {
  const shown = against
    .slice(0, 3)
    .map(
      (row) =>
        `${changeWords(row)} (the ratio is then ${timesText(row.llr!)} for ${row.llr! >= 0 ? 'simulated' : 'real'})`,
    );
  const more = against.length - shown.length;
  return `when the picture is ${shown.join(', or ')}${more > 0 ? `, and after ${more} more changes` : ''}`;
}
