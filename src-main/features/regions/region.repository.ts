/** Region notes in the database: SQL only. */
import type { Insertable, Selectable, Updateable } from 'kysely';
import type { RegionNoteTable } from '#storage/schema.ts';
import type { Database } from '#storage/workspace.ts';

export type RegionRow = Selectable<RegionNoteTable>;

/** Those of an item that are not removed, in the order in which they were made. */
export const regionsOf = (db: Database, evidenceId: string): Promise<RegionRow[]> =>
  db
    .selectFrom('region_notes')
    .selectAll()
    .where('evidence_id', '=', evidenceId)
    .where('removed_at', 'is', null)
    .orderBy('sequence')
    .execute();

export const findRegion = (db: Database, id: string): Promise<RegionRow | undefined> =>
  db.selectFrom('region_notes').selectAll().where('id', '=', id).executeTakeFirst();

export async function insertRegion(db: Database, row: Insertable<RegionNoteTable>): Promise<void> {
  await db.insertInto('region_notes').values(row).execute();
}

export async function updateRegion(
  db: Database,
  id: string,
  change: Updateable<RegionNoteTable>,
): Promise<void> {
  await db.updateTable('region_notes').set(change).where('id', '=', id).execute();
}

/** What a region has to lie within, and the case that has to be open. */
export const regionHolder = (
  db: Database,
  evidenceId: string,
): Promise<{ case_id: string; name: string; width: number; height: number } | undefined> =>
  db
    .selectFrom('evidence_items')
    .select(['case_id', 'name', 'width', 'height'])
    .where('id', '=', evidenceId)
    .executeTakeFirst();
