/** Two models on the same labelled pictures, from the evaluations that are kept with them: nothing is judged anew. */
import type { ModelComparison } from '#contract/evaluation.ts';
import { compareRows } from './comparison.ts';
import type { EvaluationRepository, KeptEvaluation } from './evaluation.repository.ts';

/** By the list that was last judged by both; null where there is none. */
export async function keptComparison(
  evaluations: EvaluationRepository,
  { from, to }: { from: string; to: string },
): Promise<ModelComparison | null> {
  const [before, after] = await Promise.all([evaluations.ofModel(from), evaluations.ofModel(to)]);
  for (const second of after) {
    const first = before.find(({ manifestSha256 }) => manifestSha256 === second.manifestSha256);
    if (first) return compareKept(first, second);
  }
  return null;
}

function compareKept(first: KeptEvaluation, second: KeptEvaluation): ModelComparison {
  const { pictures, auc, changes } = compareRows(first.rows, second.rows);
  const thumbnails = new Map(
    [...first.rows, ...second.rows].flatMap(({ path, thumbnail }) => (thumbnail ? [[path, thumbnail]] : [])),
  );
  const { figures } = second.figures.overall;
  return {
    ...{ manifest: second.manifest, pictures, auc },
    figures: Object.fromEntries(
      Object.entries(first.figures.overall.figures).flatMap(([name, figure]) =>
        figures[name] ? [[name, { from: figure, to: figures[name] }]] : [],
      ),
    ),
    changes: changes.map((change) => ({ ...change, thumbnail: thumbnails.get(change.path) ?? null })),
  };
}
