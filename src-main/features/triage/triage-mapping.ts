/** Rows of triage as the contract speaks of them. */
import type { Refusal } from '#contract/common.ts';
import { errorData } from '#contract/errors.ts';
import { triageResult, triageRun, type TriageResult, type TriageRun } from '#contract/triage.ts';
import type { TriageCounts, TriageItemRow } from './triage-item.repository.ts';
import type { TriageResultRow } from './triage-result.repository.ts';
import type { TriageRunRow } from './triage-run.repository.ts';

export const toTriageRun = (row: TriageRunRow, counts: TriageCounts, jobId: string | null): TriageRun =>
  triageRun.parse({
    id: row.id,
    title: row.title,
    createdAt: row.created_at,
    folders: JSON.parse(row.folders),
    model: { id: row.model_id, name: row.model_name, sha256: row.model_sha256 },
    rules: JSON.parse(row.rules),
    stability: row.stability,
    listed: row.listed === 1,
    jobId,
    counts,
  });

export const toTriageResult = (row: TriageResultRow): TriageResult =>
  triageResult.parse({
    ...row,
    stability: row.stability === null ? null : JSON.parse(row.stability),
    judgedAt: row.judged_at,
    ms: { decode: row.decode_ms, infer: row.infer_ms, total: row.total_ms },
  });

/** Of an item that failed. */
export const toRefusal = ({ path, error }: TriageItemRow): Refusal => ({
  path,
  error: errorData.parse(JSON.parse(error!)),
});
