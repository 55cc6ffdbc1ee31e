/** Rows of verdicts as the contract speaks of them, and back. */
import type { Insertable } from 'kysely';
import { verdict, type Verdict } from '#contract/detection.ts';
import type { VerdictTable } from '#storage/schema.ts';
import type { VerdictRow } from './verdict.repository.ts';

export const toVerdict = (row: VerdictRow): Verdict =>
  verdict.parse({
    id: row.id,
    path: row.path,
    sha256: row.sha256,
    evidence: row.evidence_id,
    width: row.width,
    height: row.height,
    format: row.format,
    rendered: row.rendered === 1,
    verdict: row.verdict,
    reason: row.reason,
    notes: JSON.parse(row.notes),
    score: row.score,
    llr: row.llr,
    statement: row.statement === null ? null : JSON.parse(row.statement),
    stability: row.stability === null ? null : JSON.parse(row.stability),
    explanation: row.explanation === null ? null : JSON.parse(row.explanation),
    tiles: row.tiles,
    preview: row.preview,
    maps: JSON.parse(row.maps),
    model: { id: row.model_id, sha256: row.model_sha256, name: row.model_name },
    provider: row.provider,
    ms: { decode: row.decode_ms, infer: row.infer_ms, total: row.total_ms },
    createdAt: row.created_at,
  });

export const fromVerdict = (from: Verdict): Insertable<VerdictTable> => ({
  id: from.id,
  path: from.path,
  sha256: from.sha256,
  evidence_id: from.evidence,
  width: from.width,
  height: from.height,
  format: from.format,
  rendered: from.rendered ? 1 : 0,
  verdict: from.verdict,
  reason: from.reason,
  notes: JSON.stringify(from.notes),
  score: from.score,
  llr: from.llr,
  statement: from.statement && JSON.stringify(from.statement),
  stability: from.stability && JSON.stringify(from.stability),
  explanation: from.explanation && JSON.stringify(from.explanation),
  tiles: from.tiles,
  preview: from.preview,
  maps: JSON.stringify(from.maps),
  model_id: from.model.id,
  provider: from.provider,
  decode_ms: from.ms.decode,
  infer_ms: from.ms.infer,
  total_ms: from.ms.total,
  created_at: from.createdAt,
});
