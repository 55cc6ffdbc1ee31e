/** Entries of the audit log as they are read: SQL only. What writes them is storage/audit-log.ts. */
import { sql, type Selectable, type SqlBool } from 'kysely';
import type { AuditQuery } from '#contract/audit.ts';
import type { AuditLogTable } from '#storage/schema.ts';
import type { Database } from '#storage/workspace.ts';

type Filter = Pick<AuditQuery, 'kind' | 'text'>;

const entries = (db: Database, { kind, text }: Filter) => {
  const sought = text?.trim().toLowerCase() ?? '';
  const columns = ['action', 'examiner', 'subject_id', 'payload'] as const;
  return db
    .selectFrom('audit_log')
    .$if(kind !== undefined, (query) => query.where('subject_kind', '=', kind!))
    .$if(sought !== '', (query) =>
      query.where((eb) =>
        eb.or(columns.map((column) => sql<SqlBool>`instr(lower(${sql.ref(column)}), ${sought}) > 0`)),
      ),
    );
};

/** Newest first. */
export const pageOfEntries = (
  db: Database,
  { offset, limit, ...filter }: AuditQuery,
): Promise<Selectable<AuditLogTable>[]> =>
  entries(db, filter).selectAll().orderBy('sequence', 'desc').offset(offset).limit(limit).execute();

export async function countEntries(db: Database, filter: Filter): Promise<number> {
  const { count } = await entries(db, filter)
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow();
  return count;
}

export const findEntry = (db: Database, sequence: number): Promise<Selectable<AuditLogTable> | undefined> =>
  db.selectFrom('audit_log').selectAll().where('sequence', '=', sequence).executeTakeFirst();
