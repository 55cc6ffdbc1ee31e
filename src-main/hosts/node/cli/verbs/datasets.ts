/** `datasets [NAME]`: lists, shows, checks and changes datasets. What it does to one stands in dataset-changes.ts. */
import type { Dataset, DatasetFinding } from '#contract/dataset.ts';
import { AppError } from '#contract/errors.ts';
import { withApp, type Context } from '../context.ts';
import { counts, snakeCase, table, when } from '../format.ts';
import { exitStatus, type ExitStatus, type Output } from '../output.ts';
import { changeDataset, type ChangeOptions } from './dataset-changes.ts';

export type DatasetsOptions = ChangeOptions & { check?: boolean };

export function datasetsVerb(
  context: Context,
  name: string | undefined,
  { check = false, ...changes }: DatasetsOptions,
): Promise<ExitStatus> {
  const { out } = context;
  return withApp(context, async (app) => {
    const { datasets } = app.handlers;
    if (name === undefined && Object.keys(changes).length > 0)
      throw new AppError('invalid_input', 'Name the dataset.', { hint: '`pentimento datasets` lists them.' });
    const status = name === undefined ? null : await changeDataset(context, app, name, changes);
    if (status !== null) return status;
    const all: Dataset[] =
      name === undefined
        ? ((await datasets.list({})) as Dataset[])
        : [(await datasets.get({ dataset: name })) as Dataset];
    const findings = new Map<string, DatasetFinding[]>();
    if (check)
      for (const dataset of all) findings.set(dataset.id, await datasets.check({ dataset: dataset.id }));
    const shaped = all.map((dataset) => ({
      ...(snakeCase(dataset) as object),
      ...(check ? { findings: findings.get(dataset.id) } : {}),
    }));
    out.emit(name === undefined ? { datasets: shaped } : shaped[0]);
    if (all.length === 0) out.print('This workspace has no dataset yet.');
    else
      out.print(
        table(
          ['dataset', 'items', 'labels', 'splits', 'version', 'created', ''],
          all.map((dataset) => [
            dataset.name,
            dataset.items,
            counts(dataset.labels),
            counts(dataset.splits),
            `${dataset.version.number}${dataset.version.frozen ? '' : ' (open)'}`,
            when(dataset.createdAt),
            dataset.rendered ? 'rendered scenes' : '',
          ]),
        ),
      );
    for (const dataset of check ? all : []) printFindings(out, dataset, findings.get(dataset.id)!);
    return exitStatus.done;
  });
}

function printFindings(out: Output, dataset: Dataset, found: readonly DatasetFinding[]): void {
  out.print(`\n${dataset.name}: ${found.length === 0 ? 'nothing was found wrong.' : ''}`);
  const offered = new Map<string, number>();
  for (const { severity, blocking, code, message, remedy, actions } of found) {
    out.print(
      `${severity} ${code}: ${message}${blocking ? ' No run starts while this stands.' : ''}\n  ${remedy}`,
    );
    for (const { label, items } of actions) {
      const number = (offered.get(code) ?? 0) + 1;
      offered.set(code, number);
      out.print(`  --apply ${code}:${number}  ${label} (${items.length})`);
    }
  }
}
