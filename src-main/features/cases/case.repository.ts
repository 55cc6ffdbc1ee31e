/** Cases in the database: SQL only. */
import {
  sql,
  type Expression,
  type Insertable,
  type Selectable,
  type SqlBool,
  type Updateable,
} from 'kysely';
import type { CaseFilter } from '#contract/case.ts';
import type { EvidenceState } from '#contract/evidence.ts';
import type { VerdictLabel } from '#contract/detection.ts';
import type { CaseTable } from '#storage/schema.ts';
import type { Database } from '#storage/workspace.ts';

export type CaseRow = Selectable<CaseTable>;

export class CaseRepository {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  /** The latest changed first. */
  async list(filter: CaseFilter, page: { offset: number; limit: number }): Promise<CaseRow[]> {
    return this.#db
      .selectFrom('cases')
      .selectAll()
      .where((where) => where.and(conditions(filter)))
      .orderBy('updated_at', 'desc')
      .orderBy('id', 'desc')
      .limit(page.limit)
      .offset(page.offset)
      .execute();
  }

  async count(filter: CaseFilter): Promise<number> {
    const { count } = await this.#db
      .selectFrom('cases')
      .select((of) => of.fn.countAll<number>().as('count'))
      .where((where) => where.and(conditions(filter)))
      .executeTakeFirstOrThrow();
    return count;
  }

  /** By id or, where there is no such id, by name. */
  async find(reference: string): Promise<CaseRow | undefined> {
    const rows = await this.#db
      .selectFrom('cases')
      .selectAll()
      .where((where) => where.or([where('id', '=', reference), where('name', '=', reference)]))
      .execute();
    return rows.find((row) => row.id === reference) ?? rows[0];
  }

  async byIds(ids: readonly string[]): Promise<CaseRow[]> {
    return this.#db.selectFrom('cases').selectAll().where('id', 'in', ids).execute();
  }

  /** How many items it has in each state with each verdict. */
  async counts(
    caseId: string,
  ): Promise<{ state: EvidenceState; verdict: VerdictLabel | null; count: number }[]> {
    return this.#db
      .selectFrom('evidence_items')
      .select(['state', 'verdict', (of) => of.fn.countAll<number>().as('count')])
      .where('case_id', '=', caseId)
      .groupBy(['state', 'verdict'])
      .execute();
  }

  /** The different lists of tags that its items bear, as JSON. */
  async itemTags(caseId: string): Promise<string[]> {
    const { rows } = await sql<{ tags: string }>`
      SELECT DISTINCT tags FROM evidence_items INDEXED BY evidence_counts WHERE case_id = ${caseId}`.execute(
      this.#db,
    );
    return rows.map((row) => row.tags);
  }

  async insert(transaction: Database, row: Insertable<CaseTable>): Promise<void> {
    await transaction.insertInto('cases').values(row).execute();
  }

  async update(transaction: Database, id: string, change: Updateable<CaseTable>): Promise<void> {
    await transaction.updateTable('cases').set(change).where('id', '=', id).execute();
  }
}

function conditions({ status, tag, text }: CaseFilter): Expression<SqlBool>[] {
  const all: Expression<SqlBool>[] = [];
  if (status !== undefined) all.push(sql<SqlBool>`status = ${status}`);
  if (tag !== undefined) all.push(sql<SqlBool>`instr(tags, ${JSON.stringify(tag)}) > 0`);
  if (text !== undefined && text !== '')
    for (const word of text.trim().split(/\s+/))
      all.push(sql<SqlBool>`instr(lower(name || ' ' || number || ' ' || examiner || ' ' || notes),
        lower(${word})) > 0`);
  return all;
}
