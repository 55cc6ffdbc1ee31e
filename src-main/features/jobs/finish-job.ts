/** Waiting for a job to its end, as the command line and the demonstration do. */
import type { PentimentoHandlers } from '#contract/api.ts';
import { AppError } from '#contract/errors.ts';
import type { Job } from '#contract/job.ts';

/**
 * Follows a job until it has ended and answers with it, however it ended. When `signal` is aborted the job is asked to
 * end at its next safe point, and waited for.
 */
export async function followJob(
  jobs: PentimentoHandlers['jobs'],
  jobId: string,
  { signal, changed }: { signal: AbortSignal; changed?: (job: Job) => void },
): Promise<Job> {
  // A cancellation that fails is told by the job's own state.
  const cancel = (): void => void Promise.resolve(jobs.cancel({ id: jobId })).catch(() => undefined);
  signal.addEventListener('abort', cancel, { once: true });
  if (signal.aborted) cancel();
  try {
    for await (const job of jobs.watch({ id: jobId }, new AbortController().signal)) changed?.(job as Job);
  } finally {
    signal.removeEventListener('abort', cancel);
  }
  return (await jobs.get({ id: jobId })) as Job;
}

/** The same, but a job that was not done is thrown as its error: what failed it, or `cancelled`. */
export async function finishJob(
  jobs: PentimentoHandlers['jobs'],
  jobId: string,
  options: { signal: AbortSignal; changed?: (job: Job) => void },
): Promise<Job> {
  const job = await followJob(jobs, jobId, options);
  if (job.state !== 'done')
    throw job.error
      ? AppError.fromData(job.error)
      : new AppError('cancelled', `${job.title}: it was stopped.`);
  return job;
}
