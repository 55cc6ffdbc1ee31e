/** The cases part of the API. */
import type { Handlers } from '#contract/api-definition.ts';
import type { casesApi } from '#contract/case.ts';
import type { CaseService } from './case.service.ts';

export const caseProcedures = (cases: CaseService): Handlers<typeof casesApi> => ({
  list: ({ offset, limit, ...filter }) => cases.list(filter, { offset, limit }),
  get: ({ case: reference }) => cases.overview(reference),
  recent: () => cases.recent(),
  opened: ({ id }) => cases.opened(id),
  create: (request) => cases.create(request),
  edit: ({ id, change }) => cases.edit(id, change),
});
