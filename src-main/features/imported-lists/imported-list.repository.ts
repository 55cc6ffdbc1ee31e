/** Imported lists in the database: SQL only. */
import type { Selectable, Transaction } from 'kysely';
import type { ImportedListTable, WorkspaceDatabase } from '#storage/schema.ts';
import type { Database } from '#storage/workspace.ts';

export type ImportedListRow = Selectable<ImportedListTable>;

export class ImportedListRepository {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  async list(): Promise<ImportedListRow[]> {
    return this.#db.selectFrom('imported_lists').selectAll().orderBy('imported_at').orderBy('id').execute();
  }

  async named(name: string): Promise<ImportedListRow | undefined> {
    return this.#db.selectFrom('imported_lists').selectAll().where('name', '=', name).executeTakeFirst();
  }

  async find(id: string): Promise<ImportedListRow | undefined> {
    return this.#db.selectFrom('imported_lists').selectAll().where('id', '=', id).executeTakeFirst();
  }

  async delete(transaction: Transaction<WorkspaceDatabase>, id: string): Promise<void> {
    await transaction.deleteFrom('imported_lists').where('id', '=', id).execute();
  }

  async insert(transaction: Transaction<WorkspaceDatabase>, row: ImportedListRow): Promise<void> {
    await transaction.insertInto('imported_lists').values(row).execute();
  }
}
