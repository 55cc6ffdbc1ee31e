/** Reviews in the database: SQL only. */
import type { Insertable, Selectable } from 'kysely';
import type { ReviewTable } from '#storage/schema.ts';
import type { Database } from '#storage/workspace.ts';

export type ReviewRow = Selectable<ReviewTable>;

/** In the order in which they were recorded. */
export async function reviewsOf(db: Database, evidenceId: string): Promise<ReviewRow[]> {
  return db
    .selectFrom('reviews')
    .selectAll()
    .where('evidence_id', '=', evidenceId)
    .orderBy('position')
    .execute();
}

export async function insertReview(transaction: Database, row: Insertable<ReviewTable>): Promise<void> {
  await transaction.insertInto('reviews').values(row).execute();
}

/** Opens those of the item that are sealed. */
export async function openReviews(transaction: Database, evidenceId: string, at: number): Promise<void> {
  await transaction
    .updateTable('reviews')
    .set({ opened_at: at })
    .where('evidence_id', '=', evidenceId)
    .where('opened_at', 'is', null)
    .execute();
}

/** The item that is reviewed, as far as a review needs it. */
export async function reviewedItem(
  db: Database,
  id: string,
): Promise<{ case_id: string; sha256: string } | undefined> {
  return db
    .selectFrom('evidence_items')
    .select(['case_id', 'sha256'])
    .where('id', '=', id)
    .executeTakeFirst();
}
