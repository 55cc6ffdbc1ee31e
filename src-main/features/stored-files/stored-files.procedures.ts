/** The part of the API about where files lie. */
import type { Handlers } from '#contract/api-definition.ts';
import type { storedFilesApi } from '#contract/stored-files.ts';
import type { StoredFilesService } from './stored-files.service.ts';

export const storedFilesProcedures = (files: StoredFilesService): Handlers<typeof storedFilesApi> => ({
  where: () => files.where(),
  move: ({ to }) => files.move(to ?? null),
});
