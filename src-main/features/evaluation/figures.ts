/**
 * The figures of an evaluation: overall, and of each category of simulated pictures against all real ones. A figure that
 * cannot be defended is null, with the reason beside it. `cllr` and `cllr_min` are of the reported ratios, over the pictures
 * that have one; where none has, `cllr_min` is of the scores: what the best calibration could make of them.
 */
import type { CompressionTier } from '#contract/calibration.ts';
import type { VerdictLabel } from '#contract/detection.ts';
import { bootstrapInterval, type Interval } from '#engine/evaluation/bootstrap.ts';
import { addCounts, mapAuc, type MapCounts } from '#engine/evaluation/map-agreement.ts';
import { ap, auc, cllr, cllrMin, eer, rates, type Rates } from '#engine/evaluation/metrics.ts';
import type { Random } from '#engine/random.ts';

/** One judged picture of the manifest. */
export interface JudgedRow {
  /** As the manifest names it. */
  path: string;
  simulated: boolean;
  category: string | null;
  /** Where it came from, as the manifest says, or its folder. */
  source: string;
  /** The compression tier of its file; null where it belongs to none. */
  tier: CompressionTier | null;
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

/** A measure of rows, with its interval by groups, or the reason why there is none. */
export function estimateFigure(
  rows: readonly JudgedRow[],
  measure: (rows: readonly JudgedRow[]) => number | null,
  random: Random,
  times = draws,
): Figure {
  const value = rows.length > 0 ? measure(rows) : null;
  if (value === null || !Number.isFinite(value))
    return { value: null, interval: null, reason: 'It is not defined for these pictures.' };
  const labels = Uint8Array.from(rows, ({ simulated }) => Number(simulated));
  const groups = rows.map(({ group }) => group);
  const of = (indices: Int32Array): number | null => measure(Array.from(indices, (index) => rows[index]!));
  return { value, interval: bootstrapInterval(labels, of, { random, draws: times, groups }), reason: '' };
}

/** All figures of these rows. `random` decides the bootstrap draws. */
export function figuresOf(rows: readonly JudgedRow[], random: Random): Figures {
  const figures = Object.entries(measures(rows)).map(([name, measure]): [string, Figure] => {
    if (typeof measure === 'string') return [name, { value: null, interval: null, reason: measure }];
    // Sums of histograms are slow: fewer draws do for the map.
    return [name, estimateFigure(rows, measure, random.fork(name), name === 'pixel_auc' ? draws / 5 : draws)];
  });
  const simulated = rows.filter((row) => row.simulated).length;
  return {
    counts: {
      real: rows.length - simulated,
      simulated,
      without_ratio: rows.filter(({ llr }) => llr === null).length,
    },
    figures: Object.fromEntries(figures) as Record<FigureName, Figure>,
  };
}

export interface Evaluation {
  overall: Figures;
  categories: ({ category: string } & Figures)[];
  /** By compression tier of the files; `other` for those that belong to none. */
  tiers: ({ tier: CompressionTier | 'other' } & Figures)[];
}

/** Figures overall, of each category of simulated pictures against all real ones, and of each compression tier. */
export function evaluateRows(rows: readonly JudgedRow[], random: Random): Evaluation {
  const categories = [
    ...new Set(rows.filter(({ simulated }) => simulated).flatMap(({ category }) => category ?? [])),
  ].sort();
  const tierOf = ({ tier }: JudgedRow): CompressionTier | 'other' => tier ?? 'other';
  return {
    overall: figuresOf(rows, random.fork('overall')),
    categories: categories.map((category) => ({
      category,
      ...figuresOf(
        rows.filter((row) => !row.simulated || row.category === category),
        random.fork(`category ${category}`),
      ),
    })),
    tiers: [...new Set(rows.map(tierOf))].sort().map((tier) => ({
      tier,
      ...figuresOf(
        rows.filter((row) => tierOf(row) === tier),
        random.fork(`tier ${tier}`),
      ),
    })),
  };
}
