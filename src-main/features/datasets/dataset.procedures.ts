/** The datasets part of the API. */
import type { Handlers } from '#contract/api-definition.ts';
import type { datasetsApi } from '#contract/dataset.ts';
import type { DatasetService } from './dataset.service.ts';

export const datasetProcedures = (datasets: DatasetService): Handlers<typeof datasetsApi> => ({
  list: () => datasets.list(),
  get: ({ dataset }) => datasets.get(dataset),
  items: ({ datasetId, label, split, offset, limit }) =>
    datasets.items(datasetId, { label, split }, { offset, limit }),
  check: ({ dataset }) => datasets.check(dataset),
  import: (request) => datasets.import(request),
  renderScenes: (request) => datasets.renderScenes(request),
});
