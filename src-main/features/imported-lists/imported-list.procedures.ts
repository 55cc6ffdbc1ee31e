/** The imported lists part of the API. */
import type { Handlers } from '#contract/api-definition.ts';
import type { importedListsApi } from '#contract/imported-list.ts';
import type { ImportedListService } from './imported-list.service.ts';

export const importedListProcedures = (lists: ImportedListService): Handlers<typeof importedListsApi> => ({
  list: async () => ({ lists: await lists.list() }),
  import: (request) => lists.import(request),
  remove: ({ id }) => lists.remove(id),
});
