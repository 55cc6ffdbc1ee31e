/** The datasets part of the API. */
import type { Handlers } from '#contract/api-definition.ts';
import type { datasetsApi } from '#contract/dataset.ts';
import type { Datasets } from './create-datasets.ts';

export const datasetProcedures = ({
  reading,
  editing,
  transfer,
  guard,
}: Datasets): Handlers<typeof datasetsApi> => ({
  list: () => reading.list(),
  get: ({ dataset }) => reading.get(dataset),
  items: ({ datasetId, label, split, ids, offset, limit, version }) =>
    reading.items(datasetId, { label, split, ids }, { offset, limit }, version),
  versions: ({ dataset }) => reading.versions(dataset),
  compareVersions: ({ dataset, from, to }) => reading.compareVersions(dataset, from, to),
  check: ({ dataset }) => guard.check(dataset),
  edit: (request) => editing.edit(request),
  edits: ({ dataset }) => editing.edits(dataset),
  undo: ({ dataset }) => editing.undo(dataset),
  redo: ({ dataset }) => editing.redo(dataset),
  import: (request) => transfer.import(request),
  importManifest: (request) => transfer.importManifest(request),
  importWorkspace: (request) => transfer.importWorkspace(request),
  export: ({ dataset, folder, version }) => transfer.export(dataset, folder, version),
  renderScenes: (request) => transfer.renderScenes(request),
});
