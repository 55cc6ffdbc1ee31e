/** What `datasets NAME` does to a dataset: bulk changes, remedies of the guard, undo, versions and exports. */
import type {
  DatasetChange,
  DatasetEdit,
  DatasetFinding,
  DatasetVersion,
  ItemSelection,
} from '#contract/dataset.ts';
import { AppError } from '#contract/errors.ts';
import type { DatasetLabel, Split } from '#contract/dataset.ts';
import { finishJob } from '#features/jobs/finish-job.ts';
import type { Context, OpenApp } from '../context.ts';
import { counts, progressText, snakeCase, table, when } from '../format.ts';
import { exitStatus, type ExitStatus } from '../output.ts';

export interface ChangeOptions {
  where?: Record<string, string>;
  items?: string[];
  all?: boolean;
  label?: DatasetLabel;
  category?: string;
  licence?: string;
  group?: string;
  split?: Split;
  masks?: string;
  dropMasks?: boolean;
  allowEvidence?: string;
  remove?: boolean;
  apply?: string;
  undo?: boolean;
  redo?: boolean;
  history?: boolean;
  versions?: boolean;
  compare?: number[];
  export?: string;
  at?: number;
}

/** The change that the options ask for, or null. An empty word takes a category, a licence or a group away. */
function changeOf(options: ChangeOptions): DatasetChange | null {
  const { label, category, licence, group, split, masks, allowEvidence } = options;
  const changes: (DatasetChange | false | undefined)[] = [
    label !== undefined && { kind: 'label', label },
    category !== undefined && { kind: 'category', category: category || null },
    licence !== undefined && { kind: 'licence', licence: licence || null },
    group !== undefined && { kind: 'group', group: group || null },
    split !== undefined && { kind: 'split', split },
    masks !== undefined && { kind: 'masks', folder: masks },
    options.dropMasks && { kind: 'drop-masks' },
    allowEvidence !== undefined && { kind: 'allow-evidence', reason: allowEvidence },
    options.remove && { kind: 'remove' },
  ];
  const asked = changes.filter((change) => change !== false && change !== undefined);
  if (asked.length > 1)
    throw new AppError('invalid_input', 'Ask for one change at a time.', {
      hint: 'Each change can be undone by itself.',
    });
  return asked[0] ?? null;
}

function selectionOf({ where, items, all }: ChangeOptions): ItemSelection {
  if (Number(where !== undefined) + Number(items !== undefined) + Number(all === true) !== 1)
    throw new AppError('invalid_input', 'Say which pictures: --items, --where or --all.', {
      hint: 'For example --where label=real,split=test.',
    });
  return items ? { ids: items } : (where ?? {});
}

/** Does what the options ask for; null where they ask for nothing of this kind. */
export async function changeDataset(
  { out, signal }: Context,
  { handlers: { datasets, jobs } }: OpenApp,
  dataset: string,
  options: ChangeOptions,
): Promise<ExitStatus | null> {
  const tell = (
    { edit, dataset: now }: { edit: DatasetEdit; dataset: unknown },
    done: string,
  ): ExitStatus => {
    out.emit({ edit: snakeCase(edit), dataset: snakeCase(now) });
    out.print(`${done}: ${edit.summary}.`);
    return exitStatus.done;
  };
  const change = changeOf(options);
  if (change)
    return tell(
      await datasets.edit({ dataset, items: selectionOf(options), change }),
      'Done, and can be undone',
    );
  if (options.undo) return tell(await datasets.undo({ dataset }), 'Undone');
  if (options.redo) return tell(await datasets.redo({ dataset }), 'Done again');
  if (options.apply !== undefined) {
    const action = remedyOf((await datasets.check({ dataset })) as DatasetFinding[], options.apply);
    return tell(
      await datasets.edit({ dataset, items: { ids: action.items }, change: action.change }),
      `${action.label}, which can be undone`,
    );
  }
  if (options.history) {
    const edits = (await datasets.edits({ dataset })) as DatasetEdit[];
    out.emit({ edits: edits.map((edit) => snakeCase(edit)) });
    out.print(
      table(
        ['when', 'what', 'state'],
        edits.map((edit) => [when(edit.at), edit.summary, edit.undoneAt === null ? '' : 'undone']),
      ),
    );
    return exitStatus.done;
  }
  if (options.versions) {
    const versions = (await datasets.versions({ dataset })) as DatasetVersion[];
    out.emit({ versions: versions.map((version) => snakeCase(version)) });
    if (versions.length === 0) out.print('No run has used this dataset yet.');
    else
      out.print(
        table(
          ['version', 'items', 'labels', 'splits', 'since', 'runs'],
          versions.map((version) => [
            ...[version.number, version.items, counts(version.labels), counts(version.splits)],
            ...[when(version.createdAt), version.runs.join(', ')],
          ]),
        ),
      );
    return exitStatus.done;
  }
  if (options.compare) {
    const [from, to] = options.compare;
    const found = await datasets.compareVersions({
      dataset,
      from: from!,
      ...(to === undefined ? {} : { to }),
    });
    out.emit(snakeCase(found));
    for (const { sourcePath } of found.added) out.print(`added    ${sourcePath}`);
    for (const { sourcePath } of found.removed) out.print(`removed  ${sourcePath}`);
    for (const { sourcePath, fields } of found.changed)
      out.print(
        `changed  ${sourcePath}: ${fields.map((field) => `${field.field} ${field.from ?? '-'} -> ${field.to ?? '-'}`).join(', ')}`,
      );
    out.print(
      `${found.added.length} added, ${found.removed.length} removed, ${found.changed.length} changed.`,
    );
    return exitStatus.done;
  }
  if (options.export === undefined) return null;
  const { jobId } = await datasets.export({
    ...{ dataset, folder: options.export },
    ...(options.at === undefined ? {} : { version: options.at }),
  });
  const job = await finishJob(jobs, jobId, {
    signal,
    changed: ({ progress }) => progress && out.status(progressText(progress)),
  });
  if (job.kind !== 'export' || !job.result)
    throw new AppError('internal', 'The export ended without a result.');
  out.emit(snakeCase(job.result));
  const { items, masks, manifest, version } = job.result;
  out.print(`${items} pictures and ${masks} masks of version ${version}; the list is ${manifest}.`);
  return exitStatus.done;
}

/** `CODE`, or `CODE:2` for the second remedy of that finding. */
function remedyOf(findings: readonly DatasetFinding[], asked: string): DatasetFinding['actions'][number] {
  const [code, which = '1'] = asked.split(':');
  const offered = findings.filter((finding) => finding.code === code).flatMap(({ actions }) => actions);
  const action = offered[Number(which) - 1];
  if (!action)
    throw new AppError('not_found', `No finding offers the remedy "${asked}".`, {
      hint: 'The check lists the remedies of each finding, as CODE:NUMBER.',
    });
  return action;
}
