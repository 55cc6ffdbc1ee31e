/**
 * The figures of an evaluation: overall, and of each category of simulated pictures against all real ones. A figure that
 * cannot be defended is null, with the reason beside it.
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
  counts: { real: number; simulated: number };
  figures: Record<FigureName, Figure>;
}

const draws = 1000;

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
    cllr: rows.some(({ llr }) => llr === null)
      ? 'The model is not calibrated: its scores are not likelihood ratios.'
      : ranked((drawn) =>
          cllr(
            drawn.map(({ llr }) => llr!),
            drawn.map(({ simulated }) => Number(simulated)),
          ),
        ),
    cllr_min: ranked(scored(cllrMin)),
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
    counts: { real: rows.length - simulated, simulated },
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
