/** The parts of the datasets feature, put together over a workspace. */
import { createExaminer, type Examiner } from '#compute/decoding/examiner.ts';
import type { JobService } from '#features/jobs/job.service.ts';
import type { Workspace } from '#storage/workspace.ts';
import { DatasetCatalogue } from './dataset-catalogue.ts';
import { DatasetEditRepository } from './dataset-edit.repository.ts';
import { DatasetEditingService } from './dataset-editing.service.ts';
import { DatasetGuard } from './dataset-guard.ts';
import { DatasetRepository } from './dataset.repository.ts';
import { DatasetService } from './dataset.service.ts';
import { DatasetTransferService, type RenderScenes } from './dataset-transfer.service.ts';
import { DatasetVersionRepository } from './dataset-version.repository.ts';
import { FileFactsRepository } from './file-facts.repository.ts';

export interface Datasets {
  reading: DatasetService;
  editing: DatasetEditingService;
  transfer: DatasetTransferService;
  guard: DatasetGuard;
}

export function createDatasets({
  workspace,
  jobs,
  renderScenes,
  examiner = createExaminer(),
  repository = new DatasetRepository(workspace),
}: {
  workspace: Pick<Workspace, 'folder' | 'db' | 'audit' | 'blobs'>;
  jobs: JobService;
  renderScenes: RenderScenes;
  /** Decodes what is imported and what is checked. */
  examiner?: Examiner;
  repository?: DatasetRepository;
}): Datasets {
  const { blobs, db } = workspace;
  const versions = new DatasetVersionRepository(workspace);
  const edits = new DatasetEditRepository(workspace);
  const catalogue = new DatasetCatalogue(repository, versions);
  const transfer = new DatasetTransferService({
    ...{ workspace, catalogue, repository, versions, edits, jobs, renderScenes, examiner },
  });
  return {
    reading: new DatasetService({ catalogue, repository, versions, blobs }),
    editing: new DatasetEditingService({ catalogue, repository, edits, blobs, examiner, transfer }),
    transfer,
    guard: new DatasetGuard({ catalogue, repository, facts: new FileFactsRepository(db), blobs, examiner }),
  };
}
