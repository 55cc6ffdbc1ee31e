/** Judging evidence: each item is proven to be what was taken in before and after its pixels are read. */
import type { Insertable } from 'kysely';
import type { Verdict } from '#contract/detection.ts';
import type { MapReference } from '#contract/media.ts';
import type { AnalysisSubject } from '#features/analysis/analysis-subject.ts';
import type { DetectionSubject } from '#features/detection/detection.service.ts';
import type { BlobStore } from '#storage/blob-store.ts';
import type { DerivedFileTable } from '#storage/schema.ts';
import type { EvidenceChecks } from './evidence-checks.ts';
import type { EvidenceRow } from './evidence.repository.ts';
import { originalPath } from './original-state.ts';

type Tools = { blobs: BlobStore; checks: EvidenceChecks };

/** An item that is proven intact when it is opened and when it is confirmed; both fail with `evidence_*` where it is not. */
export const provenItem = (
  row: EvidenceRow,
  { blobs, checks }: Tools,
): Omit<AnalysisSubject, 'evidence'> => ({
  path: row.source_path,
  async open({ signal }) {
    await checks.prove(row, signal ? { signal } : {});
    return { file: originalPath(blobs, row), sha256: row.sha256 };
  },
  confirm: (options) => checks.prove(row, options),
});

/** An item as detection takes it. */
export const evidenceSubject = (
  row: EvidenceRow,
  { programVersion, ...tools }: Tools & { programVersion: string },
): DetectionSubject => ({
  ...provenItem(row, tools),
  evidence: row.id,
  label: (verdict) => labels(row, verdict, programVersion),
});

/** What each file of a verdict is and how it was made. */
function labels(row: EvidenceRow, verdict: Verdict, version: string): Insertable<DerivedFileTable>[] {
  const { maps } = verdict;
  const label = (purpose: string, blob: string, parameters: object): Insertable<DerivedFileTable> => ({
    case_id: row.case_id,
    evidence_id: row.id,
    blob,
    purpose,
    tool: 'Pentimento detection',
    tool_version: version,
    parameters: JSON.stringify({ verdict: verdict.id, ...parameters }),
    source_sha256: row.sha256,
    created_at: verdict.createdAt,
  });
  const map = (purpose: string, { blob, ...facts }: MapReference): Insertable<DerivedFileTable> =>
    label(purpose, blob, { model: verdict.model.sha256, provider: verdict.provider, ...facts });
  return [
    label('preview', verdict.preview, {}),
    map('map of simulation', maps.simulation),
    ...maps.kernels.map((kernel, index) => map(`map of kernel ${index + 1}`, kernel)),
    map('map of the low-rank residual', maps.localSpectrum),
    ...(maps.blockSpectrum ? [map('map of the local block spectrum', maps.blockSpectrum)] : []),
    map('map of the global spectrum', maps.globalSpectrum),
    map('map of tile scores', maps.tileScores),
  ];
}
