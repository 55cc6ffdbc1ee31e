/**
 * What a report is made of: rows as the database holds them, so that their digests can be compared with the audit log, and
 * entries of that log. The report's file holds it whole, packed; nothing else but pictures goes into the text.
 */
import { gunzipSync, gzipSync } from 'node:zlib';
import { z } from 'zod';
import { auditEntry } from '#contract/audit.ts';
import { AppError } from '#contract/errors.ts';
import { canonicalJson } from '#storage/canonical-json.ts';

export const reportRow = z.record(z.string(), z.union([z.string(), z.number(), z.null()]));
export type ReportRow = z.infer<typeof reportRow>;

export const reportData = z.object({
  format: z.literal('pentimento-report'),
  version: z.literal(1),
  /** That wrote the report. */
  programVersion: z.string(),
  /** Who wrote it. */
  examiner: z.string(),
  /** Null for a picture that is in no case. */
  case: reportRow.nullable(),
  /** Pictures that the case holds; more than there are items where only some are reported. */
  picturesInCase: z.number().int().nonnegative(),
  items: z.array(
    z.object({
      evidence: reportRow.nullable(),
      /** The latest first. */
      verdicts: z.array(reportRow),
      /** The latest first. */
      analyses: z.array(reportRow),
      /** In the order in which they were recorded; of sealed ones verdict, reasons and salt are null. */
      reviews: z.array(reportRow),
      /** Notes on regions that are not removed, in the order in which they were made. */
      regions: z.array(reportRow),
    }),
  ),
  /** The program versions that judged, by the id of the verdict. */
  judgedBy: z.record(z.string(), z.string()),
  models: z.array(reportRow),
  /** What analyses the program has, so that one without a record is told. */
  catalogue: z.array(z.object({ name: z.string(), title: z.string(), limits: z.string() })),
  /** Of heads of the whole log. */
  timeStamps: z.array(reportRow),
  /** The entries that concern what is reported, and those by which the time stamps came in. */
  audit: z.array(auditEntry),
});
export type ReportData = z.infer<typeof reportData>;

const unpackedAtMost = 256 * 1024 * 1024;

/** As text that needs no escaping; the same for the same data. */
export const packData = (data: ReportData): string =>
  gzipSync(Buffer.from(canonicalJson(data), 'utf8'), { level: 9 }).toString('base64');

/** Errors: `report_invalid`. */
export function unpackData(packed: string): ReportData {
  try {
    const bytes = gunzipSync(Buffer.from(packed, 'base64'), { maxOutputLength: unpackedAtMost });
    return reportData.parse(JSON.parse(bytes.toString('utf8')));
  } catch (cause) {
    throw new AppError('report_invalid', 'The data in the report cannot be read.', { cause });
  }
}
