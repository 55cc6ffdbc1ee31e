/** Verdicts in the database: SQL only. */
import type { Insertable, Selectable, Transaction } from 'kysely';
import type { DerivedFileTable, VerdictTable, WorkspaceDatabase } from '#storage/schema.ts';
import type { Database } from '#storage/workspace.ts';

export type VerdictRow = Selectable<VerdictTable> & { model_sha256: string; model_name: string };

export class VerdictRepository {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** Adds a verdict with the labels of the files that were made for it. */
  async insert(
    transaction: Transaction<WorkspaceDatabase>,
    row: Insertable<VerdictTable>,
    derived: readonly Insertable<DerivedFileTable>[],
  ): Promise<void> {
    await transaction.insertInto('verdicts').values(row).execute();
    if (derived.length > 0) await transaction.insertInto('derived_files').values(derived).execute();
  }

  async find(id: string): Promise<VerdictRow | undefined> {
    return this.#verdicts().where('verdicts.id', '=', id).executeTakeFirst();
  }

  /** Of an item of evidence, newest first. */
  async ofEvidence(evidenceId: string): Promise<VerdictRow[]> {
    return this.#verdicts().where('evidence_id', '=', evidenceId).orderBy('sequence', 'desc').execute();
  }

  /** Newest first. */
  async list(page: { offset: number; limit: number }): Promise<VerdictRow[]> {
    return this.#verdicts().orderBy('sequence', 'desc').limit(page.limit).offset(page.offset).execute();
  }

  async count(): Promise<number> {
    const { count } = await this.#db
      .selectFrom('verdicts')
      .select((eb) => eb.fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow();
    return count;
  }

  /** Whether this program rendered the picture with these bytes. */
  async isRendered(sha256: string): Promise<boolean> {
    const row = await this.#db
      .selectFrom('pictures')
      .select('rendered')
      .where('sha256', '=', sha256)
      .executeTakeFirst();
    return row?.rendered === 1;
  }

  /** Where pictures of datasets came from, by their hashes. */
  async sourcesOf(hashes: readonly string[]): Promise<Map<string, string>> {
    const rows = await this.#db
      .selectFrom('dataset_items')
      .select(['sha256', 'source_path'])
      .where('sha256', 'in', hashes)
      .execute();
    return new Map(rows.map(({ sha256, source_path }) => [sha256, source_path]));
  }

  #verdicts() {
    return this.#db
      .selectFrom('verdicts')
      .innerJoin('models', 'models.id', 'verdicts.model_id')
      .selectAll('verdicts')
      .select(['models.sha256 as model_sha256', 'models.name as model_name']);
  }
}
