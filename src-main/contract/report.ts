/** Reports: what is recorded of a case or a picture, written as one file that stands alone. */
import { z } from 'zod';
import { auditHead } from './audit.ts';
import { mutation, query } from './api-definition.ts';
import { id, sha256, timestamp } from './common.ts';
import { pathToWrite } from './host-path.ts';

export const reportFormat = z.enum(['html', 'pdf']);
export type ReportFormat = z.infer<typeof reportFormat>;

/** Pictures in one report; more would be a file that nobody can open. */
export const reportedPicturesAtMost = 500;

/** A whole case or some of its pictures; or one picture that was judged by itself, by its verdict. */
export const reportSubject = z.union([
  z.object({
    /** Id or name. */
    case: z.string().min(1),
    items: z.array(id).min(1).max(reportedPicturesAtMost).optional(),
  }),
  z.object({ verdict: id }),
]);
export type ReportSubject = z.infer<typeof reportSubject>;

export const reportRecord = z.object({
  id,
  /** Null for a picture that is in no case. */
  caseId: id.nullable(),
  /** The verdict of a picture that is in no case. */
  verdictId: id.nullable(),
  pictures: z.number().int().positive(),
  format: reportFormat,
  /** Of the file, which is a blob. */
  sha256,
  bytes: z.number().int().positive(),
  /** Of the HTML without the fields that differ whenever a report is written: the same for the same records and program. */
  contentSha256: sha256,
  /** Of the audit log when it was written. */
  head: auditHead,
  examiner: z.string(),
  programVersion: z.string(),
  createdAt: timestamp,
});
export type ReportRecord = z.infer<typeof reportRecord>;

/** What a verification of a report looked at. `not-checked`: it takes what is not at hand, and the message says what. */
export const reportFinding = z.object({
  result: z.enum(['holds', 'wrong', 'not-checked', 'notice']),
  area: z.enum(['file', 'text', 'pictures', 'log', 'results', 'workspace']),
  message: z.string(),
});
export type ReportFinding = z.infer<typeof reportFinding>;

export const reportCheck = z.object({
  /** Nothing is wrong with what could be checked. */
  ok: z.boolean(),
  sha256,
  programVersion: z.string().nullable(),
  subject: z.string().nullable(),
  findings: z.array(reportFinding),
});
export type ReportCheck = z.infer<typeof reportCheck>;

export const reportsApi = {
  /** Of a case, newest first. */
  ofCase: query(z.object({ caseId: id }), z.array(reportRecord)),
  get: query(z.object({ id }), reportRecord),
  /** Starts a job that writes a report; its result is the record. */
  write: mutation(
    z.object({ subject: reportSubject, format: reportFormat.default('html') }),
    z.object({ jobId: id }),
  ),
  /** Writes a copy of one that was written, in place of a file that is there. */
  save: mutation(z.object({ id, path: pathToWrite }), z.object({ path: z.string() })),
};
