/** `verify FILE`: whether a case bundle or a report is what was written. A workspace is only read, where one is named. */
import { open, readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { AppError } from '#contract/errors.ts';
import { verifyBundle } from '#features/bundles/verify-bundle.ts';
import { reportBytesAtMost } from '#features/reports/report-file.ts';
import { isReport, verifyReport } from '#features/reports/verify-report.ts';
import { readWorkspace } from '#storage/read-workspace.ts';
import { ProgressMeter } from '#features/jobs/progress-meter.ts';
import { programVersion } from '../../../program-files.ts';
import type { Context } from '../context.ts';
import { progressText, snakeCase } from '../format.ts';
import { exitStatus, type ExitStatus } from '../output.ts';

export async function verifyFileVerb(context: Context, file: string): Promise<ExitStatus> {
  const path = resolve(file);
  return (await beginsLikeReport(path)) ? verifyReportFile(context, path) : verifyBundleFile(context, path);
}

/** False also where it cannot be read: the check of a bundle says why. */
async function beginsLikeReport(path: string): Promise<boolean> {
  const file = await open(path).catch(() => null);
  if (!file) return false;
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4000), 0, 4000, 0);
    return isReport(buffer.subarray(0, bytesRead));
  } catch {
    return false;
  } finally {
    await file.close();
  }
}

async function verifyReportFile({ out, dataDir, dataDirNamed }: Context, path: string): Promise<ExitStatus> {
  if ((await stat(path)).size > reportBytesAtMost)
    throw new AppError('report_invalid', `${path} is larger than any report.`);
  const workspace = dataDirNamed ? await readWorkspace(dataDir) : null;
  try {
    const check = await verifyReport(await readFile(path), { programVersion, workspace });
    out.emit({ path, ...(snakeCase(check) as object) });
    if (check.subject) out.print(check.subject.replaceAll(/\p{C}/gu, ' '));
    for (const { result, area, message } of check.findings)
      out.print(`${result.padEnd(11)} ${area.padEnd(9)} ${message}`);
    out.print(`sha256 ${check.sha256}`);
    out.print(
      check.ok ? 'Nothing is wrong with what could be checked.' : 'The report is not what was written.',
    );
    return check.ok ? exitStatus.done : exitStatus.failed;
  } finally {
    await workspace?.close();
  }
}

async function verifyBundleFile({ out, signal }: Context, path: string): Promise<ExitStatus> {
  const meter = new ProgressMeter();
  const check = await verifyBundle(path, {
    signal,
    progress: (update) => out.status(progressText(meter.measure(update))),
  });
  out.emit({ path, ...(snakeCase(check) as object) });
  for (const { code, path: where, message } of check.findings)
    out.print(`${code.padEnd(17)} ${where ? `${where}: ` : ''}${message}`);
  if (check.case) out.print(`${check.case.name}, ${check.contents}: ${check.files} files`);
  if (check.manifestSha256)
    out.print(
      `sha256 of the manifest: ${check.manifestSha256}; compare it with the one told when it was written`,
    );
  out.print(check.ok ? 'The bundle is what was written.' : 'The bundle is not what was written.');
  return check.ok ? exitStatus.done : exitStatus.failed;
}
