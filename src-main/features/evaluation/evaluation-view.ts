/** A kept evaluation as the models page shows it: its figures, and the curves of its pictures. */
import type { EvaluatedPicture, ModelEvaluation } from '#contract/evaluation.ts';
import {
  detCurve,
  histograms,
  precisionRecallCurve,
  rocCurve,
  thin,
  tippettCurves,
} from '#engine/evaluation/curves.ts';
import { reliability } from '#engine/evaluation/reliability.ts';
import type { KeptEvaluation } from './evaluation.repository.ts';

const MOST_MISTAKES = 12;

/** How far a picture was called the wrong way: by its ratio, or by its score where it has none. */
const wrongness = ({ simulated, llr, score }: EvaluatedPicture): number =>
  (simulated ? -1 : 1) * (llr ?? score);

export function viewOf({ rows, figures, ...kept }: KeptEvaluation): ModelEvaluation {
  const scores = rows.map(({ score }) => score);
  const labels = rows.map(({ simulated }) => Number(simulated));
  const stated = rows.filter(({ llr }) => llr !== null);
  const llrs = stated.map(({ llr }) => llr!);
  const statedLabels = stated.map(({ simulated }) => Number(simulated));
  const bins = reliability(llrs, statedLabels);
  const tippett = tippettCurves(llrs, statedLabels);
  const called = (simulated: boolean) => {
    const of = rows.filter((row) => row.simulated === simulated);
    const count = (verdict: EvaluatedPicture['verdict']): number =>
      of.filter((row) => row.verdict === verdict).length;
    return { real: count('real'), simulated: count('simulated'), inconclusive: count('inconclusive') };
  };
  const groups = Map.groupBy(rows, ({ simulated, category }) =>
    simulated ? (category ?? 'simulated') : 'real',
  );
  const { id, createdAt, manifest, manifestSha256 } = kept;
  return {
    ...{ id, createdAt, manifest, manifestSha256 },
    counts: {
      real: rows.filter(({ simulated }) => !simulated).length,
      simulated: labels.filter(Boolean).length,
    },
    figures: figures.overall.figures,
    categories: figures.categories.map(({ category, counts, figures: own }) => ({
      ...{ category, simulated: counts.simulated, auc: own['auc']! },
    })),
    tiers: figures.tiers.map(({ tier, counts: { real, simulated }, figures: own }) => ({
      ...{ tier, real, simulated, auc: own['auc']! },
    })),
    leftOut: (['category', 'source'] as const).flatMap((kind) =>
      figures[kind === 'category' ? 'leaveOneCategoryOut' : 'leaveOneSourceOut'].map(
        ({ left_out, counts: { real, simulated }, figures: own }) => ({
          ...{ kind, name: left_out, real, simulated, ...own },
        }),
      ),
    ),
    robustness: figures.robustness,
    verdicts: { real: called(false), simulated: called(true) },
    curves: {
      roc: thin(rocCurve(scores, labels)),
      precisionRecall: thin(precisionRecallCurve(scores, labels)),
      det: thin(detCurve(scores, labels)),
      reliability: { x: bins.map(({ claimed }) => claimed), y: bins.map(({ observed }) => observed) },
      tippett: {
        x: thin({ x: tippett.x, y: tippett.x }).x,
        real: thin({ x: tippett.x, y: tippett.real }).y,
        simulated: thin({ x: tippett.x, y: tippett.simulated }).y,
      },
      histogram: histograms(
        Object.fromEntries([...groups].map(([name, some]) => [name, some.map(({ score }) => score)])),
      ),
    },
    worst: rows
      .filter(
        ({ simulated, verdict }) => verdict !== 'inconclusive' && (verdict === 'simulated') !== simulated,
      )
      .sort((a, b) => wrongness(b) - wrongness(a))
      .slice(0, MOST_MISTAKES),
  };
}
