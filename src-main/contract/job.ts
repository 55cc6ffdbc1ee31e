/** Long jobs other than training: rows with a state, progress and a result. */
import { z } from 'zod';
import { id, jobState, progress, timestamp } from './common.ts';
import { bundleReport } from './bundle.ts';
import { analysisReport } from './analysis.ts';
import { exportReport, importReport, type ImportReport } from './dataset.ts';
import { detectionReport } from './detection.ts';
import { evaluationReport } from './evaluation.ts';
import { errorData } from './errors.ts';
import { checkReport, intakeReport } from './evidence.ts';
import { empty } from './common.ts';
import { reportRecord } from './report.ts';
import { movedFiles } from './stored-files.ts';
import { triageReport } from './triage.ts';
import { verificationReport } from './verification.ts';
import { mutation, query, subscription } from './api-definition.ts';

const base = {
  id,
  title: z.string(),
  state: jobState,
  progress: progress.nullable(),
  createdAt: timestamp,
  endedAt: timestamp.nullable(),
  error: errorData.nullable(),
};
export const job = z.discriminatedUnion('kind', [
  z.object({ ...base, kind: z.literal('import'), result: importReport.nullable() }),
  z.object({ ...base, kind: z.literal('render-scenes'), result: importReport.nullable() }),
  z.object({ ...base, kind: z.literal('export'), result: exportReport.nullable() }),
  z.object({ ...base, kind: z.literal('detection'), result: detectionReport.nullable() }),
  z.object({ ...base, kind: z.literal('analysis'), result: analysisReport.nullable() }),
  z.object({ ...base, kind: z.literal('evaluation'), result: evaluationReport.nullable() }),
  z.object({ ...base, kind: z.literal('triage'), result: triageReport.nullable() }),
  z.object({ ...base, kind: z.literal('intake'), result: intakeReport.nullable() }),
  z.object({ ...base, kind: z.literal('evidence-check'), result: checkReport.nullable() }),
  z.object({ ...base, kind: z.literal('verification'), result: verificationReport.nullable() }),
  z.object({ ...base, kind: z.literal('bundle-export'), result: bundleReport.nullable() }),
  z.object({ ...base, kind: z.literal('move-files'), result: movedFiles.nullable() }),
  z.object({ ...base, kind: z.literal('report'), result: reportRecord.nullable() }),
  z.object({ ...base, kind: z.literal('bundle-import'), result: bundleReport.nullable() }),
]);
export type Job = z.infer<typeof job>;
export type JobKind = Job['kind'];
export type JobResult<K extends JobKind> = NonNullable<Extract<Job, { kind: K }>['result']>;

/** What came of a job that adds to a dataset; null of every other, and of one that has not ended. */
export const importReportOf = (of: Job): ImportReport | null =>
  of.kind === 'import' || of.kind === 'render-scenes' ? of.result : null;

export const jobsApi = {
  list: query(empty, z.array(job)),
  get: query(z.object({ id }), job),
  cancel: mutation(z.object({ id }), job),
  /** Asks an intake to wait at its next safe point. It does not outlive the program: what was taken in stays. */
  pause: mutation(z.object({ id }), job),
  resume: mutation(z.object({ id }), job),
  /** The job now, and again at every change, until it has ended. */
  watch: subscription(z.object({ id }), job),
};
