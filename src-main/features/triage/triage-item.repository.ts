/** What waits in runs of triage, what was judged and what failed, in the database: SQL only. */
import { sql, type Insertable, type Selectable, type SqlBool } from 'kysely';
import type { TriageItemTable } from '#storage/schema.ts';
import type { Database } from '#storage/workspace.ts';

export type TriageItemRow = Selectable<TriageItemTable>;
export type TriageCounts = Record<TriageItemTable['state'], number>;

export async function countItems(db: Database, run: string): Promise<TriageCounts> {
  const rows = await db
    .selectFrom('triage_items')
    .select(['state', (eb) => eb.fn.countAll<number>().as('count')])
    .where('run_id', '=', run)
    .groupBy('state')
    .execute();
  return { waiting: 0, judged: 0, failed: 0, ...Object.fromEntries(rows.map((r) => [r.state, r.count])) };
}

/** Paths that the run has already are left as they are. */
export async function insertItems(db: Database, rows: Insertable<TriageItemTable>[]): Promise<void> {
  await db
    .insertInto('triage_items')
    .values(rows)
    .onConflict((conflict) => conflict.columns(['run_id', 'path']).doNothing())
    .execute();
}

/** The next that waits, apart from those under way. */
export const nextItem = (
  db: Database,
  run: string,
  underWay: readonly string[],
): Promise<TriageItemRow | undefined> =>
  db
    .selectFrom('triage_items')
    .selectAll()
    .where('run_id', '=', run)
    .where('state', '=', 'waiting')
    .$if(underWay.length > 0, (query) => query.where('id', 'not in', underWay))
    .orderBy('priority', 'desc')
    .orderBy('sequence')
    .limit(1)
    .executeTakeFirst();

/** Ends the waiting of an item; false where it does not wait any more. */
export async function settleItem(
  db: Database,
  id: string,
  change: { state: 'judged' } | { state: 'failed'; error: string },
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('triage_items')
    .set(change)
    .where('id', '=', id)
    .where('state', '=', 'waiting')
    .executeTakeFirstOrThrow();
  return numUpdatedRows === 1n;
}

/** Of what waits at or below a path. */
export async function changePriority(
  db: Database,
  run: string,
  folder: string,
  separator: string,
  priority: number,
): Promise<void> {
  const below = folder.endsWith(separator) ? folder : `${folder}${separator}`;
  await db
    .updateTable('triage_items')
    .set({ priority })
    .where('run_id', '=', run)
    .where('state', '=', 'waiting')
    .where((eb) =>
      eb.or([eb('path', '=', folder), sql<SqlBool>`substr(path, 1, ${below.length}) = ${below}`]),
    )
    .execute();
}

export async function retryFailures(db: Database, run: string): Promise<void> {
  await db
    .updateTable('triage_items')
    .set({ state: 'waiting', error: null })
    .where('run_id', '=', run)
    .where('state', '=', 'failed')
    .execute();
}

/** The failures after an item, in their order. */
export const failuresAfter = (
  db: Database,
  run: string,
  { after = 0, offset = 0, limit }: { after?: number; offset?: number; limit: number },
): Promise<TriageItemRow[]> =>
  db
    .selectFrom('triage_items')
    .selectAll()
    .where('run_id', '=', run)
    .where('state', '=', 'failed')
    .where('sequence', '>', after)
    .orderBy('sequence')
    .offset(offset)
    .limit(limit)
    .execute();
