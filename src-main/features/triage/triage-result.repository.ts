/** Results of triage in the database, sorted into the piles of rules: SQL only. */
import { sql, type Insertable, type Selectable, type SqlBool } from 'kysely';
import type { TriageOrder, TriageQuery, TriageRule, TriageSummary } from '#contract/triage.ts';
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

/** Which results are asked for; all of the run where nothing is said. */
export type ResultFilter = Pick<TriageQuery, 'pile' | 'verdict' | 'category'>;

const results = (
  db: Database,
  run: string,
  rules: readonly TriageRule[],
  { pile, verdict, category }: ResultFilter = {},
) =>
  db
    .selectFrom((eb) =>
      eb
        .selectFrom('triage_results')
        .selectAll()
        .select(pileOf(rules).as('pile'))
        .where('run_id', '=', run)
        .$if(verdict !== undefined, (query) => query.where('verdict', '=', verdict!))
        .$if(category !== undefined, (query) => query.where('category', '=', category!))
        .as('sorted'),
    )
    .$if(pile !== undefined, (query) => query.where('pile', '=', pile!));

export const pageOfResults = (
  db: Database,
  run: string,
  options: {
    rules: readonly TriageRule[];
    filter: ResultFilter;
    order: TriageOrder;
    offset: number;
    limit: number;
  },
): Promise<TriageResultRow[]> =>
  results(db, run, options.rules, options.filter)
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
  results(db, run, rules)
    .selectAll()
    .where('sequence', '>', after)
    .orderBy('sequence')
    .limit(limit)
    .execute();

export async function countResults(
  db: Database,
  run: string,
  rules: readonly TriageRule[],
  filter: ResultFilter,
): Promise<number> {
  const row = await results(db, run, rules, filter)
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
  results(db, run, rules).selectAll().where('id', '=', id).executeTakeFirstOrThrow();

/** Categories by their names, the first 500. */
export async function summariseResults(db: Database, run: string): Promise<TriageSummary> {
  const verdicts = await db
    .selectFrom('triage_results')
    .select(['verdict', (eb) => eb.fn.countAll<number>().as('count')])
    .where('run_id', '=', run)
    .groupBy('verdict')
    .execute();
  const categories = await db
    .selectFrom('triage_results')
    .select(['category as name', (eb) => eb.fn.countAll<number>().as('count')])
    .where('run_id', '=', run)
    .groupBy('category')
    .orderBy('category')
    .limit(500)
    .execute();
  const none = { real: 0, simulated: 0, inconclusive: 0 };
  return {
    verdicts: { ...none, ...Object.fromEntries(verdicts.map((one) => [one.verdict, one.count])) },
    categories,
  };
}

/** Paths of results of a run, by their ids; those of other runs are left out. */
export async function pathsOf(db: Database, run: string, ids: readonly string[]): Promise<string[]> {
  const rows = await db
    .selectFrom('triage_results')
    .select('path')
    .where('run_id', '=', run)
    .where(sql<SqlBool>`id IN (SELECT value FROM json_each(${JSON.stringify(ids)}))`)
    .orderBy('sequence')
    .execute();
  return rows.map((row) => row.path);
}
