/** `lists [--import FILE --kind K --name NAME --date DATE | --remove NAME]`: lists of known files and of trusted certificates. */
import { resolve } from 'node:path';
import type { ImportedList, ListKind } from '#contract/imported-list.ts';
import { AppError } from '#contract/errors.ts';
import { withApp, type Context } from '../context.ts';
import { snakeCase, table } from '../format.ts';
import { exitStatus, type ExitStatus } from '../output.ts';

export interface ListsOptions {
  import?: string;
  kind: ListKind;
  name?: string;
  date?: string;
  remove?: string;
}

export function listsVerb(context: Context, options: ListsOptions): Promise<ExitStatus> {
  const { out } = context;
  const { import: file, kind, name, date, remove } = options;
  if (file !== undefined && (name === undefined || date === undefined))
    throw new AppError(
      'invalid_input',
      'A list is imported with a --name and the --date when it was issued.',
    );
  if (file === undefined && (name ?? date) !== undefined)
    throw new AppError('invalid_input', '--name and --date belong to --import.');
  if (file !== undefined && remove !== undefined)
    throw new AppError('invalid_input', 'A list is either imported or removed.');
  return withApp(context, async ({ handlers }) => {
    if (file !== undefined) {
      const request = { path: resolve(file), kind, name: name!, date: date! };
      const list = (await handlers.importedLists.import(request)) as ImportedList;
      out.emit(snakeCase(list));
      out.print(`Imported "${list.name}": ${countsText(list)}.`);
      return exitStatus.done;
    }
    const { lists } = (await handlers.importedLists.list({})) as { lists: ImportedList[] };
    if (remove !== undefined) {
      const meant = lists.find((list) => list.name === remove || list.id === remove);
      if (!meant) throw new AppError('not_found', `There is no list "${remove}".`);
      out.emit(snakeCase((await handlers.importedLists.remove({ id: meant.id })) as ImportedList));
      out.print(`Removed "${meant.name}"; results keep what it said.`);
      return exitStatus.done;
    }
    out.emit({ lists: lists.map(snakeCase) });
    if (lists.length === 0) out.print('No list was imported.');
    else
      out.print(
        table(
          ['list', 'kind', 'of', 'entries'],
          lists.map((list) => [list.name, list.kind, list.date, countsText(list)]),
        ),
      );
    return exitStatus.done;
  });
}

const countsText = ({ counts, notComparable }: ImportedList): string =>
  [
    ...Object.entries(counts).map(([kind, count]) => `${count} ${kind}`),
    ...Object.entries(notComparable).map(([kind, count]) => `${count} ${kind} that cannot be compared`),
  ].join(', ');
