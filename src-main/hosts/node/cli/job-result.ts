/** A job that a verb has started, followed to its end. */
import type { PentimentoHandlers } from '#contract/api.ts';
import { AppError } from '#contract/errors.ts';
import type { Job, JobKind, JobResult } from '#contract/job.ts';
import { followJob } from '#features/jobs/finish-job.ts';
import type { Context } from './context.ts';
import { progressText } from './format.ts';

/**
 * Shows the job's progress until it has ended. A job that was stopped early has a result too: what was done until then.
 * @throws AppError what it failed with, or `cancelled`, where it has no result
 */
export async function jobResult<K extends JobKind>(
  { out, signal }: Pick<Context, 'out' | 'signal'>,
  jobs: PentimentoHandlers['jobs'],
  kind: K,
  jobId: string,
): Promise<{ job: Job; result: JobResult<K> }> {
  const job = await followJob(jobs, jobId, {
    signal,
    changed: ({ progress }) => progress && out.status(progressText(progress)),
  });
  if (job.kind === kind && job.result) return { job, result: job.result as JobResult<K> };
  throw job.error ? AppError.fromData(job.error) : new AppError('cancelled', `${job.title}: it was stopped.`);
}
