/** Everything that the study measures of one trained detector. */
import { mapAuc } from '#engine/evaluation/map-agreement.ts';
import type { JpegCodec } from '#engine/ports.ts';
import type { Random } from '#engine/random.ts';
import { runTrial, type TrialCrops } from '#features/evaluation/forgery-trial.ts';
import { reportTrial, type Estimate } from '#features/evaluation/trial-report.ts';
import type { Detector } from '#inference/detector-session.ts';
import { falseAlarmRate, shareAbove, thresholdOf } from './false-alarms.ts';
import { judgePictures, type Saving } from './judge-pictures.ts';
import { scoreFigures, setFigures, type JudgedStudyPicture } from './set-figures.ts';
import type { StudyData } from './study-data.ts';
import type { StudyRow } from './study-row.ts';

export type Measurements = Pick<
  StudyRow,
  | ('lossless' | 'q90' | 'mean_lossless' | 'mean_q90' | 'pixel_auc' | 'pixel_auc_q90')
  | ('fpr_real' | 'fpr_real_q90' | 'fpr_sources' | 'sets' | 'scores' | 'intervals' | 'skipped')
>;
export interface MeasureOptions {
  codec: JpegCodec;
  /** Decides the draws of the intervals. */
  random: Random;
  signal: AbortSignal;
  progress: (done: number, total: number, label: string) => void;
}

/** The values with four digits, which is more than any of them is known to. */
function rounded<T>(value: T): T {
  if (typeof value === 'number') return Number(value.toFixed(4)) as T;
  if (Array.isArray(value)) return value.map(rounded) as T;
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, rounded(inner)])) as T;
}

/** False alarms of the program's own score: on the test photographs, and by source on photographs of other sources. */
function falseAlarms(test: readonly number[][], judged: readonly JudgedStudyPicture[], random: Random) {
  const scoresOf = (saving: Saving, source: string): number[] =>
    judged
      .filter(({ picture }) => picture.source === source)
      .map(({ readings }) => readings[saving].scores['top-tenth']);
  const [native, q90] = [test[0]!, test[1]!];
  const thresholds = { native: thresholdOf(native), q90: thresholdOf(q90) };
  const sources = [
    ...new Set(judged.filter(({ picture }) => !picture.simulated).map(({ picture }) => picture.source)),
  ];
  return {
    native: falseAlarmRate(native, random.fork('native')),
    q90: falseAlarmRate(q90, random.fork('q90')),
    sources: Object.fromEntries(
      sources.map((source) => [
        source.slice(source.indexOf('/') + 1),
        {
          native: shareAbove(scoresOf('native', source), thresholds.native),
          q90: shareAbove(scoresOf('q90', source), thresholds.q90),
        },
      ]),
    ),
  };
}

/** Judges the crops of the test operations, the test photographs and all sets. */
export async function measureDetector(
  detector: Detector,
  data: StudyData,
  crops: TrialCrops,
  { codec, random, signal, progress }: MeasureOptions,
): Promise<{ measured: Measurements; judged: JudgedStudyPicture[] }> {
  let operations = 0;
  const total = Object.keys(crops.forged).length;
  const trial = reportTrial(
    crops,
    await runTrial(detector, crops, {
      codec,
      signal,
      progress: (label) => progress(operations++, total, label),
    }),
    random.fork('trial'),
  );
  const judge = { codec, signal };
  const whole = await judgePictures(detector, data.test, {
    ...judge,
    progress: (done, of) => progress(done, of, 'test photographs'),
  });
  const sets = await judgePictures(detector, data.pictures, {
    ...judge,
    progress: (done, of) => progress(done, of, 'pictures of the sets'),
  });
  const scores = (['native', 'q90'] as const).map((saving) =>
    whole.judged.map(({ readings }) => readings[saving].scores['top-tenth']),
  );
  const alarms = falseAlarms(scores, sets.judged, random.fork('false alarms'));
  const byOperation = <T>(of: (operation: (typeof trial.operations)[number]) => T): Record<string, T> =>
    Object.fromEntries(trial.operations.map((operation) => [operation.name, of(operation)]));
  const values = (saving: 'lossless' | 'resaved') => byOperation((operation) => operation[saving].value);
  const intervals = (saving: 'lossless' | 'resaved') =>
    byOperation((operation) => operation[saving].interval);
  const { all } = trial.means;
  const named = {
    mean_lossless: all.lossless,
    mean_q90: all.resaved,
    pixel_auc: trial.pixel.lossless,
    pixel_auc_q90: trial.pixel.resaved,
    fpr_real: alarms.native,
    fpr_real_q90: alarms.q90,
  } satisfies Record<string, Estimate>;
  type Named = keyof typeof named;
  const each = <K extends keyof Estimate>(part: K) =>
    Object.fromEntries(Object.entries(named).map(([name, estimate]) => [name, estimate[part]])) as Record<
      Named,
      Estimate[K]
    >;
  const measured = rounded({
    lossless: values('lossless'),
    q90: values('resaved'),
    ...each('value'),
    fpr_sources: alarms.sources,
    sets: Object.fromEntries(
      data.sets.map((set) => [set.name, setFigures(set, sets.judged, random.fork(`set ${set.name}`))]),
    ),
    scores: Object.fromEntries(data.sets.map((set) => [set.name, scoreFigures(set, sets.judged)])),
    intervals: { lossless: intervals('lossless'), q90: intervals('resaved'), ...each('interval') },
    skipped: [...whole.skipped, ...sets.skipped],
  });
  return { measured, judged: sets.judged };
}

/** Every picture's scores as JSON, so that aggregates can be compared without judging again. */
export const pictureScores = (judged: readonly JudgedStudyPicture[]): string =>
  `${JSON.stringify(
    judged.map(({ picture: { name, source, simulated, group }, readings }) => ({
      ...{ name, source, simulated, group },
      ...Object.fromEntries(
        Object.entries(readings).map(([saving, { scores, map }]) => [
          saving,
          { ...scores, pixel_auc: map && mapAuc(map) },
        ]),
      ),
    })),
  )}\n`;
