/** Whether a picture is evidence of a case, so that it must not enter a training set without a decision. */
import type { Database } from '#storage/workspace.ts';

/** Answers with the case in words, or null. */
export type EvidenceHolder = (sha256: string) => Promise<string | null>;

/** Looks in the cases of a workspace. */
export const evidenceHolderIn =
  (db: Database): EvidenceHolder =>
  async (sha256) => {
    const row = await db
      .selectFrom('evidence_items as item')
      .innerJoin('cases as holder', 'holder.id', 'item.case_id')
      .select(['holder.name', 'holder.number'])
      .where('item.sha256', '=', sha256)
      .limit(1)
      .executeTakeFirst();
    if (!row) return null;
    return row.number === '' ? `the case "${row.name}"` : `the case "${row.name}" (${row.number})`;
  };
