/** A program of its own that imports a folder into a workspace, says each picture that it took in, and is killed. */
import { createDatasets } from '#features/datasets/create-datasets.ts';
import { DatasetRepository } from '#features/datasets/dataset.repository.ts';
import { JobRepository } from '#features/jobs/job.repository.ts';
import { JobService } from '#features/jobs/job.service.ts';
import { Workspace } from '#storage/workspace.ts';

const [folder = '', pictures = ''] = process.argv.slice(2);
const workspace = await Workspace.open(folder, { holder: 'an importer' });
const jobs = new JobService(new JobRepository(workspace.db));
const repository = new DatasetRepository(workspace);
const addItem = repository.addItem.bind(repository);
repository.addItem = async (item, picture, edit) => {
  await addItem(item, picture, edit);
  process.stdout.write(`${item.sha256}\n`);
};
const renderScenes = async function* (): AsyncGenerator<never> {};
const { transfer } = createDatasets({ workspace, jobs, renderScenes, repository });
const { jobId } = await transfer.import({ paths: [pictures], dataset: 'Photographs', label: 'real' });
await jobs.wait(jobId);
