/** `backup create`, `backup list` and `backup restore NAME --to DIR`: copies of the workspace's database. */
import { resolve } from 'node:path';
import { withApp, type Context } from '../context.ts';
import { snakeCase, table, when } from '../format.ts';
import { exitStatus, type ExitStatus } from '../output.ts';

export function createBackupVerb(context: Context): Promise<ExitStatus> {
  const { out } = context;
  return withApp(context, async ({ handlers }) => {
    const backup = await handlers.backups.create({});
    out.emit(snakeCase(backup));
    out.print(`${backup.name}: ${backup.bytes} bytes, checked`);
    return exitStatus.done;
  });
}

export function listBackupsVerb(context: Context): Promise<ExitStatus> {
  const { out } = context;
  return withApp(context, async ({ handlers }) => {
    const { backups } = await handlers.backups.list({});
    out.emit({ backups: backups.map(snakeCase) });
    if (backups.length === 0) out.print('This workspace has no backup yet.');
    else
      out.print(
        table(
          ['backup', 'made', 'why', 'bytes'],
          backups.map(({ name, at, reason, bytes }) => [name, when(at), reason, bytes]),
        ),
      );
    return exitStatus.done;
  });
}

export function restoreBackupVerb(
  context: Context,
  name: string,
  options: { to: string },
): Promise<ExitStatus> {
  const { out } = context;
  return withApp(context, async ({ services }) => {
    const restored = await services.backups.restore(name, resolve(options.to));
    out.emit(snakeCase(restored));
    out.print(`${restored.folder}: restored with ${restored.blobs} files, ${restored.missing} are missing`);
    return restored.missing === 0 ? exitStatus.done : exitStatus.partly;
  });
}
