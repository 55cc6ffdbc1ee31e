/** Compares the rows that hold results with what the log recorded of them, and the database with its own rules. */
import type { Sqlite } from '#storage/better-sqlite.ts';
import { blobsNamedInJson } from '#storage/blob-columns.ts';
import { digestRows, sealableRows, sealedTables, tablesUnderSeal } from '#storage/row-seals.ts';
import type { LatestSeal } from './check-log.ts';
import type { Findings } from './findings.ts';

const yieldEvery = 500;

/** Answers with how many results were compared. */
export async function checkResults(
  sqlite: Sqlite,
  seals: ReadonlyMap<string, LatestSeal>,
  findings: Findings,
  step: (results: number) => Promise<void>,
): Promise<number> {
  let results = 0;
  for (const seal of seals.values()) {
    const { table, id, digest, entry } = seal;
    if (!Object.hasOwn(sealedTables, table)) {
      findings.error('results', `Entry ${entry} seals rows of ${table}, which this version does not know.`, {
        entry,
      });
      continue;
    }
    if (digest !== null && digestRows(sqlite, seal) !== digest)
      findings.error(
        'results',
        `What the table ${table} holds of ${id} is no longer what entry ${entry} recorded: it was changed or removed.`,
        { entry },
      );
    if (++results % yieldEvery === 0) await step(results);
  }
  for (const { table, id } of sealableRows(sqlite, tablesUnderSeal(sqlite)))
    if (!seals.has(`${table}/${id}`))
      findings.error('results', `The table ${table} holds ${id}, which no entry of the log recorded.`);
  checkShownVerdicts(sqlite, findings);
  return results;
}

/** What an item of evidence shows of itself must be what its latest verdict says. */
function checkShownVerdicts(sqlite: Sqlite, findings: Findings): void {
  const wrong = sqlite
    .prepare<[], { id: string; shown: string | null; given: string | null }>(
      `SELECT item.id, item.verdict AS shown, latest.verdict AS given
       FROM evidence_items AS item LEFT JOIN verdicts AS latest
         ON latest.sequence = (SELECT max(sequence) FROM verdicts WHERE evidence_id = item.id)
       WHERE item.verdict IS NOT latest.verdict OR item.score IS NOT latest.score`,
    )
    .all();
  for (const { id, shown, given } of wrong)
    findings.error(
      'results',
      `The item of evidence ${id} shows ${shown ?? 'no verdict'} with a score that is not that of its latest verdict (${given ?? 'none'}).`,
    );
}

/** Answers with how many names of blobs in JSON columns were looked up; foreign keys are checked by SQLite. */
export function checkDatabase(sqlite: Sqlite, findings: Findings): number {
  const integrity = sqlite.prepare<[], string>('PRAGMA integrity_check(20)').pluck().all() as string[];
  if (integrity.length !== 1 || integrity[0] !== 'ok')
    for (const line of integrity) findings.error('database', `The database is damaged: ${line}.`);
  const broken = sqlite.pragma('foreign_key_check') as {
    table: string;
    rowid: number | null;
    parent: string;
  }[];
  for (const { table, rowid, parent } of broken)
    findings.error(
      'references',
      `A row of ${table} (${rowid ?? 'without number'}) names a row of ${parent} that is not there.`,
    );
  const known = sqlite.prepare<[string]>('SELECT 1 FROM blobs WHERE hash = ?');
  const named = blobsNamedInJson(sqlite);
  for (const { table, column, hash, rows } of named)
    if (known.get(hash) === undefined)
      findings.error(
        'references',
        `${rows} rows of ${table} name the file ${hash} (in ${column}), which the workspace does not hold.`,
      );
  return named.length;
}
