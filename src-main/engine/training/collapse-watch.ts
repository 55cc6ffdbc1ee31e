/**
 * Watches a run for the ways in which adversarial training of this method was seen to collapse. It changes nothing: it says
 * once when a sign begins, once when it is over, what it means and what can be done.
 *
 * A sign begins when it was seen at every point of the curves over some detector steps, three points at the least, and is over
 * when three points in a row were sound again, so that one odd batch says nothing.
 */
import type { IterationMetrics } from './iteration-metrics.ts';
import { generatorCounts } from './sample-counts.ts';
import type { TrainingConfig } from './training-config.ts';

export const collapseCodes = [
  'mask_area',
  'masks_undecided',
  'kernels_alike',
  'blends_invisible',
  'style_unchanged',
  'detector_at_chance',
  'detector_saturated',
] as const;
export type CollapseCode = (typeof collapseCodes)[number];

/** A sign that began, or is over. */
export interface CollapseSign {
  code: CollapseCode;
  over: boolean;
  /** For people. */
  message: string;
}

/** For each sign whether it stands, and since which step and for how many points the opposite was seen. Plain JSON. */
export type CollapseState = Partial<
  Record<CollapseCode, { stands: boolean; opposite: { since: number; points: number } | null }>
>;
export const noSigns = (): CollapseState => ({});

/** What is watched, averaged over the steps since the last point of the curves. */
export type CurvePoint = Pick<
  IterationMetrics,
  'accuracy' | 'losses' | 'blends' | 'maskArea' | 'styleChange'
> & {
  /** Detector steps. */
  step: number;
};

/** Bounds of the method: the least and largest sound area of a mask, in shares of a crop. */
export const SOUND_AREA = { least: 0.05, most: 0.45 } as const;
/** Least mean standard deviation of a fused mask over its positions; a hard mask of area a has sqrt(a (1 - a)). */
export const LEAST_DEVIATION = 0.25;
/** Largest sound mean of the pairwise cosines of the mask kernels. */
export const MOST_COSINE = 0.5;
/** Least mean |x_B - x_r|, in grey levels. */
export const LEAST_BLEND_CHANGE = 5;
/** Least mean |x_T - x_s|, in grey levels. */
export const LEAST_STYLE_CHANGE = 1;
const CHANCE = { from: 0.45, to: 0.55 } as const;
const SATURATED = 0.99;

const LEAST_POINTS = 3;
/** Detector steps over which a sign of the generator must be seen. */
const GENERATOR_STEPS = 50;
/** And one of the detector, which also learns nothing for a while at the start of a sound run. */
const DETECTOR_STEPS = 300;

interface Rule {
  steps: number;
  /** What the sign is read from; null where there is nothing to read. */
  value: (point: CurvePoint, config: TrainingConfig) => number | null;
  bad: (value: number) => boolean;
  begins: (value: number) => string;
  over: string;
}

const percent = (share: number): string => `${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %`;
const outsideArea = (area: number): number => Math.max(SOUND_AREA.least - area, area - SOUND_AREA.most);

