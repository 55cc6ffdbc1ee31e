/** `verify FILE`: whether a case bundle is what was written. It opens no workspace. */
import { resolve } from 'node:path';
import { verifyBundle } from '#features/bundles/verify-bundle.ts';
import { ProgressMeter } from '#features/jobs/progress-meter.ts';
import type { Context } from '../context.ts';
import { progressText, snakeCase } from '../format.ts';
import { exitStatus, type ExitStatus } from '../output.ts';

export async function verifyFileVerb({ out, signal }: Context, file: string): Promise<ExitStatus> {
  const meter = new ProgressMeter();
  const path = resolve(file);
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
