/**
 * What is done to the items of datasets, written together with every item as it was before and after. The edits of a dataset
 * are a stack: the newest that stands can be undone, and the one that was undone last can be done again until another is made.
 */
import type { Selectable, Transaction } from 'kysely';
import { AppError } from '#contract/errors.ts';
import type { DatasetEditTable, WorkspaceDatabase } from '#storage/schema.ts';
import type { AuditAction } from '#contract/audit.ts';
import type { AuditLog } from '#storage/audit-log.ts';
import { canonicalDigest } from '#storage/canonical-json.ts';
import { sealedAtOnce } from '#storage/row-seals.ts';
import type { Database, Workspace } from '#storage/workspace.ts';
import {
  chunks,
  itemRows,
  plain,
  replaceItems,
  rowText,
  type DatasetItemRow,
  type ItemChange,
} from './item-row.ts';

export type EditRow = Selectable<DatasetEditTable> & { items: number };
export type NewEdit = Pick<EditRow, 'id' | 'dataset_id' | 'action' | 'summary' | 'at'>;

/** Makes the changes and adds them to an edit, which notes of each item how it was before the edit began. */
export async function applyToEdit(
  transaction: Transaction<WorkspaceDatabase>,
  editId: string,
  changes: readonly ItemChange[],
): Promise<void> {
  await replaceItems(transaction, changes);
  const text = (row: DatasetItemRow | null): string | null => row && JSON.stringify(plain(row));
  const values = changes.map(({ before, after }) => ({
    edit_id: editId,
    item_id: (before ?? after)!.id,
    before: text(before),
    after: text(after),
  }));
  for (const rows of chunks(values))
    await transaction
      .insertInto('dataset_edit_items')
      .values(rows)
      .onConflict((conflict) =>
        conflict.columns(['edit_id', 'item_id']).doUpdateSet((set) => ({ after: set.ref('excluded.after') })),
      )
      .execute();
}

export class DatasetEditRepository {
  readonly #db: Database;
  readonly #audit: AuditLog;

  constructor({ db, audit }: Pick<Workspace, 'db' | 'audit'>) {
    this.#db = db;
    this.#audit = audit;
  }

