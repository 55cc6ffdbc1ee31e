/** Datasets, their items and their pictures in the database. */
import { sql, type Expression, type Insertable, type Selectable, type SqlBool } from 'kysely';
import type { DatasetLabel, Split } from '#contract/dataset.ts';
import type { DatasetItemTable, DatasetTable, PictureTable } from '#storage/schema.ts';
import type { AuditLog } from '#storage/audit-log.ts';
import type { Database, Workspace } from '#storage/workspace.ts';
import { applyToEdit } from './dataset-edit.repository.ts';
import type { PlacedRow } from './item-changes.ts';
import { chunks, itemRows, nextSequence, type DatasetItemRow, type ItemChange } from './item-row.ts';
import { contentHash, manifestHash, type ContentItem } from './manifest-hash.ts';

export type DatasetRow = Selectable<DatasetTable>;
export type NewItem = Omit<Selectable<DatasetItemTable>, 'sequence'>;
export type ItemRow = Awaited<ReturnType<DatasetRepository['items']>>[number];
export type CheckRow = Awaited<ReturnType<DatasetRepository['itemsToCheck']>>[number];
export type ItemFilter = {
  label?: DatasetLabel | undefined;
  split?: Split | undefined;
  ids?: readonly string[] | undefined;
};
export type ContentHashes = { manifest_hash: string; content_hash: string };

export class DatasetRepository {
  readonly #db: Database;
  readonly #audit: AuditLog;

  constructor({ db, audit }: Pick<Workspace, 'db' | 'audit'>) {
    this.#db = db;
    this.#audit = audit;
  }

  async list(): Promise<DatasetRow[]> {
    return this.#db.selectFrom('datasets').selectAll().orderBy('created_at').orderBy('name').execute();
  }

  /** By id or, where there is no such id, by name. */
  async find(reference: string): Promise<DatasetRow | undefined> {
    const rows = await this.#db
      .selectFrom('datasets')
      .selectAll()
      .where((where) => where.or([where('id', '=', reference), where('name', '=', reference)]))
      .execute();
    return rows.find((row) => row.id === reference) ?? rows[0];
  }

  async findByName(name: string): Promise<DatasetRow | undefined> {
    return this.#db.selectFrom('datasets').selectAll().where('name', '=', name).executeTakeFirst();
  }

