/** The evaluations part of the API. */
import type { Handlers } from '#contract/api-definition.ts';
import type { evaluationsApi } from '#contract/evaluation.ts';
import type { EvaluationRepository } from './evaluation.repository.ts';
import { viewOf } from './evaluation-view.ts';

export const evaluationProcedures = (evaluations: EvaluationRepository): Handlers<typeof evaluationsApi> => ({
  ofModel: async ({ modelId }) => (await evaluations.ofModel(modelId)).map(viewOf),
});
