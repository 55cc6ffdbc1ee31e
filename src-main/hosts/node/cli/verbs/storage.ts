/** `storage`: where the stored files lie, moving them, and taking away what nothing refers to any more. */
import { withApp, type Context, type OpenApp } from '../context.ts';
import { snakeCase, table, when } from '../format.ts';
import { jobResult } from '../job-result.ts';
import { exitStatus, type ExitStatus } from '../output.ts';

export interface StorageOptions {
  collect?: boolean;
  yes?: boolean;
  move?: string;
  moveBack?: boolean;
  foundAt?: string;
}

export function storageVerb(context: Context, options: StorageOptions): Promise<ExitStatus> {
  return withApp({ ...context, files: options.foundAt }, async (app) => {
    if (options.move !== undefined || options.moveBack) return move(context, app, options.move);
    return collect(context, app, options);
  });
}

/** @param to null for the workspace's own folder */
async function move(context: Context, { handlers }: OpenApp, to?: string): Promise<ExitStatus> {
  const { out } = context;
  const { jobId } = await handlers.storedFiles.move(to === undefined ? {} : { to });
  const { job, result } = await jobResult(context, handlers.jobs, 'move-files', jobId);
  out.emit({ state: job.state, ...(snakeCase(result) as object) });
  for (const hash of result.damaged) out.print(`damaged before  ${hash}`);
  out.print(`${result.files} files (${result.bytes} bytes) lie in ${result.folder} now.`);
  return exitStatus.done;
}

async function collect(
  { out }: Context,
  { handlers }: OpenApp,
  options: StorageOptions,
): Promise<ExitStatus> {
  const { folder } = await handlers.storedFiles.where({});
  const plan = await handlers.retention.plan({});
  const remove = options.collect === true && options.yes === true && plan.files > 0;
  out.print(`the store in ${folder} holds ${plan.stored.files} files (${plan.stored.bytes} bytes)`);
  out.print(
    plan.files === 0
      ? 'everything is referred to; nothing would be removed'
      : `nothing refers to ${plan.files} files (${plan.bytes} bytes):`,
  );
  if (plan.files > 0)
    out.print(
      table(
        ['file', 'kind', 'stored', 'bytes'],
        plan.listed.map(({ hash, kind, storedAt, bytes }) => [hash, kind, when(storedAt), bytes]),
      ),
    );
  if (plan.files > plan.listed.length) out.print(`and ${plan.files - plan.listed.length} more`);
  const removed = remove ? await handlers.retention.collect({ digest: plan.digest }) : null;
  out.emit({ folder, ...(snakeCase(plan) as object), removed });
  if (removed) out.print(`removed ${removed.files} files (${removed.bytes} bytes)`);
  else if (plan.files > 0) out.note('Nothing was removed. `storage --collect --yes` removes these files.');
  return exitStatus.done;
}
