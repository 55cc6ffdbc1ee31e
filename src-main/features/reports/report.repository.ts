/** Reports in the database: SQL only. */
import type { Insertable, Selectable } from 'kysely';
import type { ReportTable } from '#storage/schema.ts';
import type { Database } from '#storage/workspace.ts';

export type WrittenReportRow = Selectable<ReportTable>;

/** Newest first. */
export async function reportsOfCase(db: Database, caseId: string): Promise<WrittenReportRow[]> {
  return db
    .selectFrom('reports')
    .selectAll()
    .where('case_id', '=', caseId)
    .orderBy('sequence', 'desc')
    .execute();
}

export async function findReport(db: Database, id: string): Promise<WrittenReportRow | undefined> {
  return db.selectFrom('reports').selectAll().where('id', '=', id).executeTakeFirst();
}

export async function insertReport(transaction: Database, row: Insertable<ReportTable>): Promise<void> {
  await transaction.insertInto('reports').values(row).execute();
}
