/**
 * What remains of a model where something is left out: a category of simulated pictures, or a whole source. The ratios of what
 * is left out come from a calibration of the others' scores, so that they say what happens on a kind of picture that nobody
 * had at hand. The detector itself is not trained again.
 *
 * Groups are dealt into folds, so that no picture is judged by a calibration that saw its group. With a category left out, its
 * pictures stand against all real ones; with a source left out, against the real ones of that source.
 */
import { applyCalibration, dealFolds, fitLogistic } from '#engine/evaluation/calibration.ts';
import { auc, cllr, cllrMin } from '#engine/evaluation/metrics.ts';
import type { Random } from '#engine/random.ts';
import { estimateFigure, type Figure, type JudgedRow } from './figures.ts';

export interface LeftOut {
  /** The category or source. */
  left_out: string;
  counts: { real: number; simulated: number };
  figures: Record<'auc' | 'cllr' | 'cllr_min' | 'misleading', Figure>;
}

const FOLDS = 5;

const none = (reason: string): Figure => ({ value: null, interval: null, reason });
const oneLabel = 'It needs pictures of both labels.';

function leaveOut(
  rows: readonly JudgedRow[],
  name: string,
  kind: 'category' | 'source',
  random: Random,
): LeftOut {
  const isOut = (row: JudgedRow): boolean =>
    kind === 'source' ? row.source === name : row.simulated && row.category === name;
  const isJudged = (row: JudgedRow): boolean => isOut(row) || (kind === 'category' && !row.simulated);
  const labels = rows.map(({ simulated }) => Number(simulated));
  const foldOf = dealFolds({ labels, groups: rows.map(({ group }) => group) }, FOLDS, random.fork('folds'));
  const llrs: { row: JudgedRow; llr: number }[] = [];
  let lacking = false;
  for (let fold = 0; fold < FOLDS; fold++) {
    const judged = rows.filter((row, i) => foldOf[i] === fold && isJudged(row));
    if (judged.length === 0) continue;
    const learn = rows.filter((row, i) => foldOf[i] !== fold && !isOut(row));
    if (new Set(learn.map(({ simulated }) => simulated)).size < 2) {
      lacking = true;
      break;
    }
    const map = fitLogistic({
      scores: learn.map(({ score }) => score),
      labels: learn.map(({ simulated }) => Number(simulated)),
      groups: learn.map(({ group }) => group),
    });
    for (const row of judged) llrs.push({ row, llr: applyCalibration(map, row.score) });
  }
  const own = rows.filter(isJudged);
  const simulated = own.filter((row) => row.simulated).length;
  const counts = { real: own.length - simulated, simulated };
  const both = counts.real > 0 && simulated > 0;
  const unfit = 'Without it too few pictures of both labels are left to calibrate with.';
  const scores = (of: readonly JudgedRow[]): Float64Array => Float64Array.from(of, ({ score }) => score);
  const truth = (of: readonly JudgedRow[]): Float64Array =>
    Float64Array.from(of, (row) => Number(row.simulated));
  const stated = llrs.map(({ row }) => row);
  const ratioOf = new Map(llrs.map(({ row, llr }) => [row, llr]));
  const ratios = (of: readonly JudgedRow[]): Float64Array =>
    Float64Array.from(of, (row) => ratioOf.get(row)!);
  const costed = (measure: typeof cllr, label: string): Figure =>
    lacking
      ? none(unfit)
      : !both
        ? none(oneLabel)
        : estimateFigure(stated, (drawn) => measure(ratios(drawn), truth(drawn)), random.fork(label));
  return {
    left_out: name,
    counts,
    figures: {
      auc: both
        ? estimateFigure(own, (drawn) => auc(scores(drawn), truth(drawn)), random.fork('auc'))
        : none(oneLabel),
      cllr: costed(cllr, 'cllr'),
      cllr_min: costed(cllrMin, 'cllr_min'),
      // Of what is left out, how much of it the ratio speaks against.
      misleading: lacking
        ? none(unfit)
        : estimateFigure(
            stated.filter(isOut),
            (drawn) =>
              drawn.filter((row) => (row.simulated ? ratioOf.get(row)! < 0 : ratioOf.get(row)! > 0)).length /
              drawn.length,
            random.fork('misleading'),
          ),
    },
  };
}

/** One row a category of simulated pictures; none with fewer than two categories. */
export function leaveOneCategoryOut(rows: readonly JudgedRow[], random: Random): LeftOut[] {
  const names = [...new Set(rows.filter((row) => row.simulated).flatMap(({ category }) => category ?? []))];
  return names.length < 2
    ? []
    : names.sort().map((name) => leaveOut(rows, name, 'category', random.fork(name)));
}

/** One row a source; none with fewer than two sources. */
export function leaveOneSourceOut(rows: readonly JudgedRow[], random: Random): LeftOut[] {
  const names = [...new Set(rows.map(({ source }) => source))];
  return names.length < 2
    ? []
    : names.sort().map((name) => leaveOut(rows, name, 'source', random.fork(name)));
}
