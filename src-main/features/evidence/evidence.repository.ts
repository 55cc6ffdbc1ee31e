/** Evidence and derived files in the database: SQL only. */
import type { Insertable, Selectable, Updateable } from 'kysely';
import type { EvidenceFilter, EvidenceOrder } from '#contract/evidence.ts';
import type { DerivedFileTable, EvidenceItemTable } from '#storage/schema.ts';
import type { Database } from '#storage/workspace.ts';
import { countFiltered, pageSequences } from './evidence-list.ts';

export type EvidenceRow = Selectable<EvidenceItemTable>;
export type NewEvidence = Insertable<EvidenceItemTable>;
export type DerivedRow = Selectable<DerivedFileTable>;
export type NewDerived = Insertable<DerivedFileTable>;
/** What an item's original is known by. */
export type HashRow = { sequence: number; case_id: string; perceptual_hash: string };

/** SQLite takes some 32,000 parameters in one statement. */
const rowsAtOnce = 500;

export class EvidenceRepository {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  async page(
    caseId: string,
    filter: EvidenceFilter,
    order: EvidenceOrder,
    page: { offset: number; limit: number },
  ): Promise<EvidenceRow[]> {
    return this.bySequence(await pageSequences(this.#db, caseId, filter, order, page));
  }

  async count(caseId: string, filter: EvidenceFilter): Promise<number> {
    return countFiltered(this.#db, caseId, filter);
  }

  /** In the order of `sequences`. */
  async bySequence(sequences: readonly number[]): Promise<EvidenceRow[]> {
    const rows = await this.#db
      .selectFrom('evidence_items')
      .selectAll()
      .where('sequence', 'in', sequences)
      .execute();
    const found = new Map(rows.map((row) => [row.sequence, row]));
    return sequences.flatMap((sequence) => found.get(sequence) ?? []);
  }

  async find(id: string): Promise<EvidenceRow | undefined> {
    return this.#db.selectFrom('evidence_items').selectAll().where('id', '=', id).executeTakeFirst();
  }

  /** One item with these bytes, of any case; one by copy where there is one. */
  async findByHash(sha256: string): Promise<EvidenceRow | undefined> {
    return this.#db
      .selectFrom('evidence_items')
      .selectAll()
      .where('sha256', '=', sha256)
      .orderBy('storage')
      .limit(1)
      .executeTakeFirst();
  }

  /** The items of a case, or those of `ids` in it, a few hundred at a time in the order in which they were taken in. */
  async *each(caseId: string, ids?: readonly string[]): AsyncGenerator<EvidenceRow> {
    if (ids !== undefined) {
      for (const id of ids) {
        const row = await this.find(id);
        if (row?.case_id === caseId) yield row;
      }
      return;
    }
    for (let last = 0; ;) {
      const rows = await this.#db
        .selectFrom('evidence_items')
        .selectAll()
        .where('case_id', '=', caseId)
        .where('sequence', '>', last)
        .orderBy('sequence')
        .limit(rowsAtOnce)
        .execute();
      yield* rows;
      if (rows.length < rowsAtOnce) return;
      last = rows.at(-1)!.sequence;
    }
  }

  /** The items of a case with one of these hashes, by hash. */
  async byHash(
    transaction: Database,
    caseId: string,
    hashes: readonly string[],
  ): Promise<Map<string, EvidenceRow>> {
    const rows = await transaction
      .selectFrom('evidence_items')
      .selectAll()
      .where('case_id', '=', caseId)
      .where('sha256', 'in', hashes)
      .execute();
    return new Map(rows.map((row) => [row.sha256, row]));
  }

  async derived(evidenceId: string): Promise<DerivedRow[]> {
    return this.#db
      .selectFrom('derived_files')
      .selectAll()
      .where('evidence_id', '=', evidenceId)
      .orderBy('sequence')
      .execute();
  }

  /** What was taken in after the item numbered `sequence`. */
  async hashesAfter(sequence: number): Promise<HashRow[]> {
    return this.#db
      .selectFrom('evidence_items')
      .select(['sequence', 'case_id', 'perceptual_hash'])
      .where('sequence', '>', sequence)
      .orderBy('sequence')
      .execute();
  }

  async insert(
    transaction: Database,
    items: readonly NewEvidence[],
    derived: readonly NewDerived[],
  ): Promise<void> {
    for (let at = 0; at < items.length; at += rowsAtOnce)
      await transaction
        .insertInto('evidence_items')
        .values(items.slice(at, at + rowsAtOnce))
        .execute();
    for (let at = 0; at < derived.length; at += rowsAtOnce)
      await transaction
        .insertInto('derived_files')
        .values(derived.slice(at, at + rowsAtOnce))
        .execute();
  }

  async update(transaction: Database, id: string, change: Updateable<EvidenceItemTable>): Promise<void> {
    await transaction.updateTable('evidence_items').set(change).where('id', '=', id).execute();
  }
}