  async insert(row: DatasetRow): Promise<void> {
    await this.#db.transaction().execute(async (transaction) => {
      await transaction.insertInto('datasets').values(row).execute();
      this.#audit.record(transaction, {
        action: 'dataset.created',
        subject: { kind: 'dataset', id: row.id },
        payload: { name: row.name },
      });
    });
  }

  /** Computes and keeps the hashes of the content, in one transaction so that no item can come between the two. */
  async refreshHashes(id: string): Promise<ContentHashes> {
    return this.#db.transaction().execute(async (transaction) => refreshHashes(transaction, id));
  }

  async counts(datasetId: string): Promise<{ label: DatasetLabel; split: Split; count: number }[]> {
    return this.#db
      .selectFrom('dataset_items')
      .select(['label', 'split', (of) => of.fn.countAll<number>().as('count')])
      .where('dataset_id', '=', datasetId)
      .groupBy(['label', 'split'])
      .execute();
  }

  async countItems(datasetId: string, filter: ItemFilter): Promise<number> {
    const { count } = await this.#db
      .selectFrom('dataset_items as item')
      .select((of) => of.fn.countAll<number>().as('count'))
      .where('item.dataset_id', '=', datasetId)
      .where((where) => where.and(conditions(filter)))
      .executeTakeFirstOrThrow();
    return count;
  }

  /** In the order in which they were added. */
  async items(datasetId: string, filter: ItemFilter, page: { offset: number; limit: number }) {
    return this.#db
      .selectFrom('dataset_items as item')
      .innerJoin('pictures as picture', 'picture.sha256', 'item.sha256')
      .innerJoin('blobs as blob', 'blob.hash', 'item.sha256')
      .selectAll('item')
      .select(['picture.format', 'picture.width', 'picture.height', 'picture.thumbnail', 'blob.bytes'])
      .where('item.dataset_id', '=', datasetId)
      .where((where) => where.and(conditions(filter)))
      .orderBy('item.sequence')
      .limit(page.limit)
      .offset(page.offset)
      .execute();
  }

  async itemsToCheck(datasetId: string) {
    return this.#db
      .selectFrom('dataset_items as item')
      .innerJoin('pictures as picture', 'picture.sha256', 'item.sha256')
      .innerJoin('blobs as blob', 'blob.hash', 'item.sha256')
      .select(['item.id', 'item.label', 'item.split', 'item.group_key', 'item.sha256', 'item.mask'])
      .select(['item.source_path', 'picture.format', 'picture.width', 'picture.height', 'picture.thumbnail'])
      .select(['picture.perceptual_hash', 'blob.bytes'])
      .where('item.dataset_id', '=', datasetId)
      .orderBy('item.sequence')
      .execute();
  }

  /** The dataset's items whose picture also stands in another dataset, with how it stands there. */
  async itemsElsewhere(datasetId: string) {
    return this.#db
      .selectFrom('dataset_items as item')
      .innerJoin('dataset_items as other', 'other.sha256', 'item.sha256')
      .innerJoin('datasets as dataset', 'dataset.id', 'other.dataset_id')
      .select(['item.id', 'item.label', 'item.split', 'dataset.name as dataset'])
      .select(['other.label as other_label', 'other.split as other_split'])
      .where('item.dataset_id', '=', datasetId)
      .where('other.dataset_id', '<>', datasetId)
      .orderBy('item.sequence')
      .execute();
  }

  /** Items that are evidence of a case, and of which nobody said why they may stand here; with the case's name. */
  async undecidedEvidence(datasetId: string): Promise<{ id: string; name: string }[]> {
    return this.#db
      .selectFrom('dataset_items as item')
      .innerJoin('evidence_items as evidence', 'evidence.sha256', 'item.sha256')
      .innerJoin('cases as holder', 'holder.id', 'evidence.case_id')
      .select(['item.id', 'holder.name'])
      .where('item.dataset_id', '=', datasetId)
      .where('item.evidence_reason', 'is', null)
      .orderBy('item.sequence')
      .execute();
  }

  async sourceOf(datasetId: string, sha256: string): Promise<string | undefined> {
    const row = await this.#db
      .selectFrom('dataset_items')
      .select('source_path')
      .where('dataset_id', '=', datasetId)
      .where('sha256', '=', sha256)
      .executeTakeFirst();
    return row?.source_path;
  }

  /** In pixels. */
  async sizeOf(sha256: string): Promise<{ width: number; height: number }> {
    return this.#db
      .selectFrom('pictures')
      .select(['width', 'height'])
      .where('sha256', '=', sha256)
      .executeTakeFirstOrThrow();
  }

  /** Whether each of the dataset's pictures was rendered; true of an empty dataset. */
  async holdsOnlyRendered(datasetId: string): Promise<boolean> {
    const row = await this.#db
      .selectFrom('dataset_items as item')
      .innerJoin('pictures as picture', 'picture.sha256', 'item.sha256')
      .select('item.id')
      .where('item.dataset_id', '=', datasetId)
      .where('picture.rendered', '=', 0)
      .limit(1)
      .executeTakeFirst();
    return row === undefined;
  }

  /** How many groups have items of this label in each split. */
  async countGroups(datasetId: string, label: DatasetLabel): Promise<Record<Split, number>> {
    const rows = await this.#db
      .selectFrom('dataset_items')
      .select(['split', sql<number>`count(DISTINCT group_key)`.as('count')])
      .where('dataset_id', '=', datasetId)
      .where('label', '=', label)
      .groupBy('split')
      .execute();
    const counts = { train: 0, validation: 0, test: 0 };
    for (const row of rows) counts[row.split] = row.count;
    return counts;
  }

  /** Where every item stands, for what must stay together. */
  async placedItems(datasetId: string): Promise<PlacedRow[]> {
    return selectPlaced(this.#db, datasetId).execute();
  }

  /**
   * Adds an item with its picture, and lets others change with it, in one transaction and as part of one edit. A rendered
   * picture makes its dataset a rendered one.
   */
  async addItem(
    item: NewItem,
    picture: Insertable<PictureTable>,
    {
      editId,
      changes = [],
      evidenceOf,
    }: { editId: string; changes?: ItemChange[]; evidenceOf: string | null },
  ): Promise<void> {
    await this.#db.transaction().execute(async (transaction) => {
      await transaction
        .insertInto('pictures')
        .values(picture)
        .onConflict((conflict) =>
          conflict.column('sha256').doUpdateSet({ rendered: sql`max(pictures.rendered, excluded.rendered)` }),
        )
        .execute();
      const added = { before: null, after: { ...item, sequence: await nextSequence(transaction) } };
      await applyToEdit(transaction, editId, [...changes, added]);
      await transaction
        .updateTable('datasets')
        .set({ rendered: 1 })
        .where('id', '=', item.dataset_id)
        .where('rendered', '=', 0)
        .where((where) =>
          where.exists(
            where
              .selectFrom('pictures')
              .select('sha256')
              .where('sha256', '=', item.sha256)
              .where('rendered', '=', 1),
          ),
        )
        .execute();
      this.#audit.record(transaction, {
        action: 'dataset.item-added',
        subject: { kind: 'dataset', id: item.dataset_id },
        payload: {
          edit: editId,
          sha256: item.sha256,
          label: item.label,
          split: item.split,
          group: item.group_key,
          mask: item.mask,
          source: item.source_path,
          moved: changes.map(({ after }) => after!.sha256),
          ...(evidenceOf === null ? {} : { evidenceOf, evidenceReason: item.evidence_reason }),
        },
        seal: itemRows([...changes, added]),
      });
    });
  }

  async itemsById(ids: readonly string[]): Promise<DatasetItemRow[]> {
    const rows: DatasetItemRow[] = [];
    for (const some of chunks(ids))
      rows.push(
        ...(await this.#db.selectFrom('dataset_items').selectAll().where('id', 'in', some).execute()),
      );
    return rows;
  }
}

