/** Models in the database: SQL only. */
import type { Insertable, Selectable, Transaction } from 'kysely';
import type { ModelTable, WorkspaceDatabase } from '#storage/schema.ts';
import type { Database } from '#storage/workspace.ts';

export type ModelRow = Selectable<ModelTable>;

export class ModelRepository {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** Newest first. */
  async list(): Promise<ModelRow[]> {
    return this.#db
      .selectFrom('models')
      .selectAll()
      .orderBy('created_at', 'desc')
      .orderBy('id', 'desc')
      .execute();
  }

  async find(id: string): Promise<ModelRow | undefined> {
    return this.#db.selectFrom('models').selectAll().where('id', '=', id).executeTakeFirst();
  }

  async current(): Promise<ModelRow | undefined> {
    return this.#db.selectFrom('models').selectAll().where('is_current', '=', 1).executeTakeFirst();
  }

  async byHash(sha256: string): Promise<ModelRow | undefined> {
    return this.#db.selectFrom('models').selectAll().where('sha256', '=', sha256).executeTakeFirst();
  }

  /** The newest model of a run. */
  async byRun(runId: string): Promise<ModelRow | undefined> {
    return this.#db
      .selectFrom('models')
      .selectAll()
      .where('run_id', '=', runId)
      .orderBy('created_at', 'desc')
      .limit(1)
      .executeTakeFirst();
  }

  /** Adds a model; it becomes the current one where there is none. Answers whether it did. */
  async insert(
    transaction: Transaction<WorkspaceDatabase>,
    row: Omit<Insertable<ModelTable>, 'is_current'>,
  ): Promise<boolean> {
    const current = await transaction
      .selectFrom('models')
      .select('id')
      .where('is_current', '=', 1)
      .executeTakeFirst();
    await transaction
      .insertInto('models')
      .values({ ...row, is_current: current ? 0 : 1 })
      .execute();
    return !current;
  }

  async makeCurrent(transaction: Transaction<WorkspaceDatabase>, id: string): Promise<void> {
    await transaction.updateTable('models').set({ is_current: 0 }).where('is_current', '=', 1).execute();
    await transaction.updateTable('models').set({ is_current: 1 }).where('id', '=', id).execute();
  }
}
