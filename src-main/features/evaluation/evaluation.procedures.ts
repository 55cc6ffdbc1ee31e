/** The evaluations part of the API. */
import type { Handlers } from '#contract/api-definition.ts';
import type { evaluationsApi } from '#contract/evaluation.ts';
import type { Workspace } from '#storage/workspace.ts';
import { startEvaluation, type EvaluationJobDependencies } from './evaluation-job.ts';
import { keptComparison } from './kept-comparison.ts';
import { EvaluationRepository } from './evaluation.repository.ts';
import { viewOf } from './evaluation-view.ts';
import { promotionOf } from './promotion.ts';

export function evaluationProcedures(
  workspace: Pick<Workspace, 'db' | 'audit'>,
  dependencies: EvaluationJobDependencies,
): Handlers<typeof evaluationsApi> {
  const evaluations = new EvaluationRepository(workspace);
  return {
    start: (request) => startEvaluation(dependencies, request),
    compare: async (models) => ({ comparison: await keptComparison(evaluations, models) }),
    ofModel: async ({ modelId }) => (await evaluations.ofModel(modelId)).map(viewOf),
    promotion: ({ from, to }) => promotionOf(workspace, from, to),
  };
}
