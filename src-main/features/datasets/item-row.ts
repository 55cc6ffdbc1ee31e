/** Rows of dataset items: what an item is besides its picture, and how rows are put in place of others. */
import { sql, type Selectable, type Transaction } from 'kysely';
import type { SealedRow } from '#storage/row-seals.ts';
import type { DatasetItemTable, WorkspaceDatabase } from '#storage/schema.ts';

export type DatasetItemRow = Selectable<DatasetItemTable>;
/** An item as it was and as it is: without `before` it was added, without `after` it was removed. */
export type ItemChange = { before: DatasetItemRow | null; after: DatasetItemRow | null };

/** SQLite takes so many values in one statement. */
const rowsAtOnce = 500;

export function* chunks<T>(all: readonly T[], size = rowsAtOnce): Generator<T[]> {
  for (let start = 0; start < all.length; start += size) yield all.slice(start, start + size);
}

/**
 * Puts the items after the changes in place of those before. All of the old go before any of the new come, so that a whole
 * group can change its split although no moment may show it in two. An item keeps its place in the order of the dataset,
 * unless another dataset has taken its number since.
 */
export async function replaceItems(
  transaction: Transaction<WorkspaceDatabase>,
  changes: readonly ItemChange[],
): Promise<void> {
  const gone = changes.flatMap(({ before }) => (before ? [before.id] : []));
  for (const ids of chunks(gone))
    await transaction.deleteFrom('dataset_items').where('id', 'in', ids).execute();
  const coming = changes.flatMap(({ after }) => (after ? [after] : []));
  for (const rows of chunks(coming)) {
    const numbers = rows.map(({ sequence }) => sequence);
    const taken = await transaction
      .selectFrom('dataset_items')
      .select('sequence')
      .where('sequence', 'in', numbers)
      .execute();
    const elsewhere = new Set(taken.map(({ sequence }) => sequence));
    const values = rows.map(({ sequence, ...row }) => (elsewhere.has(sequence) ? row : { sequence, ...row }));
    for (const alike of [
      values.filter((row) => 'sequence' in row),
      values.filter((row) => !('sequence' in row)),
    ])
      if (alike.length > 0) await transaction.insertInto('dataset_items').values(alike).execute();
  }
}

/** The rows of the items that changes are of, to be sealed. */
export const itemRows = (changes: readonly ItemChange[]): SealedRow[] =>
  changes.map(({ before, after }) => ({ table: 'dataset_items', id: (before ?? after)!.id }));

/** The number that the next item gets. */
export async function nextSequence(transaction: Transaction<WorkspaceDatabase>): Promise<number> {
  const { highest } = await transaction
    .selectFrom('dataset_items')
    .select(sql<number>`coalesce(max(sequence), 0)`.as('highest'))
    .executeTakeFirstOrThrow();
  return highest + 1;
}

/** The row as text: the same text for the same item, wherever it stands in the order. */
export const rowText = (row: DatasetItemRow): string => JSON.stringify(plain({ ...row, sequence: 0 }));

/** The row's own columns in a fixed order. */
export const plain = (row: DatasetItemRow): DatasetItemRow => ({
  sequence: row.sequence,
  id: row.id,
  dataset_id: row.dataset_id,
  sha256: row.sha256,
  label: row.label,
  split: row.split,
  group_key: row.group_key,
  category: row.category,
  mask: row.mask,
  source_path: row.source_path,
  added_at: row.added_at,
  licence: row.licence,
  evidence_reason: row.evidence_reason,
});
