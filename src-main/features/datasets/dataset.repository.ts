/** Datasets, their items and their pictures in the database. */
import { sql, type Expression, type Insertable, type Selectable, type SqlBool } from 'kysely';
import type { DatasetLabel, Split } from '#contract/dataset.ts';
import type { DatasetItemTable, DatasetTable, PictureTable } from '#storage/schema.ts';
import type { Database } from '#storage/workspace.ts';
import type { ManifestItem } from './manifest-hash.ts';

export type DatasetRow = Selectable<DatasetTable>;
export type NewItem = Omit<Insertable<DatasetItemTable>, 'sequence'>;
export type ItemRow = Awaited<ReturnType<DatasetRepository['items']>>[number];
export type CheckRow = Awaited<ReturnType<DatasetRepository['itemsToCheck']>>[number];
export type ItemFilter = { label?: DatasetLabel | undefined; split?: Split | undefined };

export class DatasetRepository {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
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
    await this.#db.insertInto('datasets').values(row).execute();
  }

  /** Computes and keeps the manifest hash, in one transaction so that no item can come between the two. */
  async refreshManifestHash(id: string, compute: (items: ManifestItem[]) => string): Promise<string> {
    return this.#db.transaction().execute(async (transaction) => {
      const hash = compute(await selectManifest(transaction, id));
      await transaction.updateTable('datasets').set({ manifest_hash: hash }).where('id', '=', id).execute();
      return hash;
    });
  }

  async counts(datasetId: string): Promise<{ label: DatasetLabel; split: Split; count: number }[]> {
    return this.#db
      .selectFrom('dataset_items')
      .select(['label', 'split', (of) => of.fn.countAll<number>().as('count')])
      .where('dataset_id', '=', datasetId)
      .groupBy(['label', 'split'])
      .execute();
  }

  async manifestItems(datasetId: string): Promise<ManifestItem[]> {
    return selectManifest(this.#db, datasetId);
  }

  async countItems(datasetId: string, filter: ItemFilter): Promise<number> {
    const { count } = await this.#db
      .selectFrom('dataset_items')
      .select((of) => of.fn.countAll<number>().as('count'))
      .where('dataset_id', '=', datasetId)
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
      .select(['item.id', 'item.label', 'item.split', 'picture.format', 'picture.width', 'picture.height'])
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

  async sourceOf(datasetId: string, sha256: string): Promise<string | undefined> {
    const row = await this.#db
      .selectFrom('dataset_items')
      .select('source_path')
      .where('dataset_id', '=', datasetId)
      .where('sha256', '=', sha256)
      .executeTakeFirst();
    return row?.source_path;
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

  /** The split of a group that the dataset already has. */
  async splitOfGroup(datasetId: string, group: string): Promise<Split | undefined> {
    const row = await this.#db
      .selectFrom('dataset_items')
      .select('split')
      .where('dataset_id', '=', datasetId)
      .where('group_key', '=', group)
      .limit(1)
      .executeTakeFirst();
    return row?.split;
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

  /** Adds an item with its picture in one transaction. A rendered picture makes its dataset a rendered one. */
  async addItem(item: NewItem, picture: Insertable<PictureTable>): Promise<void> {
    await this.#db.transaction().execute(async (transaction) => {
      await transaction
        .insertInto('pictures')
        .values(picture)
        .onConflict((conflict) =>
          conflict.column('sha256').doUpdateSet({ rendered: sql`max(pictures.rendered, excluded.rendered)` }),
        )
        .execute();
      await transaction.insertInto('dataset_items').values(item).execute();
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
    });
  }
}

const selectManifest = (db: Database, datasetId: string): Promise<ManifestItem[]> =>
  db
    .selectFrom('dataset_items')
    .select(['sha256', 'label', 'split', 'mask', 'category'])
    .where('dataset_id', '=', datasetId)
    .orderBy('sequence')
    .execute();

function conditions(filter: ItemFilter): Expression<SqlBool>[] {
  const all: Expression<SqlBool>[] = [];
  if (filter.label !== undefined) all.push(sql<SqlBool>`label = ${filter.label}`);
  if (filter.split !== undefined) all.push(sql<SqlBool>`split = ${filter.split}`);
  return all;
}
