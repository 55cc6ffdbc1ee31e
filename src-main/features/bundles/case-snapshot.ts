/**
 * A case as it is at one moment, read through a connection of its own, so that a bundle agrees with itself however long
 * it takes to write and whatever is taken in meanwhile.
 */
import type { Sqlite } from '#storage/better-sqlite.ts';
import { toAuditEntry } from '#storage/audit-log.ts';
import type { AuditLogTable } from '#storage/schema.ts';
import type { BundleRow } from './bundle-layout.ts';

const ofCase = `FROM evidence_items WHERE case_id = :case`;

export class CaseSnapshot {
  readonly #sqlite: Sqlite;
  readonly #case: string;

  /** @param sqlite in a read transaction */
  constructor(sqlite: Sqlite, caseId: string) {
    this.#sqlite = sqlite;
    this.#case = caseId;
  }

  case(): BundleRow<'case'> {
    return [...this.#rows<BundleRow<'case'>>('SELECT * FROM cases WHERE id = :case')][0]!;
  }

  evidence(): Iterable<BundleRow<'evidence'>> {
    return this.#rows(`SELECT * ${ofCase} ORDER BY sequence`);
  }

  derived(): Iterable<BundleRow<'derived'>> {
    return this.#rows('SELECT * FROM derived_files WHERE case_id = :case ORDER BY sequence');
  }

  verdicts(): Iterable<BundleRow<'verdicts'>> {
    return this.#rows(
      `SELECT * FROM verdicts WHERE evidence_id IN (SELECT id ${ofCase}) ORDER BY verdicts.sequence`,
    );
  }

  analyses(): Iterable<BundleRow<'analyses'>> {
    return this.#rows(
      `SELECT * FROM analyses WHERE evidence_id IN (SELECT id ${ofCase}) ORDER BY analyses.sequence`,
    );
  }

  /** Those that are open: what a sealed one concludes is given out to nobody. */
  reviews(): Iterable<BundleRow<'reviews'>> {
    return this.#rows(
      `SELECT * FROM reviews WHERE opened_at IS NOT NULL AND evidence_id IN (SELECT id ${ofCase})
       ORDER BY reviews.sequence`,
    );
  }

  models(): Iterable<BundleRow<'models'>> {
    return this.#rows(
      `SELECT * FROM models WHERE id IN
       (SELECT model_id FROM verdicts WHERE evidence_id IN (SELECT id ${ofCase})) ORDER BY created_at, id`,
    );
  }

  /** The row of a blob. */
  file(hash: string): BundleRow<'files'> | undefined {
    return this.#sqlite
      .prepare<[string], BundleRow<'files'>>('SELECT hash, bytes, media_type, kind FROM blobs WHERE hash = ?')
      .get(hash);
  }

  *audit(): Iterable<BundleRow<'audit'>> {
    const rows = this.#rows<AuditLogTable>(
      `SELECT * FROM audit_log WHERE
         (subject_kind = 'case' AND subject_id = :case)
         OR (subject_kind = 'evidence' AND subject_id IN (SELECT id ${ofCase}))
         OR (subject_kind = 'verdict' AND subject_id IN
           (SELECT id FROM verdicts WHERE evidence_id IN (SELECT id ${ofCase})))
         OR (subject_kind = 'analysis' AND subject_id IN
           (SELECT id FROM analyses WHERE evidence_id IN (SELECT id ${ofCase})))
       ORDER BY sequence`,
      false,
    );
    for (const row of rows) yield toAuditEntry(row);
  }

  *#rows<T>(query: string, unnumbered = true): Generator<T> {
    for (const row of this.#sqlite
      .prepare<{ case: string }, Record<string, unknown>>(query)
      .iterate({ case: this.#case })) {
      if (unnumbered) delete row['sequence'];
      yield row as T;
    }
  }
}
