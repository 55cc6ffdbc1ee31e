/** Rows of analyses as the contract speaks of them, and back. */
import { analysisResult, type AnalysisResult } from '#contract/analysis.ts';
import type { AnalysisRow, NewAnalysis } from './analysis.repository.ts';

export const toAnalysisResult = (row: AnalysisRow): AnalysisResult =>
  analysisResult.parse({
    id: row.id,
    path: row.path,
    sha256: row.sha256,
    evidence: row.evidence_id,
    analysis: row.name,
    title: row.title,
    version: row.version,
    programVersion: row.program_version,
    libraries: JSON.parse(row.libraries),
    parameters: JSON.parse(row.parameters),
    state: row.state,
    reason: row.reason,
    findings: JSON.parse(row.findings),
    maps: JSON.parse(row.maps),
    files: JSON.parse(row.files),
    details: JSON.parse(row.details),
    ms: row.run_ms,
    createdAt: row.created_at,
  });

export const fromAnalysisResult = (from: AnalysisResult): NewAnalysis => ({
  id: from.id,
  path: from.path,
  sha256: from.sha256,
  evidence_id: from.evidence,
  name: from.analysis,
  title: from.title,
  version: from.version,
  program_version: from.programVersion,
  libraries: JSON.stringify(from.libraries),
  parameters: JSON.stringify(from.parameters),
  state: from.state,
  reason: from.reason,
  findings: JSON.stringify(from.findings),
  maps: JSON.stringify(from.maps),
  files: JSON.stringify(from.files),
  details: JSON.stringify(from.details),
  run_ms: from.ms,
  created_at: from.createdAt,
});
