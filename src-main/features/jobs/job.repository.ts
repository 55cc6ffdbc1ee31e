/** Jobs in the database. */
import type { Database } from '#storage/workspace.ts';
import type { JobTable } from '#storage/schema.ts';
import type { Selectable, Updateable } from 'kysely';

export type JobRow = Omit<Selectable<JobTable>, 'sequence'>;

export class JobRepository {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  async insert(row: JobRow): Promise<void> {
    await this.#db.insertInto('jobs').values(row).execute();
  }

  async update(id: string, change: Updateable<JobTable>): Promise<void> {
    await this.#db.updateTable('jobs').set(change).where('id', '=', id).execute();
  }

  async find(id: string): Promise<JobRow | undefined> {
    return this.#db.selectFrom('jobs').selectAll().where('id', '=', id).executeTakeFirst();
  }

  /** Newest first. */
  async list(limit: number): Promise<JobRow[]> {
    return this.#db.selectFrom('jobs').selectAll().orderBy('sequence', 'desc').limit(limit).execute();
  }
}
