/** The region notes part of the API. */
import type { Handlers } from '#contract/api-definition.ts';
import type { regionsApi } from '#contract/region.ts';
import type { RegionService } from './region.service.ts';

export const regionProcedures = (regions: RegionService): Handlers<typeof regionsApi> => ({
  list: ({ evidence }) => regions.list(evidence),
  add: (request) => regions.add(request),
  edit: ({ id, ...change }) => regions.edit(id, change),
  remove: async ({ id }) => {
    await regions.remove(id);
    return { removed: true as const };
  },
  restore: ({ id }) => regions.restore(id),
});
