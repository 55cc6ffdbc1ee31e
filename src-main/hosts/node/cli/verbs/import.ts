/** `import DIR... --dataset NAME --label L`: adds pictures to a dataset. */
import type { DatasetLabel } from '#contract/dataset.ts';
import { AppError } from '#contract/errors.ts';
import { followJob } from '#features/jobs/finish-job.ts';
import { withApp, type Context } from '../context.ts';
import { progressText, snakeCase } from '../format.ts';
import { exitStatus, type ExitStatus } from '../output.ts';

export interface ImportOptions {
  dataset: string;
  label: DatasetLabel;
  masks?: string;
  category?: string;
}

export function importVerb(context: Context, paths: string[], options: ImportOptions): Promise<ExitStatus> {
  const { out, signal } = context;
  return withApp(context, async ({ handlers }) => {
    const { jobId } = await handlers.datasets.import({ paths, ...options });
    const job = await followJob(handlers.jobs, jobId, {
      signal,
      changed: ({ progress }) => progress && out.status(progressText(progress)),
    });
    const report = job.kind === 'import' ? job.result : null;
    if (!report)
      throw job.error ? AppError.fromData(job.error) : new AppError('cancelled', 'The import was stopped.');
    out.emit({ state: job.state, ...(snakeCase(report) as object) });
    for (const { path, error } of report.refused)
      out.print(`refused    ${path}\n           ${error.code}: ${error.message}`);
    for (const { path, sameAs } of report.duplicates)
      out.print(`duplicate  ${path}\n           the same picture as ${sameAs}`);
    out.print(
      `${report.dataset}: ${report.added.length} added, ${report.duplicates.length} skipped as duplicates, ${report.refused.length} refused.`,
    );
    if (job.state !== 'done') {
      out.note(
        `${job.error?.code ?? 'cancelled'}: ${job.error?.message ?? 'The import was stopped.'} What was added stays.`,
      );
      return exitStatus.failed;
    }
    if (report.refused.length === 0) return exitStatus.done;
    return report.added.length + report.duplicates.length > 0 ? exitStatus.partly : exitStatus.failed;
  });
}
