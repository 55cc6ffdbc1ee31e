/** The evidence part of the API. */
import type { Handlers } from '#contract/api-definition.ts';
import type { evidenceApi } from '#contract/evidence.ts';
import type { EvidenceService } from './evidence.service.ts';

export const evidenceProcedures = (
  evidence: EvidenceService,
  sample: () => Promise<{ caseId: string }>,
): Handlers<typeof evidenceApi> => ({
  items: ({ caseId, offset, limit, sort, descending, ...filter }) =>
    evidence.items(caseId, filter, { sort, descending }, { offset, limit }),
  get: ({ id }) => evidence.get(id),
  similar: ({ id, ...options }) => evidence.similar(id, options),
  takeIn: (request) => evidence.takeIn(request),
  takeSample: () => sample(),
  edit: async ({ ids, ...change }) => ({ changed: await evidence.edit(ids, change) }),
  check: (selection) => evidence.check(selection),
  detect: (request) => evidence.detect(request),
});
