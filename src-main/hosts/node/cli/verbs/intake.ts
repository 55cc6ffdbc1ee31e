/** `intake PATH... --case CASE`: takes pictures into a case. */
import { withApp, type Context } from '../context.ts';
import { snakeCase } from '../format.ts';
import { jobResult } from '../job-result.ts';
import { exitStatus, type ExitStatus } from '../output.ts';

export function intakeVerb(
  context: Context,
  paths: string[],
  options: { case: string; reference?: boolean },
): Promise<ExitStatus> {
  const { out } = context;
  return withApp(context, async ({ handlers }) => {
    const storage = options.reference ? 'reference' : 'copy';
    const { jobId } = await handlers.evidence.takeIn({ paths, case: options.case, storage });
    const { job, result } = await jobResult(context, handlers.jobs, 'intake', jobId);
    out.emit({ state: job.state, ...(snakeCase(result) as object) });
    for (const { path, error } of result.refusedList)
      out.print(`refused    ${path}\n           ${error.code}: ${error.message}`);
    for (const { path, sameAs } of result.duplicateList)
      out.print(`duplicate  ${path}\n           the same bytes as ${sameAs}`);
    const { added, duplicates, refused } = result;
    const listed = result.refusedList.length + result.duplicateList.length;
    if (listed < refused + duplicates) out.print(`and ${refused + duplicates - listed} more`);
    out.print(`${result.case}: ${added} taken in, ${duplicates} there already, ${refused} refused.`);
    if (job.state !== 'done') {
      out.note('cancelled: the intake was stopped. What was taken in stays.');
      return exitStatus.failed;
    }
    if (refused === 0) return exitStatus.done;
    return added + duplicates > 0 ? exitStatus.partly : exitStatus.failed;
  });
}
