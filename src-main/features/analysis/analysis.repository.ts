/** Results of analyses in the database: SQL only. */
import { sql, type Insertable, type Selectable, type Transaction } from 'kysely';
import type { AnalysisTable, DerivedFileTable, WorkspaceDatabase } from '#storage/schema.ts';
import type { Database } from '#storage/workspace.ts';

export type AnalysisRow = Selectable<AnalysisTable>;
export type NewAnalysis = Insertable<AnalysisTable>;

export class AnalysisRepository {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** Adds results with the labels of the files that were made for them. */
  async insert(
    transaction: Transaction<WorkspaceDatabase>,
    rows: readonly NewAnalysis[],
    derived: readonly Insertable<DerivedFileTable>[],
  ): Promise<void> {
    await transaction.insertInto('analyses').values(rows).execute();
    if (derived.length > 0) await transaction.insertInto('derived_files').values(derived).execute();
  }

  async find(id: string): Promise<AnalysisRow | undefined> {
    return this.#db.selectFrom('analyses').selectAll().where('id', '=', id).executeTakeFirst();
  }

  /** The latest of each analysis on an item. */
  async latestOfEvidence(evidenceId: string): Promise<AnalysisRow[]> {
    const latest = this.#db
      .selectFrom('analyses')
      .select((of) => of.fn.max('sequence').as('sequence'))
      .where('evidence_id', '=', evidenceId)
      .groupBy('name');
    return this.#db.selectFrom('analyses').selectAll().where('sequence', 'in', latest).execute();
  }

  /** The parameters with which each analysis ran last on evidence of a case, as JSON by name. */
  async lastParameters(caseId: string): Promise<{ name: string; parameters: string }[]> {
    const { rows } = await sql<{ name: string; parameters: string }>`
      SELECT name, parameters, max(sequence) FROM analyses
      WHERE evidence_id IN (SELECT id FROM evidence_items WHERE case_id = ${caseId}) AND state = 'ran'
      GROUP BY name`.execute(this.#db);
    return rows.map(({ name, parameters }) => ({ name, parameters }));
  }
}
