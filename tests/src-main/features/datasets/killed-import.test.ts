/** An import in a process of its own that is killed without warning. */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createDatasets } from '#features/datasets/create-datasets.ts';
import { JobRepository } from '#features/jobs/job.repository.ts';
import { JobService } from '#features/jobs/job.service.ts';
import { Workspace } from '#storage/workspace.ts';
import { samplePicture, write } from '#tests/support/sample-files.ts';
import { runAndKill, supportProgram } from '#tests/support/start-program.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';

test('what a killed import took in is there and whole, the job is interrupted, and a second import adds the rest', async () => {
  const pictures = temporaryFolder();
  const count = 40;
  for (let index = 0; index < count; index++)
    write(pictures, `${index}.png`, await samplePicture(200, 150, index).png().toBuffer());
  const folder = path.join(temporaryFolder(), 'workspace');
  const program = [supportProgram('import-folder'), folder, pictures];
  const said = [...(await runAndKill(program, { lines: 3 })), ...(await runAndKill(program, { lines: 4 }))];

  const workspace = await Workspace.open(folder, { holder: 'the tests' });
  onTestFinished(() => workspace.close());
  expect(workspace.sqlite.pragma('integrity_check', { simple: true })).toBe('ok');
  expect(readdirSync(path.join(folder, 'blobs', 'incoming'))).toEqual([]);
  const jobs = new JobService(new JobRepository(workspace.db));
  expect((await jobs.list()).map((job) => job.state)).toEqual(['interrupted', 'interrupted']);
  const renderScenes = async function* (): AsyncGenerator<never> {};
  const { reading, transfer } = createDatasets({ workspace, jobs, renderScenes });
  const taken = (await reading.freeze('Photographs')).photographs.map((photograph) => photograph.sha256);
  expect(taken).toEqual(expect.arrayContaining(said));
  expect(taken.length).toBeLessThan(count);
  for (const { hash } of await workspace.db.selectFrom('blobs').select('hash').execute())
    await workspace.blobs.verify(hash);

  const { jobId } = await transfer.import({ paths: [pictures], dataset: 'Photographs', label: 'real' });
  const job = await jobs.wait(jobId);
  if (job.kind !== 'import' || job.result === null) throw new Error(JSON.stringify(job));
  expect(job.result.duplicates.map((duplicate) => duplicate.sha256).toSorted()).toEqual(taken.toSorted());
  expect(job.result.added).toHaveLength(count - taken.length);
});
