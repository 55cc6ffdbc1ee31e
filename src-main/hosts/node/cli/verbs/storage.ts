/** `storage [--collect] [--yes]`: what the workspace keeps to which nothing refers, and taking it away. */
import { withApp, type Context } from '../context.ts';
import { snakeCase, table, when } from '../format.ts';
import { exitStatus, type ExitStatus } from '../output.ts';

export function storageVerb(
  context: Context,
  options: { collect?: boolean; yes?: boolean },
): Promise<ExitStatus> {
  const { out } = context;
  return withApp(context, async ({ handlers }) => {
    const plan = await handlers.retention.plan({});
    const collect = options.collect === true && options.yes === true && plan.files > 0;
    out.print(`the store holds ${plan.stored.files} files (${plan.stored.bytes} bytes)`);
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
    const removed = collect ? await handlers.retention.collect({ digest: plan.digest }) : null;
    out.emit({ ...(snakeCase(plan) as object), removed });
    if (removed) out.print(`removed ${removed.files} files (${removed.bytes} bytes)`);
    else if (plan.files > 0) out.note('Nothing was removed. `storage --collect --yes` removes these files.');
    return exitStatus.done;
  });
}
