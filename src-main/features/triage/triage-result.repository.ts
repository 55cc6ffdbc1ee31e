/** Results of triage in the database, sorted into the piles of rules: SQL only. */
import { sql, type Insertable, type Selectable, type SqlBool } from 'kysely';
import type { TriageOrder, TriageRule } from '#contract/triage.ts';
import type { TriageResultTable } from '#storage/schema.ts';
import type { Database } from '#storage/workspace.ts';

export type TriageResultRow = Selectable<TriageResultTable> & { pile: string | null };

export async function insertResult(db: Database, row: Insertable<TriageResultTable>): Promise<void> {
  await db.insertInto('triage_results').values(row).execute();
}

/** What a rule asks of a row of results. */
function condition(rule: TriageRule) {
  const all = [
    ...(rule.verdict ? [sql<SqlBool>`verdict IN (${sql.join(rule.verdict)})`] : []),
    ...(rule.scoreFrom === undefined ? [] : [sql<SqlBool>`score >= ${rule.scoreFrom}`]),
    ...(rule.scoreTo === undefined ? [] : [sql<SqlBool>`score <= ${rule.scoreTo}`]),
    ...(rule.llrFrom === undefined ? [] : [sql<SqlBool>`llr >= ${rule.llrFrom}`]),
    ...(rule.llrTo === undefined ? [] : [sql<SqlBool>`llr <= ${rule.llrTo}`]),
    ...(rule.category === undefined ? [] : [sql<SqlBool>`category = ${rule.category}`]),
    ...(rule.camera === undefined ? [] : [sql<SqlBool>`instr(lower(camera), lower(${rule.camera})) > 0`]),
    ...(rule.takenFrom === undefined ? [] : [sql<SqlBool>`taken >= ${rule.takenFrom}`]),
    ...(rule.takenTo === undefined
      ? []
      : [sql<SqlBool>`substr(taken, 1, ${rule.takenTo.length}) <= ${rule.takenTo}`]),
  ];
  return all.length === 0 ? sql<SqlBool>`true` : sql<SqlBool>`(${sql.join(all, sql` AND `)})`;
}

function pileOf(rules: readonly TriageRule[]) {
  if (rules.length === 0) return sql<string | null>`NULL`;
  const cases = rules.map((rule) => sql`WHEN ${condition(rule)} THEN ${rule.pile}`);
  return sql<string | null>`CASE ${sql.join(cases, sql` `)} END`;
}

const orders = {
  judged: sql`sequence`,
  score: sql`score DESC, sequence`,
  category: sql`category, sequence`,
  camera: sql`camera, sequence`,
  taken: sql`taken, sequence`,
} as const satisfies Record<TriageOrder, unknown>;

const results = (db: Database, run: string, rules: readonly TriageRule[], pile: string | undefined) =>
  db
    .selectFrom((eb) =>
      eb
        .selectFrom('triage_results')
        .selectAll()
        .select(pileOf(rules).as('pile'))
        .where('run_id', '=', run)
        .as('sorted'),
    )
    .$if(pile !== undefined, (query) => query.where('pile', '=', pile!));

export const pageOfResults = (
  db: Database,
  run: string,
  options: {
    rules: readonly TriageRule[];
    pile?: string | undefined;
    order: TriageOrder;
    offset: number;
    limit: number;
  },
): Promise<TriageResultRow[]> =>
  results(db, run, options.rules, options.pile)
    .selectAll()
    .orderBy(orders[options.order])
    .offset(options.offset)
    .limit(options.limit)
    .execute();

/** The results after one, in the order in which they were judged. */
export const resultsAfter = (
  db: Database,
  run: string,
  rules: readonly TriageRule[],
  { after, limit }: { after: number; limit: number },
): Promise<TriageResultRow[]> =>
  results(db, run, rules, undefined)
    .selectAll()
    .where('sequence', '>', after)
    .orderBy('sequence')
    .limit(limit)
    .execute();

export async function countResults(
  db: Database,
  run: string,
  rules: readonly TriageRule[],
  pile: string | undefined,
): Promise<number> {
  const row = await results(db, run, rules, pile)
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow();
  return row.count;
}

/** The result of an item, which there is. */
export const resultOf = (
  db: Database,
  run: string,
  id: string,
  rules: readonly TriageRule[],
): Promise<TriageResultRow> =>
  results(db, run, rules, undefined).selectAll().where('id', '=', id).executeTakeFirstOrThrow();
