/** Keeps what the analyses of one picture found: maps and files, rows, labels and audit entries, all or nothing. */
import type { Insertable } from 'kysely';
import type { AnalysisResult } from '#contract/analysis.ts';
import type { AnalysisOutcome } from '#compute/analysis/analysis-messages.ts';
import type { StagedBlob } from '#storage/blob-store.ts';
import type { DerivedFileTable } from '#storage/schema.ts';
import type { Workspace } from '#storage/workspace.ts';
import { fromAnalysisResult } from './analysis-mapping.ts';
import type { AnalysisRepository } from './analysis.repository.ts';

/** A result whose maps and files are still bytes. */
export type UnkeptResult = Omit<AnalysisResult, 'maps' | 'files'> & Pick<AnalysisOutcome, 'maps' | 'files'>;

export class AnalysisWriter {
  readonly #workspace: Workspace;
  readonly #repository: AnalysisRepository;

  constructor(workspace: Workspace, repository: AnalysisRepository) {
    this.#workspace = workspace;
    this.#repository = repository;
  }

  /**
   * Errors: `disk_full` and other failures of the workspace; nothing is kept then.
   * @param caseId of the evidence; null for a picture that is none
   */
  async write(unkept: readonly UnkeptResult[], caseId: string | null): Promise<AnalysisResult[]> {
    const { blobs, db, audit } = this.#workspace;
    const staged: StagedBlob[] = [];
    const stage = async (bytes: Uint8Array, mediaType: string): Promise<StagedBlob> => {
      const blob = await blobs.stage(bytes, mediaType, 'derived');
      staged.push(blob);
      return blob;
    };
    try {
      const results: AnalysisResult[] = [];
      for (const result of unkept) results.push(await stageResult(result, stage));
      await blobs.keep(distinct(staged));
      await db.transaction().execute(async (transaction) => {
        await blobs.record(transaction, distinct(staged));
        const labels = results.flatMap((result) => (caseId === null ? [] : derivedFiles(result, caseId)));
        await this.#repository.insert(transaction, results.map(fromAnalysisResult), labels);
        const labelled = new Set(
          labels.map((label) => label.evidence_id).filter((id) => typeof id === 'string'),
        );
        for (const { id, path, sha256, evidence, analysis, version, state, reason } of results)
          audit.record(transaction, {
            action: 'analysis.recorded',
            subject: { kind: 'analysis', id },
            payload: {
              ...{ file: path, sha256, evidence: evidence ?? undefined },
              ...{ analysis, version, state, reason: reason ?? undefined },
            },
            seal: [
              { table: 'analyses', id },
              ...(evidence !== null && labelled.delete(evidence)
                ? [{ table: 'derived_files' as const, id: evidence }]
                : []),
            ],
          });
      });
      return results;
    } finally {
      await blobs.discard(staged);
    }
  }
}

async function stageResult(
  result: UnkeptResult,
  stage: (bytes: Uint8Array, mediaType: string) => Promise<StagedBlob>,
): Promise<AnalysisResult> {
  const maps: AnalysisResult['maps'] = [];
  for (const { png, ...map } of result.maps)
    maps.push({ ...map, blob: (await stage(png, 'image/png')).hash });
  const files: AnalysisResult['files'] = [];
  for (const { bytes, ...file } of result.files)
    files.push({ ...file, blob: (await stage(bytes, file.mediaType)).hash, bytes: bytes.length });
  return { ...result, maps, files };
}

/** What each file of a result is and how it was made. */
function derivedFiles(result: AnalysisResult, caseId: string): Insertable<DerivedFileTable>[] {
  const label = (purpose: string, blob: string, facts: object): Insertable<DerivedFileTable> => ({
    case_id: caseId,
    evidence_id: result.evidence,
    blob,
    purpose,
    tool: `Pentimento ${result.analysis} ${result.version}`,
    tool_version: result.programVersion,
    parameters: JSON.stringify({ analysis: result.id, ...result.parameters, ...facts }),
    source_sha256: result.sha256,
    created_at: result.createdAt,
  });
  return [
    ...result.maps.map(({ blob, name, title, ...facts }) =>
      label(`map: ${title}`, blob, { map: name, ...facts }),
    ),
    ...result.files.map(({ blob, name, title }) => label(title, blob, { file: name })),
  ];
}

const distinct = (blobs: readonly StagedBlob[]): StagedBlob[] => [
  ...new Map(blobs.map((blob) => [blob.hash, blob])).values(),
];
