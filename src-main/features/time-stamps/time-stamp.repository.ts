/** Time stamps in the database: SQL only. */
import type { Selectable } from 'kysely';
import type { AuditLogTable, TimeStampTable } from '#storage/schema.ts';
import type { Database } from '#storage/workspace.ts';

export type TimeStampRow = Selectable<TimeStampTable>;

export class TimeStampRepository {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  async list(): Promise<TimeStampRow[]> {
    return this.#db.selectFrom('time_stamps').selectAll().orderBy('entry').orderBy('id').execute();
  }

  async ofToken(token: string): Promise<TimeStampRow | undefined> {
    return this.#db.selectFrom('time_stamps').selectAll().where('token', '=', token).executeTakeFirst();
  }

  async entryOfHash(hash: string): Promise<AuditLogTable | undefined> {
    return this.#db.selectFrom('audit_log').selectAll().where('hash', '=', hash).executeTakeFirst();
  }

  /** Adds it, or gives the one that is there its trusted certificates. */
  async put(transaction: Database, row: TimeStampRow): Promise<void> {
    await transaction
      .insertInto('time_stamps')
      .values(row)
      .onConflict((conflict) => conflict.column('id').doUpdateSet({ trust: row.trust }))
      .execute();
  }
}
