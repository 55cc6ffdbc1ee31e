/** After an import or a rendering was started: follow it, then show the dataset that it made or added to. */
import { importReportOf } from '#contract/job.ts';
import type { Workbench } from '../lib/context.ts';

/** Opens the datasets page; once the job has ended, its dataset, where a person has not gone elsewhere meanwhile. */
export function followImport({ jobs, router }: Pick<Workbench, 'jobs' | 'router'>, jobId: string): void {
  if (router.route.page !== 'datasets') router.go('datasets');
  jobs.started(jobId, (job) => {
    const report = importReportOf(job);
    if (report && router.route.page === 'datasets') router.go('datasets', report.datasetId);
  });
}
