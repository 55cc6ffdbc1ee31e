/** Triage in the database: SQL only. */
import { sql, type Insertable, type Selectable, type SqlBool } from 'kysely';
import type { TriageOrder, TriageRule } from '#contract/triage.ts';
import type { TriageItemTable, TriageResultTable, TriageRunTable } from '#storage/schema.ts';
import type { Database } from '#storage/workspace.ts';

export type TriageRunRow = Selectable<TriageRunTable> & { model_name: string; model_sha256: string };
export type TriageItemRow = Selectable<TriageItemTable>;
export type TriageResultRow = Selectable<TriageResultTable> & { pile: string | null };
export type TriageCounts = Record<TriageItemTable['state'], number>;

export async function insertRun(db: Database, row: Insertable<TriageRunTable>): Promise<void> {
  await db.insertInto('triage_runs').values(row).execute();
}

const runs = (db: Database) =>
  db
    .selectFrom('triage_runs')
    .innerJoin('models', 'models.id', 'triage_runs.model_id')
    .selectAll('triage_runs')
    .select(['models.name as model_name', 'models.sha256 as model_sha256']);

/** Newest first. */
export const listRuns = (db: Database): Promise<TriageRunRow[]> =>
  runs(db).orderBy('triage_runs.sequence', 'desc').execute();

export const findRun = (db: Database, id: string): Promise<TriageRunRow | undefined> =>
  runs(db).where('triage_runs.id', '=', id).executeTakeFirst();

export async function updateRun(
  db: Database,
  id: string,
  change: { rules?: string; listed?: 1; folders?: string },
): Promise<void> {
  await db.updateTable('triage_runs').set(change).where('id', '=', id).execute();
}

export async function countItems(db: Database, run: string): Promise<TriageCounts> {
  const rows = await db
    .selectFrom('triage_items')
    .select(['state', (eb) => eb.fn.countAll<number>().as('count')])
    .where('run_id', '=', run)
    .groupBy('state')
    .execute();
  return { waiting: 0, judged: 0, failed: 0, ...Object.fromEntries(rows.map((r) => [r.state, r.count])) };
}

/** Paths that the run has already are left as they are. */
export async function insertItems(db: Database, rows: Insertable<TriageItemTable>[]): Promise<void> {
  await db
    .insertInto('triage_items')
    .values(rows)
    .onConflict((conflict) => conflict.columns(['run_id', 'path']).doNothing())
    .execute();
}

/** The next that waits, apart from those under way. */
export const nextItem = (
  db: Database,
  run: string,
  underWay: readonly string[],
): Promise<TriageItemRow | undefined> =>
  db
    .selectFrom('triage_items')
    .selectAll()
    .where('run_id', '=', run)
    .where('state', '=', 'waiting')
    .$if(underWay.length > 0, (query) => query.where('id', 'not in', underWay))
    .orderBy('priority', 'desc')
    .orderBy('sequence')
    .limit(1)
    .executeTakeFirst();

/** Ends the waiting of an item; false where it does not wait any more. */
export async function settleItem(
  db: Database,
  id: string,
  change: { state: 'judged' } | { state: 'failed'; error: string },
): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('triage_items')
    .set(change)
    .where('id', '=', id)
    .where('state', '=', 'waiting')
    .executeTakeFirstOrThrow();
  return numUpdatedRows === 1n;
}

export async function insertResult(db: Database, row: Insertable<TriageResultTable>): Promise<void> {
  await db.insertInto('triage_results').values(row).execute();
}

/** Of what waits at or below a path. */
export async function changePriority(
  db: Database,
  run: string,
  folder: string,
  separator: string,
  priority: number,
): Promise<void> {
  const below = folder.endsWith(separator) ? folder : `${folder}${separator}`;
  await db
    .updateTable('triage_items')
    .set({ priority })
    .where('run_id', '=', run)
    .where('state', '=', 'waiting')
    .where((eb) =>
      eb.or([eb('path', '=', folder), sql<SqlBool>`substr(path, 1, ${below.length}) = ${below}`]),
    )
    .execute();
}

export async function retryFailures(db: Database, run: string): Promise<void> {
  await db
    .updateTable('triage_items')
    .set({ state: 'waiting', error: null })
    .where('run_id', '=', run)
    .where('state', '=', 'failed')
    .execute();
}

/** The failures after an item, in their order. */
export const failuresAfter = (
  db: Database,
  run: string,
  { after = 0, offset = 0, limit }: { after?: number; offset?: number; limit: number },
): Promise<TriageItemRow[]> =>
  db
    .selectFrom('triage_items')
    .selectAll()
    .where('run_id', '=', run)
    .where('state', '=', 'failed')
    .where('sequence', '>', after)
    .orderBy('sequence')
    .offset(offset)
    .limit(limit)
    .execute();

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
