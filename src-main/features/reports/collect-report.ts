/** Reads what a report is made of from the workspace as it is at one moment: nothing but rows, and entries of the log. */
import type { AuditEntry } from '#contract/audit.ts';
import { AppError } from '#contract/errors.ts';
import { reportedPicturesAtMost } from '#contract/report.ts';
import { toAuditEntry } from '#storage/audit-log.ts';
import type { Sqlite } from '#storage/better-sqlite.ts';
import type { AuditLogTable } from '#storage/schema.ts';
import type { ReportData, ReportRow } from './report-data.ts';

/** Of a case by its id, all pictures or some; or of a verdict on a picture in no case. */
export type Collected = { caseId: string; items?: readonly string[] | undefined } | { verdictId: string };
type Item = ReportData['items'][number];
type Facts = Pick<ReportData, 'programVersion' | 'examiner' | 'catalogue'>;

/**
 * @param sqlite in a read transaction
 * Errors: `not_found` for an item or verdict that is not there, `report_too_large`, `invalid_input` for a case without
 *   pictures, or a verdict on evidence, which belongs in the report of its case.
 */
export function collectReport(sqlite: Sqlite, collected: Collected, facts: Facts): ReportData {
  const rows = <T = ReportRow>(query: string, ...values: string[]): T[] =>
    sqlite.prepare<string[], T>(query).all(...values);
  const inCase = 'caseId' in collected;
  const items = inCase ? caseItems(rows, collected) : [lonePicture(rows, collected.verdictId)];
  const models = modelsOf(rows, items);
  const timeStamps = rows('SELECT * FROM time_stamps ORDER BY entry, id');
  const caseRow = inCase ? rows('SELECT * FROM cases WHERE id = ?', collected.caseId)[0]! : null;
  return {
    format: 'pentimento-report',
    version: 1,
    ...facts,
    case: caseRow,
    picturesInCase: inCase
      ? rows<{ n: number }>(
          'SELECT count(*) AS n FROM evidence_items WHERE case_id = ?',
          collected.caseId,
        )[0]!.n
      : 0,
    items,
    judgedBy: inCase ? judgedBy(rows, collected.caseId) : {},
    models,
    timeStamps,
    audit: entriesOn(rows, caseRow, items, models),
  };
}

type Rows = <T = ReportRow>(query: string, ...values: string[]) => T[];

function caseItems(
  rows: Rows,
  { caseId, items }: { caseId: string; items?: readonly string[] | undefined },
): Item[] {
  const chosen = items
    ? rows(
        'SELECT * FROM evidence_items WHERE case_id = ? AND id IN (SELECT value FROM json_each(?)) ORDER BY sequence',
        ...[caseId, JSON.stringify(items)],
      )
    : rows(
        `SELECT * FROM evidence_items WHERE case_id = ? ORDER BY sequence LIMIT ${reportedPicturesAtMost + 1}`,
        caseId,
      );
  if (items && chosen.length < new Set(items).size)
    throw new AppError('not_found', 'Some of the pictures that were named are not in this case.');
  if (chosen.length === 0)
    throw new AppError('invalid_input', 'The case holds no picture that could be reported.', {
      hint: 'Take evidence into it first.',
    });
  if (chosen.length > reportedPicturesAtMost)
    throw new AppError(
      'report_too_large',
      `The case holds more than the ${reportedPicturesAtMost} pictures that a report takes.`,
    );
  return chosen.map((evidence) => {
    const of = (table: 'verdicts' | 'analyses'): ReportRow[] =>
      rows(`SELECT * FROM ${table} WHERE evidence_id = ? ORDER BY sequence DESC`, String(evidence['id'])).map(
        unnumbered,
      );
    const reviews = rows(
      'SELECT * FROM reviews WHERE evidence_id = ? ORDER BY position',
      String(evidence['id']),
    );
    const regions = rows(
      'SELECT * FROM region_notes WHERE evidence_id = ? AND removed_at IS NULL ORDER BY sequence',
      String(evidence['id']),
    );
    return {
      evidence: unnumbered(evidence),
      verdicts: of('verdicts'),
      analyses: of('analyses'),
      reviews: reviews.map(unnumbered).map(unlessSealed),
      regions: regions.map(unnumbered),
    };
  });
}