const rules: Record<CollapseCode, Rule> = {
  mask_area: {
    steps: GENERATOR_STEPS,
    value: ({ blends, maskArea }) =>
      blends &&
      [maskArea, ...blends.areas].reduce((worst, a) => (outsideArea(a) > outsideArea(worst) ? a : worst)),
    bad: (area) => outsideArea(area) > 0,
    begins: (area) =>
      `A simulated mask of the generator covers ${percent(area)} of a crop; between 5 and 45 % is sound. Masks that ` +
      'cover almost nothing, or most of the crop, teach the detector no outline of a forged region. If it does not pass, ' +
      'raise maskRegulariser or lower generatorLearningRate in a new run.',
    over: 'All simulated masks cover between 5 and 45 % of a crop again.',
  },
  masks_undecided: {
    steps: GENERATOR_STEPS,
    value: ({ blends }) => blends && blends.deviation,
    bad: (deviation) => deviation < LEAST_DEVIATION,
    begins: (deviation) =>
      `The fused masks are undecided: their values vary by ${deviation.toFixed(2)} (standard deviation) where 0.25 is the ` +
      'least that is sound. Blends then mix both pictures everywhere, like a double exposure, instead of pasting a region. ' +
      'If it does not pass, raise maskRegulariser or lower generatorLearningRate in a new run.',
    over: 'The fused masks are decided again.',
  },
  kernels_alike: {
    steps: GENERATOR_STEPS,
    value: ({ blends, losses }, config) => (blends && config.kernels > 1 ? losses.div : null),
    bad: (cosine) => cosine >= MOST_COSINE,
    begins: (cosine) =>
      `The generator's mask kernels have become alike: their mean cosine is ${cosine.toFixed(2)}, and under 0.5 is sound. ` +
      'All masks then show the same region, and more kernels bring nothing. If it does not pass, raise generatorDiversity ' +
      'or choose fewer kernels in a new run.',
    over: "The generator's mask kernels differ again.",
  },
  blends_invisible: {
    steps: GENERATOR_STEPS,
    value: ({ blends }) => blends && blends.change,
    bad: (change) => change < LEAST_BLEND_CHANGE,
    begins: (change) =>
      `Blended pictures differ from their hosts by ${change.toFixed(1)} of 255 grey levels on average; 5 is the least that ` +
      'is sound. Nearly untouched photographs are then called simulated, and the detector learns to accuse them. If it does ' +
      'not pass, see whether the photographs are nearly uniform, or lower adversarial in a new run.',
    over: 'Blended pictures differ from their hosts again.',
  },
  style_unchanged: {
    steps: GENERATOR_STEPS,
    value: ({ styleChange, step }, config) =>
      generatorCounts(config).styles > 0 && generatorStepsAt(step, config) > config.styleWarmup
        ? styleChange
        : null,
    bad: (change) => change < LEAST_STYLE_CHANGE,
    begins: (change) =>
      `Style transfer changes pictures by ${change.toFixed(2)} of 255 grey levels on average, less than one. Photographs ` +
      'that are as good as untouched are then called simulated. If it does not pass, raise style, lower reconstruction, or ' +
      'set generatorMode to "blend" in a new run.',
    over: 'Style transfer changes pictures again.',
  },
  detector_at_chance: {
    steps: DETECTOR_STEPS,
    value: ({ accuracy }) => accuracy,
    bad: (accuracy) => accuracy > CHANCE.from && accuracy < CHANCE.to,
    begins: (accuracy) =>
      `The detector has judged its training crops no better than by chance for ${DETECTOR_STEPS} steps (${percent(accuracy)} ` +
      'right). Early in a run this may pass. If it does not, train longer, change detectorLearningRate, use more ' +
      'photographs, or make the re-saving milder (jpegShare, jpegQualityLow) in a new run.',
    over: 'The detector judges its training crops better than by chance.',
  },
  detector_saturated: {
    steps: DETECTOR_STEPS,
    value: ({ accuracy }) => accuracy,
    bad: (accuracy) => accuracy >= SATURATED,
    begins: (accuracy) =>
      `The detector has judged its training crops almost without error for ${DETECTOR_STEPS} steps (${percent(accuracy)} ` +
      'right). Either it tells them by a trace that real forgeries do not have, or the simulated samples are too easy; the ' +
      'generator learns nothing from it. Check the dataset for bias (`datasets NAME --check`), raise jpegShare, or lower ' +
      'detectorSteps in a new run.',
    over: 'The detector no longer judges its training crops without error.',
  },
};

/** Generator steps that were taken after so many detector steps. */
const generatorStepsAt = (step: number, config: TrainingConfig): number =>
  (step / config.detectorSteps) * config.generatorSteps;

/** Takes one point of the curves into `state`, and answers with what began and what is over. */
export function watchCollapse(
  state: CollapseState,
  point: CurvePoint,
  config: TrainingConfig,
): CollapseSign[] {
  const signs: CollapseSign[] = [];
  for (const code of collapseCodes) {
    const rule = rules[code];
    const value = rule.value(point, config);
    if (value === null) continue;
    const sign = (state[code] ??= { stands: false, opposite: null });
    if (rule.bad(value) === sign.stands) {
      sign.opposite = null;
      continue;
    }
    sign.opposite = {
      since: sign.opposite?.since ?? point.step,
      points: (sign.opposite?.points ?? 0) + 1,
    };
    const long = sign.stands || point.step - sign.opposite.since >= rule.steps;
    if (!long || sign.opposite.points < LEAST_POINTS) continue;
    sign.stands = !sign.stands;
    sign.opposite = null;
    signs.push({ code, over: !sign.stands, message: sign.stands ? rule.begins(value) : rule.over });
  }
  return signs;
}
