/** `verify --workspace`: whether everything that the workspace keeps is still what was written. */
import type { VerificationReport } from '#contract/verification.ts';
import { timeStampText } from '#contract/time-stamp.ts';
import { ProgressMeter } from '#features/jobs/progress-meter.ts';
import { withApp, type Context } from '../context.ts';
import { progressText, snakeCase } from '../format.ts';
import { exitStatus, type ExitStatus, type Output } from '../output.ts';

function show(out: Output, report: VerificationReport): void {
  out.emit(snakeCase(report));
  for (const { severity, area, message } of report.findings)
    out.print(`${severity.padEnd(7)} ${area}: ${message}`);
  if (report.moreFindings > 0) out.print(`and ${report.moreFindings} more`);
  const { entries, results, blobs, bytes, checkpoints } = report.checked;
  out.print(
    `read ${entries} entries of the audit log, ${results} results, ${blobs} files (${bytes} bytes) and ${checkpoints} checkpoints`,
  );
  out.print(`head of the log: ${report.head.entries} ${report.head.hash}`);
  for (const stamp of report.timeStamps) out.print(timeStampText(stamp));
  if (report.firstWrongEntry !== null) out.print(`first wrong entry: ${report.firstWrongEntry}`);
  out.print(report.ok ? 'The workspace is what was written.' : 'The workspace is not what was written.');
}

export function verifyWorkspaceVerb(context: Context): Promise<ExitStatus> {
  const { out, signal } = context;
  return withApp(context, async ({ services }) => {
    const meter = new ProgressMeter();
    const report = await services.verification.verify({
      signal,
      progress: (update) => out.status(progressText(meter.measure(update))),
    });
    show(out, report);
    return report.ok ? exitStatus.done : exitStatus.failed;
  });
}
