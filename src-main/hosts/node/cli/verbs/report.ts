/** `report CASE --out FILE`: writes a report, keeps it in the workspace, and lays a copy at FILE. */
import { constants, copyFile } from 'node:fs/promises';
import { extname, resolve } from 'node:path';
import { AppError } from '#contract/errors.ts';
import type { ReportSubject } from '#contract/report.ts';
import { withApp, type Context } from '../context.ts';
import { snakeCase } from '../format.ts';
import { jobResult } from '../job-result.ts';
import { exitStatus, type ExitStatus } from '../output.ts';

export interface ReportOptions {
  out: string;
  items?: string[];
  verdict?: string;
}

export function reportVerb(
  context: Context,
  name: string | undefined,
  options: ReportOptions,
): Promise<ExitStatus> {
  const { out, items, verdict } = options;
  if ((name === undefined) === (verdict === undefined))
    throw new AppError('invalid_input', 'Name a case, or a verdict with --verdict.');
  if (items && name === undefined) throw new AppError('invalid_input', '--items belongs to a case.');
  const subject: ReportSubject =
    name === undefined ? { verdict: verdict! } : { case: name, ...(items ? { items } : {}) };
  const target = resolve(out);
  const format = extname(target).toLowerCase() === '.pdf' ? 'pdf' : 'html';
  return withApp(context, async ({ handlers, workspace }) => {
    const { jobId } = await handlers.reports.write({ subject, format });
    const { result } = await jobResult(context, handlers.jobs, 'report', jobId);
    await copyFile(workspace.blobs.pathOf(result.sha256), target, constants.COPYFILE_EXCL).catch(
      (cause: unknown) => {
        const there = cause instanceof Error && 'code' in cause && cause.code === 'EEXIST';
        throw there
          ? new AppError('invalid_input', `${target} is there already.`, { cause })
          : AppError.from(cause);
      },
    );
    context.out.emit({ path: target, ...(snakeCase(result) as object) });
    const { pictures, bytes, sha256, head } = result;
    context.out.print(`${target}: ${pictures} ${pictures === 1 ? 'picture' : 'pictures'}, ${bytes} bytes`);
    context.out.print(`sha256 ${sha256}`);
    context.out.print(`head of the log: ${head.entries} ${head.hash}; keep both elsewhere too`);
    return exitStatus.done;
  });
}