/** The items of a dataset with the hashes of their pictures, in the order in which they were added. */
export const selectPlaced = (db: Database, datasetId: string) =>
  db
    .selectFrom('dataset_items as item')
    .innerJoin('pictures as picture', 'picture.sha256', 'item.sha256')
    .selectAll('item')
    .select('picture.perceptual_hash')
    .where('item.dataset_id', '=', datasetId)
    .orderBy('item.sequence');

/** The hashes of what a dataset holds now, computed and kept. */
export async function refreshHashes(transaction: Database, id: string): Promise<ContentHashes> {
  const items: ContentItem[] = await transaction
    .selectFrom('dataset_items')
    .select(['sha256', 'label', 'split', 'mask', 'category'])
    .select(['group_key', 'licence', 'evidence_reason', 'source_path', 'added_at'])
    .where('dataset_id', '=', id)
    .execute();
  const hashes = { manifest_hash: manifestHash(items), content_hash: contentHash(items) };
  await transaction.updateTable('datasets').set(hashes).where('id', '=', id).execute();
  return hashes;
}

function conditions(filter: ItemFilter): Expression<SqlBool>[] {
  const all: Expression<SqlBool>[] = [];
  if (filter.label !== undefined) all.push(sql<SqlBool>`label = ${filter.label}`);
  if (filter.split !== undefined) all.push(sql<SqlBool>`split = ${filter.split}`);
  if (filter.ids !== undefined)
    all.push(sql<SqlBool>`item.id IN (SELECT value FROM json_each(${JSON.stringify(filter.ids)}))`);
  return all;
}
