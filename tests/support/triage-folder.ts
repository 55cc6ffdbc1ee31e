/** A program of its own that judges a folder in bulk, or goes on with the run that there is, and says each picture that ended. */
import { JobRepository } from '#features/jobs/job.repository.ts';
import { JobService } from '#features/jobs/job.service.ts';
import { ModelService } from '#features/models/model.service.ts';
import type { TriageItem } from '#features/triage/triage-outcome.ts';
import { TriageService } from '#features/triage/triage.service.ts';
import { Workspace } from '#storage/workspace.ts';

const [folder = '', model = '', pictures = ''] = process.argv.slice(2);
const workspace = await Workspace.open(folder, { holder: 'a triage' });
const jobs = new JobService(new JobRepository(workspace.db));
const models = new ModelService(workspace);
const triage = new TriageService({ workspace, jobs, models });
const tell = (item: TriageItem): void =>
  void process.stdout.write(`${item.kind === 'result' ? item.result.path : item.refusal.path}\n`);
const [known] = await triage.list();
const { jobId } = known
  ? await triage.resume(known.id, { tell })
  : await triage.start({ folders: [{ path: pictures, priority: 0 }], model, rules: [] }, { tell });
const { state } = await jobs.wait(jobId);
await jobs.close();
await workspace.close();
process.exitCode = state === 'done' ? 0 : 1;