function lonePicture(rows: Rows, verdictId: string): Item {
  const [verdict] = rows('SELECT * FROM verdicts WHERE id = ?', verdictId);
  if (!verdict) throw new AppError('not_found', `There is no verdict ${verdictId}.`);
  if (verdict['evidence_id'] !== null)
    throw new AppError('invalid_input', 'This picture is evidence of a case.', {
      hint: 'Write the report of its case.',
    });
  const analyses = rows(
    'SELECT * FROM analyses WHERE sha256 = ? AND evidence_id IS NULL ORDER BY sequence DESC',
    String(verdict['sha256']),
  );
  return {
    evidence: null,
    verdicts: [unnumbered(verdict)],
    analyses: analyses.map(unnumbered),
    reviews: [],
    regions: [],
  };
}

/** The models that judged, without which of them detection uses at the moment. */
function modelsOf(rows: Rows, items: readonly Item[]): ReportRow[] {
  const ids = new Set(items.flatMap(({ verdicts }) => verdicts.map((verdict) => verdict['model_id'])));
  return rows(
    'SELECT * FROM models WHERE id IN (SELECT value FROM json_each(?)) ORDER BY created_at, id',
    JSON.stringify([...ids]),
  ).map((row) => without(row, 'is_current'));
}

function judgedBy(rows: Rows, caseId: string): Record<string, string> {
  const labels = rows<{ verdict: string; version: string }>(
    `SELECT parameters ->> '$.verdict' AS verdict, tool_version AS version FROM derived_files
     WHERE case_id = ? AND purpose = 'preview' AND parameters ->> '$.verdict' IS NOT NULL ORDER BY sequence`,
    caseId,
  );
  return Object.fromEntries(labels.map(({ verdict, version }) => [verdict, version]));
}

/** The entries on the case, its pictures and results, and those by which the models and the time stamps came in. */
function entriesOn(
  rows: Rows,
  caseRow: ReportRow | null,
  items: readonly Item[],
  models: readonly ReportRow[],
): AuditEntry[] {
  const ids = (kind: string, list: readonly ReportRow[]): unknown[][] => list.map(({ id }) => [kind, id]);
  const subjects = [
    ...(caseRow ? ids('case', [caseRow]) : []),
    ...items.flatMap(({ evidence, verdicts, analyses }) => [
      ...(evidence ? ids('evidence', [evidence]) : []),
      ...ids('verdict', verdicts),
      ...ids('analysis', analyses),
    ]),
    ...ids('model', models),
  ];
  return rows<AuditLogTable>(
    `SELECT audit_log.* FROM json_each(?) AS subject CROSS JOIN audit_log
       ON subject_kind = subject.value ->> '$[0]' AND subject_id = subject.value ->> '$[1]'
     WHERE subject_kind <> 'model' OR action IN ('model.trained', 'model.imported')
     UNION ALL SELECT * FROM audit_log WHERE action = 'workspace.head-stamped' ORDER BY sequence`,
    JSON.stringify(subjects),
  ).map(toAuditEntry);
}

/** What a sealed review concludes is told to nobody, and so no report holds it. */
const unlessSealed = (row: ReportRow): ReportRow =>
  row['opened_at'] === null ? { ...row, verdict: null, reasons: null, salt: null } : row;

const unnumbered = (row: ReportRow): ReportRow => without(row, 'sequence');

const without = (row: ReportRow, omitted: string): ReportRow =>
  Object.fromEntries(Object.entries(row).filter(([name]) => name !== omitted));
