/** How a model's answers on a manifest hold when every picture, of both labels alike, is changed a little. */
import { perturbations, type Perturbation } from '#compute/perturbations.ts';
import { auc } from '#engine/evaluation/metrics.ts';
import type { Random } from '#engine/random.ts';
import { estimateFigure, type Figure, type JudgedRow } from './figures.ts';

/** One picture after one change, as it was judged then. */
export type PerturbedRow = { change: Perturbation; row: JudgedRow };
export interface RobustnessPoint {
  kind: Perturbation['kind'];
  level: number;
  /** Those that could be judged after the change: a scaled one may be too small. */
  counts: { real: number; simulated: number };
  auc: Figure;
  /** Share that got no verdict, and share whose verdict is another one than before. */
  inconclusive: Figure;
  changed: Figure;
}

/** A point for each change. @param before the pictures as they were */
export function robustnessOf(
  before: readonly JudgedRow[],
  perturbed: readonly PerturbedRow[],
  random: Random,
): RobustnessPoint[] {
  const verdictOf = new Map(before.map(({ path, verdict }) => [path, verdict]));
  return perturbations.flatMap(({ kind, level }) => {
    const rows = perturbed
      .filter(({ change }) => change.kind === kind && change.level === level)
      .map(({ row }) => row);
    if (rows.length === 0) return [];
    const own = random.fork(`${kind} ${level}`);
    const share = (name: string, is: (row: JudgedRow) => boolean): Figure =>
      estimateFigure(rows, (drawn) => drawn.filter(is).length / drawn.length, own.fork(name));
    const simulated = rows.filter((row) => row.simulated).length;
    return [
      {
        ...{ kind, level, counts: { real: rows.length - simulated, simulated } },
        auc: estimateFigure(
          rows,
          (drawn) =>
            auc(
              drawn.map(({ score }) => score),
              drawn.map((row) => Number(row.simulated)),
            ),
          own.fork('auc'),
        ),
        inconclusive: share('inconclusive', ({ verdict }) => verdict === 'inconclusive'),
        changed: share('changed', ({ path, verdict }) => verdict !== verdictOf.get(path)),
      },
    ];
  });
}
