/**
 * Reviews by examiners. The first of an item stays sealed until a second examiner has recorded theirs: its conclusion is in no
 * answer of this service, whoever asks, and neither is it in the audit log, which holds a salted digest of the row until
 * then. The workspace's own word for who works here tells one examiner from another; it has no passwords.
 */
import { randomBytes } from 'node:crypto';
import type { Transaction } from 'kysely';
import { AppError } from '#contract/errors.ts';
import type { NewReview, Review } from '#contract/review.ts';
import type { CaseService } from '#features/cases/case.service.ts';
import { newId } from '#storage/new-id.ts';
import type { WorkspaceDatabase } from '#storage/schema.ts';
import type { Workspace } from '#storage/workspace.ts';
import { insertReview, openReviews, reviewedItem, reviewsOf, type ReviewRow } from './review.repository.ts';

type Writing = Transaction<WorkspaceDatabase>;

export class ReviewService {
  readonly #workspace: Workspace;
  readonly #cases: CaseService;

  constructor(dependencies: { workspace: Workspace; cases: CaseService }) {
    this.#workspace = dependencies.workspace;
    this.#cases = dependencies.cases;
  }

  /** In the order in which they were recorded. Errors: `not_found`. */
  async ofEvidence(evidenceId: string): Promise<Review[]> {
    await this.#item(evidenceId);
    return (await reviewsOf(this.#workspace.db, evidenceId)).map(toReview);
  }

  /**
   * Records what the workspace's examiner concludes. Where a sealed review of another examiner waits, both are opened.
   * Errors: `not_found`, `case_not_open`, `review_exists` where this examiner has recorded one on the item.
   */
  async record({ evidence, verdict, reasons }: NewReview): Promise<Review> {
    const { sha256 } = await this.#openItem(evidence);
    const { db, audit } = this.#workspace;
    const id = newId();
    await db.transaction().execute(async (transaction) => {
      const before = await reviewsOf(transaction, evidence);
      const examiner = audit.examiner();
      const examiner_key = keyOf(examiner);
      if (before.some((row) => row.examiner_key === examiner_key))
        throw new AppError('review_exists', `${examiner} has recorded a review of this picture already.`);
      const [position, created_at] = [before.length + 1, Date.now()];
      const blind = before.every((row) => row.opened_at === null);
      const salt = randomBytes(32).toString('hex');
      await insertReview(transaction, {
        ...{ id, evidence_id: evidence, sha256, examiner, examiner_key, position, verdict, reasons },
        ...{ blind: blind ? 1 : 0, salt, created_at, opened_at: null },
      });
      audit.record(transaction, {
        action: 'review.recorded',
        subject: { kind: 'evidence', id: evidence },
        payload: { review: id, sha256, position, blind },
        seal: [{ table: 'reviews', id }],
      });
      if (position > 1) await this.#open(transaction, evidence, 'another examiner has recorded theirs');
    });
    return (await this.ofEvidence(evidence)).find((one) => one.id === id)!;
  }

  /**
   * Opens the sealed review of an item without a second one.
   * Errors: `not_found`, `case_not_open`, `invalid_input` where none is sealed.
   */
  async open(evidenceId: string, reason: string): Promise<Review[]> {
    await this.#openItem(evidenceId);
    await this.#workspace.db.transaction().execute(async (transaction) => {
      const rows = await reviewsOf(transaction, evidenceId);
      if (!rows.some((row) => row.opened_at === null))
        throw new AppError('invalid_input', 'No review of this picture is sealed.');
      await this.#open(transaction, evidenceId, reason);
    });
    return this.ofEvidence(evidenceId);
  }

  async #open(transaction: Writing, evidenceId: string, reason: string): Promise<void> {
    await openReviews(transaction, evidenceId, Date.now());
    const rows = await reviewsOf(transaction, evidenceId);
    const conclusions = rows.map(({ id, examiner, verdict }) => ({ review: id, examiner, verdict }));
    this.#workspace.audit.record(transaction, {
      action: 'review.opened',
      subject: { kind: 'evidence', id: evidenceId },
      payload: { reason, conclusions, agreed: rows.length > 1 ? agreed(rows) : null },
      seal: rows.map(({ id }) => ({ table: 'reviews' as const, id })),
    });
  }

  async #item(id: string): Promise<{ case_id: string; sha256: string }> {
    const found = await reviewedItem(this.#workspace.db, id);
    if (!found) throw new AppError('not_found', `There is no item of evidence ${id}.`);
    return found;
  }

  async #openItem(id: string): Promise<{ sha256: string }> {
    const found = await this.#item(id);
    await this.#cases.findOpen(found.case_id);
    return found;
  }
}

const keyOf = (examiner: string): string =>
  examiner.normalize('NFKC').toLowerCase().replaceAll(/\s+/g, ' ').trim();
const agreed = (rows: readonly ReviewRow[]): boolean =>
  rows.every(({ verdict }) => verdict === rows[0]!.verdict);

export const toReview = (row: ReviewRow): Review => ({
  id: row.id,
  evidence: row.evidence_id,
  sha256: row.sha256,
  examiner: row.examiner,
  position: row.position,
  blind: row.blind === 1,
  createdAt: row.created_at,
  openedAt: row.opened_at,
  conclusion: row.opened_at === null ? null : { verdict: row.verdict, reasons: row.reasons },
});
