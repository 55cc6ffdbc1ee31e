/** The models part of the API. */
import type { Handlers } from '#contract/api-definition.ts';
import type { modelsApi } from '#contract/model.ts';
import type { ModelService } from './model.service.ts';

export const modelProcedures = (models: ModelService): Handlers<typeof modelsApi> => ({
  list: () => models.list(),
  get: ({ id }) => models.get(id),
  use: ({ id }) => models.use(id),
  import: ({ path }) => models.import(path),
  export: ({ id, path }) => models.exportModel(id, path),
});