  /** Begins an import: an edit that has no items yet. */
  async begin(edit: NewEdit): Promise<void> {
    await this.#db.transaction().execute(async (transaction) => {
      await transaction
        .insertInto('dataset_edits')
        .values({ ...edit, undone_at: null })
        .execute();
      this.#record(transaction, 'dataset.import-begun', edit, null);
    });
  }

  /** Takes away an edit that came to nothing. */
  async dropEmpty(id: string): Promise<void> {
    await this.#db
      .deleteFrom('dataset_edits')
      .where('id', '=', id)
      .where(({ not, exists, selectFrom }) =>
        not(exists(selectFrom('dataset_edit_items').select('edit_id').where('edit_id', '=', id))),
      )
      .execute();
  }

  /** Makes what `plan` answers, and records it as one edit; both see the dataset at one moment. Null where it is nothing. */
  async make(
    plan: (transaction: Transaction<WorkspaceDatabase>) => Promise<{ edit: NewEdit; changes: ItemChange[] }>,
  ): Promise<EditRow | null> {
    return this.#db.transaction().execute(async (transaction) => {
      const { edit, changes } = await plan(transaction);
      if (changes.length === 0) return null;
      await transaction
        .insertInto('dataset_edits')
        .values({ ...edit, undone_at: null })
        .execute();
      await applyToEdit(transaction, edit.id, changes);
      this.#record(transaction, 'dataset.edited', edit, changes);
      return (await this.#edits(transaction).where('edit.id', '=', edit.id).executeTakeFirst())!;
    });
  }

  /** Newest first. */
  async list(datasetId: string): Promise<EditRow[]> {
    const edits = this.#edits(this.#db).where('edit.dataset_id', '=', datasetId);
    return edits.orderBy('edit.sequence', 'desc').execute();
  }

  /**
   * Takes the newest standing edit back, or makes the one undone last again.
   * @param allowed called inside the transaction; may throw
   * @throws AppError `nothing_to_undo`
   */
  async step(
    datasetId: string,
    direction: 'undo' | 'redo',
    now: number,
    allowed: () => void,
  ): Promise<EditRow> {
    return this.#db.transaction().execute(async (transaction) => {
      allowed();
      const edits = this.#edits(transaction).where('edit.dataset_id', '=', datasetId);
      const standing = await edits
        .where('edit.undone_at', 'is', null)
        .orderBy('edit.sequence', 'desc')
        .executeTakeFirst();
      const edit =
        direction === 'undo'
          ? standing
          : await edits
              .where('edit.undone_at', 'is not', null)
              .where('edit.sequence', '>', standing?.sequence ?? 0)
              .orderBy('edit.sequence')
              .executeTakeFirst();
      if (!edit) throw new AppError('nothing_to_undo', `There is nothing to ${direction}.`);
      const [from, to] =
        direction === 'undo' ? (['after', 'before'] as const) : (['before', 'after'] as const);
      const rows = await transaction
        .selectFrom('dataset_edit_items')
        .selectAll()
        .where('edit_id', '=', edit.id)
        .execute();
      const parse = (text: string | null): DatasetItemRow | null =>
        text === null ? null : (JSON.parse(text) as DatasetItemRow);
      const changes = rows.map((row) => ({ before: parse(row[from]), after: parse(row[to]) }));
      await this.#expect(transaction, changes, edit);
      await replaceItems(transaction, changes);
      const undone_at = direction === 'undo' ? now : null;
      await transaction.updateTable('dataset_edits').set({ undone_at }).where('id', '=', edit.id).execute();
      this.#record(
        transaction,
        direction === 'undo' ? 'dataset.edit-undone' : 'dataset.edit-redone',
        edit,
        changes,
      );
      return { ...edit, undone_at };
    });
  }

  #record(
    transaction: Transaction<WorkspaceDatabase>,
    action: AuditAction,
    { id, dataset_id, action: kind, summary }: NewEdit,
    changes: readonly ItemChange[] | null,
  ): void {
    const sealed = changes && { items: changes.length, digest: canonicalDigest(changes) };
    const payload = { edit: id, kind, summary, ...sealed };
    const subject = { kind: 'dataset', id: dataset_id } as const;
    const rows = itemRows(changes ?? []);
    this.#audit.record(transaction, { action, subject, payload, seal: rows.slice(0, sealedAtOnce) });
    for (let done = sealedAtOnce; done < rows.length; done += sealedAtOnce)
      this.#audit.record(transaction, {
        ...{ action: 'dataset.items-sealed', subject, payload: { edit: id } },
        seal: rows.slice(done, done + sealedAtOnce),
      });
  }

  /** That the items are as the edit left them: what it would put back would otherwise undo more than itself. */
  async #expect(
    transaction: Transaction<WorkspaceDatabase>,
    changes: readonly ItemChange[],
    { summary }: EditRow,
  ): Promise<void> {
    const expected = new Map(changes.flatMap(({ before }) => (before ? [[before.id, rowText(before)]] : [])));
    let found = 0;
    for (const ids of chunks([...expected.keys()])) {
      const rows = await transaction.selectFrom('dataset_items').selectAll().where('id', 'in', ids).execute();
      found += rows.filter((row) => rowText(row) === expected.get(row.id)).length;
    }
    if (found !== expected.size)
      throw new AppError(
        'nothing_to_undo',
        `"${summary}" cannot be taken back: its items have changed since.`,
      );
  }

  #edits(db: Database) {
    return db
      .selectFrom('dataset_edits as edit')
      .selectAll('edit')
      .select((of) =>
        of
          .selectFrom('dataset_edit_items as item')
          .select((inner) => inner.fn.countAll<number>().as('count'))
          .whereRef('item.edit_id', '=', 'edit.id')
          .$asScalar()
          .$notNull()
          .as('items'),
      );
  }
}
