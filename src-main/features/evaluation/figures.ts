/**
 * The figures of an evaluation: overall, and of each category of simulated pictures against all real ones. A figure that
 * cannot be defended is null, with the reason beside it. `cllr` and `cllr_min` are of the reported ratios, over the pictures
 * that have one; where none has, `cllr_min` is of the scores: what the best calibration could make of them.
 */
import type { VerdictLabel } from '#contract/detection.ts';
import { bootstrapInterval, type Interval } from '#engine/evaluation/bootstrap.ts';
import { addCounts, mapAuc, type MapCounts } from '#engine/evaluation/map-agreement.ts';
import { ap, auc, cllr, cllrMin, eer, rates, type Rates } from '#engine/evaluation/metrics.ts';
import type { Random } from '#engine/random.ts';

/** One judged picture of the manifest. */
export interface JudgedRow {
  simulated: boolean;
  category: string | null;
  /** Pictures of one group are drawn together. */
  group: string;
  score: number;
  llr: number | null;
  verdict: VerdictLabel;
  /** Map values inside and outside the true mask; null where no mask was given. */
  map: MapCounts | null;
}

export interface Figure {
  value: number | null;
  /** 95 %, by the bootstrap over groups. */
  interval: Interval | null;
  /** Why the value is null; empty otherwise. */
  reason: string;
}
export type FigureName =
  'auc' | 'ap' | 'eer' | 'accuracy' | 'fpr' | 'fnr' | 'inconclusive' | 'cllr' | 'cllr_min' | 'pixel_auc';
export interface Figures {
  /** `without_ratio`: pictures for which the model gives no likelihood ratio. */
  counts: { real: number; simulated: number; without_ratio: number };
  figures: Record<FigureName, Figure>;
}

const draws = 1000;

/** Why there is no cost of ratios. */
const noRatios = 'The model gives no likelihood ratio for any of these pictures.';

/** A measure over drawn rows, or the reason why there can be none. */
type Measure = ((rows: readonly JudgedRow[]) => number | null) | string;

function measures(rows: readonly JudgedRow[]): Record<FigureName, Measure> {
  const scored =
    (measure: (scores: Float64Array, labels: Float64Array) => number | null) =>
    (drawn: readonly JudgedRow[]): number | null =>
      measure(
        Float64Array.from(drawn, ({ score }) => score),
        Float64Array.from(drawn, ({ simulated }) => Number(simulated)),
      );
  const stated = rows.filter(({ llr }) => llr !== null);
  /** Over the pictures that have a ratio. */
  const ofRatios =
    (measure: (llrs: Float64Array, labels: Float64Array) => number | null) =>
    (drawn: readonly JudgedRow[]): number | null => {
      const some = drawn.filter(({ llr }) => llr !== null);
      return measure(
        Float64Array.from(some, ({ llr }) => llr!),
        Float64Array.from(some, ({ simulated }) => Number(simulated)),
      );
    };
  const bothClasses = rows.some(({ simulated }) => simulated) && rows.some(({ simulated }) => !simulated);
  const ranked = (measure: Measure): Measure => (bothClasses ? measure : 'It needs pictures of both labels.');
  const decided = (name: keyof Rates): Measure =>
    rows.every(({ verdict }) => verdict === 'inconclusive')
      ? 'The model gave no verdict other than inconclusive on any picture.'
      : (drawn) =>
          rates(
            drawn.map(({ verdict }) => (verdict === 'inconclusive' ? null : verdict === 'simulated' ? 1 : 0)),
            drawn.map(({ simulated }) => Number(simulated)),
          )[name];
  return {
    auc: ranked(scored(auc)),
    ap: ranked(scored(ap)),
    eer: ranked(scored(eer)),
    accuracy: decided('accuracy'),
    fpr: decided('fpr'),
    fnr: decided('fnr'),
    inconclusive: (drawn) => drawn.filter(({ verdict }) => verdict === 'inconclusive').length / drawn.length,
    cllr: stated.length === 0 ? noRatios : ranked(ofRatios(cllr)),
    cllr_min: ranked(stated.length === 0 ? scored(cllrMin) : ofRatios(cllrMin)),
    pixel_auc: rows.some(({ map }) => map !== null)
      ? (drawn) => mapAuc(addCounts(drawn.flatMap(({ map }) => map ?? [])))
      : 'No masks were given.',
  };
}

/** All figures of these rows. `random` decides the bootstrap draws. */
export function figuresOf(rows: readonly JudgedRow[], random: Random): Figures {
  const labels = Uint8Array.from(rows, ({ simulated }) => Number(simulated));
  const groups = rows.map(({ group }) => group);
  const figures = Object.entries(measures(rows)).map(([name, measure]): [string, Figure] => {
    if (typeof measure === 'string') return [name, { value: null, interval: null, reason: measure }];
    const value = measure(rows);
    if (value === null || !Number.isFinite(value))
      return [name, { value: null, interval: null, reason: 'It is not defined for these pictures.' }];
    // Sums of histograms are slow: fewer draws do for the map.
    const options = { random: random.fork(name), draws: name === 'pixel_auc' ? draws / 5 : draws, groups };
    const of = (indices: Int32Array): number | null => measure(Array.from(indices, (index) => rows[index]!));
    return [name, { value, interval: bootstrapInterval(labels, of, options), reason: '' }];
  });
  const simulated = labels.reduce((sum, label) => sum + label, 0);
  return {
    counts: {
      real: rows.length - simulated,
      simulated,
      without_ratio: rows.filter(({ llr }) => llr === null).length,
    },
    figures: Object.fromEntries(figures) as Record<FigureName, Figure>,
  };
}

/** Figures overall, and of each category of simulated pictures against all real ones. */
export function evaluateRows(
  rows: readonly JudgedRow[],
  random: Random,
): { overall: Figures; categories: ({ category: string } & Figures)[] } {
  const categories = [
    ...new Set(rows.filter(({ simulated }) => simulated).flatMap(({ category }) => category ?? [])),
  ].sort();
  return {
    overall: figuresOf(rows, random.fork('overall')),
    categories: categories.map((category) => ({
      category,
      ...figuresOf(
        rows.filter((row) => !row.simulated || row.category === category),
        random.fork(`category ${category}`),
      ),
    })),
  };
}
