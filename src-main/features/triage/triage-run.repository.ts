/** Runs of triage in the database: SQL only. */
import type { Insertable, Selectable } from 'kysely';
import type { TriageRunTable } from '#storage/schema.ts';
import type { Database } from '#storage/workspace.ts';

export type TriageRunRow = Selectable<TriageRunTable> & { model_name: string; model_sha256: string };

export async function insertRun(db: Database, row: Insertable<TriageRunTable>): Promise<void> {
  await db.insertInto('triage_runs').values(row).execute();
}

const runs = (db: Database) =>
  db
    .selectFrom('triage_runs')
    .innerJoin('models', 'models.id', 'triage_runs.model_id')
    .selectAll('triage_runs')
    .select(['models.name as model_name', 'models.sha256 as model_sha256']);

/** Newest first. */
export const listRuns = (db: Database): Promise<TriageRunRow[]> =>
  runs(db).orderBy('triage_runs.sequence', 'desc').execute();

export const findRun = (db: Database, id: string): Promise<TriageRunRow | undefined> =>
  runs(db).where('triage_runs.id', '=', id).executeTakeFirst();

export async function updateRun(
  db: Database,
  id: string,
  change: { rules?: string; listed?: 1; folders?: string },
): Promise<void> {
  await db.updateTable('triage_runs').set(change).where('id', '=', id).execute();
}
