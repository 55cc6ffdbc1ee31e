/** A workspace with the services that datasets need, and shorter words for importing. */
import { createDatasets, type Datasets } from '#features/datasets/create-datasets.ts';
import type { RenderScenes } from '#features/datasets/dataset-transfer.service.ts';
import { datasetProcedures } from '#features/datasets/dataset.procedures.ts';
import { JobRepository } from '#features/jobs/job.repository.ts';
import { JobService } from '#features/jobs/job.service.ts';
import type { Dataset, ImportReport, ImportRequest } from '#contract/dataset.ts';
import type { Job } from '#contract/job.ts';
import type { Workspace } from '#storage/workspace.ts';
import { patchPicture } from '#tests/support/sample-files.ts';
import { temporaryWorkspace } from '#tests/support/temporary-workspace.ts';

/** `count` scenes of three cameras in turn. */
const renderScenes: RenderScenes = async function* (count, seed) {
  for (let index = 0; index < count; index++) {
    const bytes = await patchPicture(seed + index, 80, 80)
      .jpeg({ quality: 95 })
      .toBuffer();
    yield { name: `scene-${index}.jpg`, bytes, camera: `camera-${index % 3}` };
  }
};

export async function setUpDatasets(): Promise<{
  workspace: Workspace;
  jobs: JobService;
  datasets: Datasets;
  procedures: ReturnType<typeof datasetProcedures>;
  runImport: (request: Partial<ImportRequest> & { paths: string[] }) => Promise<Job>;
  imported: (
    request: Partial<ImportRequest> & { paths: string[] },
  ) => Promise<{ report: ImportReport; dataset: Dataset }>;
}> {
  const workspace = await temporaryWorkspace();
  const jobs = new JobService(new JobRepository(workspace.db));
  const datasets = createDatasets({ workspace, jobs, renderScenes });
  const runImport = async (request: Partial<ImportRequest> & { paths: string[] }): Promise<Job> => {
    const { jobId } = await datasets.transfer.import({ dataset: 'Photographs', label: 'real', ...request });
    return jobs.wait(jobId);
  };
  return {
    workspace,
    jobs,
    datasets,
    procedures: datasetProcedures(datasets),
    runImport,
    imported: async (request) => {
      const job = await runImport(request);
      if (job.kind !== 'import' || job.result === null)
        throw new Error(`the import failed: ${JSON.stringify(job)}`);
      return { report: job.result, dataset: await datasets.reading.get(job.result.datasetId) };
    },
  };
}
