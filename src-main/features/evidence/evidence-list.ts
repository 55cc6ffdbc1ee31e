/**
 * Pages of a case's items. A page is found in one index, which holds all that is sorted by and filtered for, so that the
 * rows themselves are read only for the items that it shows; counting does the same. `INDEXED BY` says which index,
 * because SQLite would otherwise take one that fits a filter and sort what it finds.
 */
import { sql, type RawBuilder } from 'kysely';
import type { EvidenceFilter, EvidenceOrder, EvidenceSort } from '#contract/evidence.ts';
import type { Database } from '#storage/workspace.ts';
import { searchable } from './evidence-mapping.ts';

/** The index of each order, and the columns that it is in order of. */
const orders: Record<EvidenceSort, { index: string; columns: readonly string[] }> = {
  taken: { index: 'evidence_by_time', columns: ['sequence'] },
  name: { index: 'evidence_by_name', columns: ['name_key', 'sequence'] },
  bytes: { index: 'evidence_by_bytes', columns: ['bytes', 'sequence'] },
  pixels: { index: 'evidence_by_pixels', columns: ['pixels', 'sequence'] },
  score: { index: 'evidence_by_score', columns: ['score', 'sequence'] },
  state: { index: 'evidence_by_state', columns: ['state', 'verdict', 'sequence'] },
};

type Page = { offset: number; limit: number };

/** The query of a page's sequences, in order. */
export function pageQuery(
  caseId: string,
  filter: EvidenceFilter,
  { sort, descending }: EvidenceOrder,
  { offset, limit }: Page,
): RawBuilder<{ sequence: number }> {
  const { index, columns } = orders[sort];
  const order = columns.map((column) => sql`${sql.ref(column)} ${sql.raw(descending ? 'DESC' : 'ASC')}`);
  return sql`SELECT sequence FROM evidence_items INDEXED BY ${sql.ref(index)}
    WHERE ${conditions(caseId, filter)} ORDER BY ${sql.join(order)} LIMIT ${limit} OFFSET ${offset}`;
}

/** The query of how many items a filter leaves. */
export function countQuery(caseId: string, filter: EvidenceFilter): RawBuilder<{ count: number }> {
  // The narrowest index that holds all that is filtered for.
  const index = filter.text === undefined ? 'evidence_counts' : 'evidence_by_time';
  return sql`SELECT count(*) AS count FROM evidence_items INDEXED BY ${sql.ref(index)}
    WHERE ${conditions(caseId, filter)}`;
}

export async function pageSequences(
  db: Database,
  ...of: Parameters<typeof pageQuery>
): Promise<readonly number[]> {
  return (await pageQuery(...of).execute(db)).rows.map((row) => row.sequence);
}

export async function countFiltered(db: Database, ...of: Parameters<typeof countQuery>): Promise<number> {
  return (await countQuery(...of).execute(db)).rows[0]?.count ?? 0;
}

/** The pluses keep SQLite from looking the filters up in another index than the one that is named. */
function conditions(
  caseId: string,
  { state, verdict, format, tag, text }: EvidenceFilter,
): RawBuilder<unknown> {
  const all = [sql`case_id = ${caseId}`];
  if (state !== undefined) all.push(sql`+state = ${state}`);
  if (verdict === 'none') all.push(sql`+verdict IS NULL`);
  else if (verdict !== undefined) all.push(sql`+verdict = ${verdict}`);
  if (format !== undefined) all.push(sql`+format = ${format}`);
  // A tag holds no quotes, so that it stands in the JSON of a list between quotes exactly where it is one of them.
  if (tag !== undefined) all.push(sql`instr(tags, ${JSON.stringify(tag)}) > 0`);
  const words = searchable(text ?? '').trim();
  if (/^[0-9a-f]{64}$/.test(words))
    all.push(sql`+sequence IN (SELECT sequence FROM evidence_items WHERE sha256 = ${words})`);
  else if (words !== '')
    for (const word of words.split(/\s+/)) all.push(sql`instr(search_text, ${word}) > 0`);
  return sql.join(all, sql` AND `);
}
