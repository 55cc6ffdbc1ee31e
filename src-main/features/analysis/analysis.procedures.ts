/** The analyses part of the API. */
import type { Handlers } from '#contract/api-definition.ts';
import type { analysesApi } from '#contract/analysis.ts';
import type { AnalysisService } from './analysis.service.ts';

export const analysisProcedures = (analyses: AnalysisService): Handlers<typeof analysesApi> => ({
  catalogue: () => analyses.catalogue(),
  ofEvidence: ({ id }) => analyses.ofEvidence(id),
  get: ({ id }) => analyses.get(id),
  lastChoice: ({ caseId }) => analyses.lastChoice(caseId),
  start: (request) => analyses.start(request),
});
