/** `datasets [NAME] [--check]`: lists, shows, or checks datasets. */
import type { Dataset, DatasetFinding } from '#contract/dataset.ts';
import { withApp, type Context } from '../context.ts';
import { snakeCase, table, when } from '../format.ts';
import { exitStatus, type ExitStatus } from '../output.ts';

const counts = (record: Partial<Record<string, number>>): string =>
  Object.entries(record)
    .filter(([, count]) => count)
    .map(([name, count]) => `${count} ${name}`)
    .join(', ');

export function datasetsVerb(
  context: Context,
  name: string | undefined,
  { check = false }: { check?: boolean },
): Promise<ExitStatus> {
  const { out } = context;
  return withApp(context, async ({ handlers }) => {
    const all: Dataset[] =
      name === undefined
        ? ((await handlers.datasets.list({})) as Dataset[])
        : [(await handlers.datasets.get({ dataset: name })) as Dataset];
    const findings = new Map<string, DatasetFinding[]>();
    if (check)
      for (const dataset of all)
        findings.set(dataset.id, await handlers.datasets.check({ dataset: dataset.id }));
    const shaped = all.map((dataset) => ({
      ...(snakeCase(dataset) as object),
      ...(check ? { findings: findings.get(dataset.id) } : {}),
    }));
    out.emit(name === undefined ? { datasets: shaped } : shaped[0]);
    if (all.length === 0) out.print('This workspace has no dataset yet.');
    else
      out.print(
        table(
          ['dataset', 'items', 'labels', 'splits', 'created', ''],
          all.map((dataset) => [
            dataset.name,
            dataset.items,
            counts(dataset.labels),
            counts(dataset.splits),
            when(dataset.createdAt),
            dataset.rendered ? 'rendered scenes' : '',
          ]),
        ),
      );
    for (const dataset of check ? all : []) {
      const found = findings.get(dataset.id)!;
      out.print(`\n${dataset.name}: ${found.length === 0 ? 'nothing was found wrong.' : ''}`);
      for (const { severity, code, message, remedy } of found)
        out.print(`${severity} ${code}: ${message}\n  ${remedy}`);
    }
    return exitStatus.done;
  });
}
