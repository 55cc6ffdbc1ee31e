/** What a report's own data show: that entries of the log have their hashes, and results the digests that entries hold. */
import { z } from 'zod';
import type { ReportFinding } from '#contract/report.ts';
import { entryHash } from '#storage/audit-log.ts';
import { digestOf, type SealedTable } from '#storage/row-seals.ts';
import type { ReportInput } from './render-report.ts';
import type { ReportData, ReportRow } from './report-data.ts';

export type Tell = (result: ReportFinding['result'], area: ReportFinding['area'], message: string) => void;

export function checkLogExtract({ data, varying }: ReportInput, tell: Tell): void {
  const wrong: string[] = [];
  let before: { sequence: number; hash: string } | null = null;
  for (const { hash, ...content } of data.audit) {
    const { sequence, previous } = content;
    if (entryHash(content) !== hash) wrong.push(`The entry ${sequence} is not the one that has its hash.`);
    if (before && sequence <= before.sequence) wrong.push(`The entry ${sequence} stands out of order.`);
    if (before?.sequence === sequence - 1 && before.hash !== previous)
      wrong.push(`The entry ${sequence} does not follow the entry before it.`);
    before = { sequence, hash };
  }
  const { log } = varying;
  if (
    before &&
    (before.sequence > log.entries || (before.sequence === log.entries && before.hash !== log.hash))
  )
    wrong.push('The last entry does not agree with the head of the log that the report names.');
  for (const message of wrong) tell('wrong', 'log', message);
  if (wrong.length === 0)
    tell('holds', 'log', `${data.audit.length} entries of the log have the hashes of what they say.`);
  tell(
    'not-checked',
    'log',
    'Whether no entry is missing between them: it takes the whole log of the workspace.',
  );
}

const sealsOf = z
  .array(z.object({ table: z.string(), id: z.string(), digest: z.string().nullable() }))
  .catch([]);

/** The rows of a report that entries seal. A sealed review is no row: what it concludes is not in the data. */
export function sealedRows({
  items,
  models,
  timeStamps,
}: ReportData): { table: SealedTable; row: ReportRow }[] {
  const of = (table: SealedTable, rows: readonly ReportRow[]) => rows.map((row) => ({ table, row }));
  return [
    ...items.flatMap(({ verdicts, analyses, reviews }) => [
      ...of('verdicts', verdicts),
      ...of('analyses', analyses),
      ...of(
        'reviews',
        reviews.filter(({ opened_at }) => opened_at !== null),
      ),
    ]),
    ...of('models', models),
    ...of('time_stamps', timeStamps),
  ];
}

export function checkSeals(data: ReportData, tell: Tell): void {
  const digests = new Map<string, string | null>();
  for (const { payload } of data.audit)
    for (const { table, id, digest } of sealsOf.parse(payload['seals'] ?? []))
      digests.set(`${table}/${id}`, digest);
  const rows = sealedRows(data);
  const wrong = rows.filter(
    ({ table, row }) => digests.get(`${table}/${row['id']}`) !== digestOf(table, [row]),
  );
  for (const { table, row } of wrong)
    tell(
      'wrong',
      'results',
      `What the report says of ${row['id']} (${table}) is not what an entry of the log recorded.`,
    );
  if (wrong.length === 0)
    tell('holds', 'results', `${rows.length} results are what entries of the log recorded of them.`);
  checkHashes(data, tell);
  tell(
    'not-checked',
    'results',
    'Names, notes, tags and states of the case and its pictures, and the notes on regions: they may change, and no entry holds a digest of them.',
  );
}

/** That each picture has the hash with which it was taken in. */
function checkHashes({ items, audit }: ReportData, tell: Tell): void {
  const taken = new Map(
    audit
      .filter(({ action }) => action === 'evidence.taken-in')
      .map(({ subject, payload }) => [subject.id, payload['sha256']]),
  );
  const evidence = items.flatMap((item) => (item.evidence ? [item.evidence] : []));
  const known = evidence.filter(({ id }) => taken.has(String(id)));
  for (const { id, sha256 } of known)
    if (taken.get(String(id)) !== sha256)
      tell(
        'wrong',
        'results',
        `The picture ${id} has another SHA-256 than the one with which it was taken in.`,
      );
  if (known.length < evidence.length)
    tell(
      'not-checked',
      'results',
      `${evidence.length - known.length} pictures have no entry here that says with which hash they were taken in; of those that came with a bundle, the log of their first workspace has it.`,
    );
}
