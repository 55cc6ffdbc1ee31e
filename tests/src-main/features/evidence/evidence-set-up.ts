/** A workspace with the services that cases and evidence need, and shorter words for taking evidence in. */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import type { Examiner } from '#compute/decoding/examiner.ts';
import { CaseService } from '#features/cases/case.service.ts';
import { createDatasets } from '#features/datasets/create-datasets.ts';
import { DetectionService } from '#features/detection/detection.service.ts';
import { EvidenceService } from '#features/evidence/evidence.service.ts';
import { JobRepository } from '#features/jobs/job.repository.ts';
import { JobService } from '#features/jobs/job.service.ts';
import { ModelService } from '#features/models/model.service.ts';
import { renderScenes } from '#features/samples/scene-renderer.ts';
import { evidenceFilter, evidenceOrder, type EvidenceItem, type IntakeReport } from '#contract/evidence.ts';
import type { Job, JobKind, JobResult } from '#contract/job.ts';
import type { Workspace } from '#storage/workspace.ts';
import { samplePicture, write } from '#tests/support/sample-files.ts';
import { temporaryWorkspace } from '#tests/support/temporary-workspace.ts';

export type EvidenceSetUp = ReturnType<typeof evidenceServices> & { workspace: Workspace };

export function evidenceServices(workspace: Workspace, over: { examiner?: Examiner } = {}) {
  const jobs = new JobService(new JobRepository(workspace.db));
  const models = new ModelService(workspace);
  const detection = new DetectionService({ workspace, models, jobs, programVersion: '1.2.3' });
  const cases = new CaseService(workspace);
  const evidence = new EvidenceService({
    workspace,
    cases,
    detection,
    jobs,
    programVersion: '1.2.3',
    ...over,
  });

  /** The result of a job of that kind that has ended as done. */
  async function result<K extends JobKind>(
    kind: K,
    started: Promise<{ jobId: string }>,
  ): Promise<JobResult<K>> {
    const job: Job = await jobs.wait((await started).jobId);
    if (job.kind !== kind || job.state !== 'done') throw new Error(JSON.stringify(job));
    return job.result as JobResult<K>;
  }
  const takeIn = (
    paths: string[],
    storage: 'copy' | 'reference' = 'copy',
    into = 'Doe',
  ): Promise<IntakeReport> => result('intake', evidence.takeIn({ paths, case: into, storage }));
  const items = async (caseId: string): Promise<EvidenceItem[]> =>
    (
      await evidence.items(caseId, evidenceFilter.parse({}), evidenceOrder.parse({}), {
        offset: 0,
        limit: 500,
      })
    ).items;
  const actions = async (): Promise<string[]> =>
    (await workspace.db.selectFrom('audit_log').select('action').orderBy('sequence').execute()).map(
      (row) => row.action,
    );
  const datasets = createDatasets({
    workspace,
    jobs,
    renderScenes: (count, seed) => renderScenes({ count, seed }),
  });
  return { jobs, models, detection, cases, evidence, datasets, result, takeIn, items, actions };
}

export async function setUpEvidence(over: { examiner?: Examiner } = {}): Promise<EvidenceSetUp> {
  const workspace = await temporaryWorkspace();
  return { workspace, ...evidenceServices(workspace, over) };
}

/** Writes `count` different pictures, `<first>.png` and so on, and answers with their paths. */
export async function writePictures(folder: string, count: number, first = 0): Promise<string[]> {
  const files: string[] = [];
  for (let seed = first; seed < first + count; seed++)
    files.push(write(folder, `${seed}.png`, await samplePicture(96, 80, seed).png().toBuffer()));
  return files;
}

export const sha256Of = (file: string): string =>
  createHash('sha256').update(readFileSync(file)).digest('hex');

/** What may not change of a folder of originals: its listing, and of each file its bytes and its times of change. */
export function stateOfFolder(folder: string): unknown {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).toSorted();
  return names.map((name) => {
    const file = path.join(folder, name);
    const { mtimeMs, ctimeMs, mode, size } = statSync(file);
    const isFile = statSync(file).isFile();
    return { name, mtimeMs, ctimeMs, mode, size: isFile ? size : 0, sha256: isFile ? sha256Of(file) : '' };
  });
}
