/** Datasets as runs used them. A version is written once, whole, and never changes; the database itself sees to that. */
import { sql, type Selectable } from 'kysely';
import type { DatasetLabel, Split } from '#contract/dataset.ts';
import { versionRows } from '#storage/row-seals.ts';
import { newId } from '#storage/new-id.ts';
import type { DatasetVersionTable } from '#storage/schema.ts';
import type { AuditLog } from '#storage/audit-log.ts';
import type { Database, Workspace } from '#storage/workspace.ts';
import { refreshHashes, type ContentHashes, type ItemFilter, type ItemRow } from './dataset.repository.ts';

export type VersionRow = Selectable<DatasetVersionTable>;
export type VersionItemRow = Awaited<ReturnType<DatasetVersionRepository['allItems']>>[number];

export class DatasetVersionRepository {
  readonly #db: Database;
  readonly #audit: AuditLog;

  constructor({ db, audit }: Pick<Workspace, 'db' | 'audit'>) {
    this.#db = db;
    this.#audit = audit;
  }

  /** The version that the dataset's present content is; it is made where the newest one has another content. */
  async freeze(datasetId: string, now: number): Promise<VersionRow> {
    return this.#db.transaction().execute(async (transaction) => {
      const hashes = await refreshHashes(transaction, datasetId);
      const newest = await selectNewest(transaction, datasetId);
      if (newest?.content_hash === hashes.content_hash) return newest;
      const id = newId(now);
      const { items } = await transaction
        .selectFrom('dataset_items')
        .select((of) => of.fn.countAll<number>().as('items'))
        .where('dataset_id', '=', datasetId)
        .executeTakeFirstOrThrow();
      await transaction
        .insertInto('dataset_versions')
        .values({
          id,
          dataset_id: datasetId,
          number: (newest?.number ?? 0) + 1,
          ...hashes,
          items,
          created_at: now,
        })
        .execute();
      await transaction
        .insertInto('dataset_version_items')
        .columns([
          ...(['version_id', 'position', 'item_id', 'sha256', 'label', 'split', 'group_key'] as const),
          ...(['category', 'mask', 'source_path', 'added_at', 'licence', 'evidence_reason'] as const),
        ])
        .expression((from) =>
          from
            .selectFrom('dataset_items')
            .select([sql.val(id).as('version_id'), 'sequence', 'id', 'sha256', 'label', 'split', 'group_key'])
            .select(['category', 'mask', 'source_path', 'added_at', 'licence', 'evidence_reason'])
            .where('dataset_id', '=', datasetId),
        )
        .execute();
      await transaction.updateTable('dataset_versions').set({ sealed: 1 }).where('id', '=', id).execute();
      const version = (await selectNewest(transaction, datasetId))!;
      const { number, content_hash, manifest_hash } = version;
      this.#audit.record(transaction, {
        action: 'dataset.version-frozen',
        subject: { kind: 'dataset', id: datasetId },
        payload: { version: number, contentHash: content_hash, manifestHash: manifest_hash, items },
        seal: versionRows(id),
      });
      return version;
    });
  }

  async newest(datasetId: string): Promise<VersionRow | undefined> {
    return selectNewest(this.#db, datasetId);
  }

  async find(datasetId: string, number: number): Promise<VersionRow | undefined> {
    return this.#db
      .selectFrom('dataset_versions')
      .selectAll()
      .where('dataset_id', '=', datasetId)
      .where('number', '=', number)
      .executeTakeFirst();
  }

  /** Newest first. */
  async list(datasetId: string): Promise<VersionRow[]> {
    return this.#db
      .selectFrom('dataset_versions')
      .selectAll()
      .where('dataset_id', '=', datasetId)
      .orderBy('number', 'desc')
      .execute();
  }

  async counts(versionId: string): Promise<{ label: DatasetLabel; split: Split; count: number }[]> {
    return this.#db
      .selectFrom('dataset_version_items')
      .select(['label', 'split', (of) => of.fn.countAll<number>().as('count')])
      .where('version_id', '=', versionId)
      .groupBy(['label', 'split'])
      .execute();
  }

  /** The runs that used it, oldest first. */
  async runs(versionId: string): Promise<string[]> {
    const rows = await this.#db
      .selectFrom('training_runs')
      .select('id')
      .where('dataset_version_id', '=', versionId)
      .orderBy('created_at')
      .execute();
    return rows.map(({ id }) => id);
  }

  /** In the order of the dataset. */
  async allItems(versionId: string) {
    return this.#items(versionId, {}).orderBy('item.position').execute();
  }

  async countItems(versionId: string, filter: ItemFilter): Promise<number> {
    const { count } = await this.#items(versionId, filter)
      .clearSelect()
      .select((of) => of.fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow();
    return count;
  }

  /** A page of `allItems`, with the facts of the pictures, as rows of dataset items. */
  async page(
    version: Pick<VersionRow, 'id' | 'dataset_id'>,
    filter: ItemFilter,
    { offset, limit }: { offset: number; limit: number },
  ): Promise<ItemRow[]> {
    const rows = await this.#items(version.id, filter)
      .innerJoin('pictures as picture', 'picture.sha256', 'item.sha256')
      .innerJoin('blobs as blob', 'blob.hash', 'item.sha256')
      .select(['picture.format', 'picture.width', 'picture.height', 'picture.thumbnail', 'blob.bytes'])
      .orderBy('item.position')
      .limit(limit)
      .offset(offset)
      .execute();
    return rows.map((row) => ({
      ...row,
      sequence: row.position,
      id: row.item_id,
      dataset_id: version.dataset_id,
    }));
  }

  #items(versionId: string, filter: ItemFilter) {
    let items = this.#db
      .selectFrom('dataset_version_items as item')
      .selectAll('item')
      .where('item.version_id', '=', versionId);
    if (filter.label !== undefined) items = items.where('item.label', '=', filter.label);
    if (filter.split !== undefined) items = items.where('item.split', '=', filter.split);
    if (filter.ids !== undefined) items = items.where('item.item_id', 'in', filter.ids);
    return items;
  }
}

/** Whether the dataset's hashes are those of its newest version. */
export const isFrozen = (newest: VersionRow | undefined, hashes: ContentHashes): boolean =>
  newest !== undefined && newest.content_hash === hashes.content_hash;

const selectNewest = (db: Database, datasetId: string): Promise<VersionRow | undefined> =>
  db
    .selectFrom('dataset_versions')
    .selectAll()
    .where('dataset_id', '=', datasetId)
    .orderBy('number', 'desc')
    .limit(1)
    .executeTakeFirst();
