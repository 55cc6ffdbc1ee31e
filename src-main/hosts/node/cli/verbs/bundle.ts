/** `bundle CASE --out FILE.zip` and `bundle --import FILE.zip`: a case as one file, out and in. */
import { resolve } from 'node:path';
import type { BundleReport } from '#contract/bundle.ts';
import { AppError } from '#contract/errors.ts';
import { withApp, type Context } from '../context.ts';
import { snakeCase } from '../format.ts';
import { jobResult } from '../job-result.ts';
import { exitStatus, type ExitStatus, type Output } from '../output.ts';

export function bundleVerb(
  context: Context,
  name: string | undefined,
  options: { out?: string; hashesOnly?: boolean; import?: string },
): Promise<ExitStatus> {
  if ((name === undefined) === (options.import === undefined))
    throw new AppError('invalid_input', 'Name a case to write, or a file with --import.');
  if (name !== undefined && options.out === undefined)
    throw new AppError('invalid_input', 'Name the file to write with --out.');
  return withApp(context, async ({ handlers }) => {
    if (options.import !== undefined) {
      const { jobId } = await handlers.bundles.import({ path: resolve(options.import) });
      const { result } = await jobResult(context, handlers.jobs, 'bundle-import', jobId);
      show(context.out, result, 'came without their original');
      for (const { what, from, to } of result.mapped)
        context.out.print(`${what}: ${from} became ${to || 'none'}`);
      return exitStatus.done;
    }
    const { jobId } = await handlers.bundles.export({
      case: name!,
      path: resolve(options.out!),
      hashesOnly: options.hashesOnly ?? false,
    });
    const { result } = await jobResult(context, handlers.jobs, 'bundle-export', jobId);
    show(context.out, result, 'go without their original');
    return result.absent.length === 0 ? exitStatus.done : exitStatus.partly;
  });
}

function show(out: Output, report: BundleReport, without: string): void {
  out.emit(snakeCase(report));
  const { evidence, verdicts, derived } = report.counts;
  out.print(
    `${report.path}: ${report.case}, ${evidence} items, ${verdicts} verdicts, ${derived} derived files`,
  );
  out.print(`contents: ${report.contents}; sha256 of the manifest: ${report.manifestSha256}`);
  for (const { id, state } of report.absent) out.print(`${state.padEnd(11)} ${id}`);
  if (report.absent.length > 0) out.print(`${report.absent.length} items ${without}.`);
}
