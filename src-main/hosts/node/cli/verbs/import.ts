/**
 * Adds pictures to a dataset: `import DIR... --dataset NAME --label L`, `import --manifest FILE.csv --dataset NAME`, or
 * `import --workspace DIR --from NAME [--dataset NAME]`.
 */
import type { DatasetLabel, GroupBy } from '#contract/dataset.ts';
import { AppError } from '#contract/errors.ts';
import { followJob } from '#features/jobs/finish-job.ts';
import { withApp, type Context, type OpenApp } from '../context.ts';
import { progressText, snakeCase } from '../format.ts';
import { exitStatus, type ExitStatus } from '../output.ts';

export interface ImportOptions {
  dataset?: string;
  label?: DatasetLabel;
  masks?: string;
  category?: string;
  licence?: string;
  groupBy?: GroupBy;
  manifest?: string;
  workspace?: string;
  from?: string;
  allowEvidence?: string;
}

const needed = (what: string, hint: string): AppError => new AppError('invalid_input', what, { hint });

function start({ handlers }: OpenApp, paths: string[], options: ImportOptions) {
  const { manifest, workspace, from, label } = options;
  const dataset = options.dataset ?? (workspace === undefined ? undefined : from);
  if (dataset === undefined)
    throw needed('Name the dataset with --dataset.', 'It is made where there is none of that name.');
  const allowEvidence = options.allowEvidence === undefined ? undefined : { reason: options.allowEvidence };
  const { datasets } = handlers;
  if (manifest !== undefined || workspace !== undefined) {
    if (paths.length > 0 || label !== undefined)
      throw needed(
        'Folders and --label do not go with --manifest and --workspace.',
        'The list, or the other workspace, says what each picture is.',
      );
    if (manifest !== undefined) return datasets.importManifest({ manifest, dataset, allowEvidence });
    if (from === undefined)
      throw needed('Name the dataset of the other workspace with --from.', 'It is taken over whole.');
    return datasets.importWorkspace({ workspace: workspace!, from, dataset, allowEvidence });
  }
  if (paths.length === 0)
    throw needed(
      'Name folders or files.',
      'Or name a list with --manifest, or another workspace with --workspace.',
    );
  if (label === undefined)
    throw needed("required option '--label <label>' not specified", 'See `pentimento help import`.');
  const { masks, category, licence, groupBy } = options;
  return datasets.import({ paths, dataset, label, masks, category, licence, groupBy, allowEvidence });
}

export function importVerb(context: Context, paths: string[], options: ImportOptions): Promise<ExitStatus> {
  const { out, signal } = context;
  return withApp(context, async (app) => {
    const { jobId } = await start(app, paths, options);
    const job = await followJob(app.handlers.jobs, jobId, {
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
    for (const { path, from, to } of report.moved)
      out.print(`moved      ${path}\n           from ${from} to ${to}, with a picture that belongs to it`);
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
