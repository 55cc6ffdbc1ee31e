/** The rows of a report as the contract speaks of them, picture by picture. It adds nothing that no row says. */
import { z } from 'zod';
import type { AnalysisResult } from '#contract/analysis.ts';
import type { CaseRecord } from '#contract/case.ts';
import type { Verdict } from '#contract/detection.ts';
import type { EvidenceItem } from '#contract/evidence.ts';
import { writtenPassport, type ModelPassport } from '#contract/model.ts';
import type { TimeStamp } from '#contract/time-stamp.ts';
import type { RegionNote } from '#contract/region.ts';
import type { Review } from '#contract/review.ts';
import { toAnalysisResult } from '#features/analysis/analysis-mapping.ts';
import type { AnalysisRow } from '#features/analysis/analysis.repository.ts';
import type { CaseRow } from '#features/cases/case.repository.ts';
import { toCase } from '#features/cases/case.service.ts';
import { toVerdict } from '#features/detection/verdict-mapping.ts';
import type { VerdictRow } from '#features/detection/verdict.repository.ts';
import { toEvidence } from '#features/evidence/evidence-mapping.ts';
import type { EvidenceRow } from '#features/evidence/evidence.repository.ts';
import type { RegionRow } from '#features/regions/region.repository.ts';
import { toRegion } from '#features/regions/region.service.ts';
import type { ReviewRow } from '#features/reviews/review.repository.ts';
import { toReview } from '#features/reviews/review.service.ts';
import type { TimeStampRow } from '#features/time-stamps/time-stamp.repository.ts';
import { toTimeStamp } from '#features/time-stamps/time-stamp.service.ts';
import type { ReportData, ReportRow } from './report-data.ts';

export type ModelView = { id: string; name: string; sha256: string; bytes: number; passport: ModelPassport };
export type PictureView = {
  /** From 1. */
  number: number;
  name: string;
  path: string;
  sha256: string;
  evidence: EvidenceItem | null;
  /** The latest. */
  verdict: Verdict | null;
  earlier: Verdict[];
  /** The program version that gave the verdict; null where no row tells. */
  judgedBy: string | null;
  model: ModelView | null;
  /** The latest of each analysis. */
  analyses: AnalysisResult[];
  earlierAnalyses: AnalysisResult[];
  /** Analyses of the program of which no run on the picture is recorded. */
  notRecorded: ReportData['catalogue'];
  reviews: Review[];
  regions: RegionNote[];
};
export type ReportView = {
  data: ReportData;
  case: CaseRecord | null;
  pictures: PictureView[];
  models: ModelView[];
  timeStamps: TimeStamp[];
};

/** @throws ZodError and others where the rows are none: data from a file may be anything */
export function viewOf(data: ReportData): ReportView {
  const models = data.models.map(toModel);
  return {
    data,
    case: data.case && toCase(data.case as CaseRow),
    pictures: data.items.map((item, index) => toPicture(item, index + 1, data, models)),
    models,
    timeStamps: data.timeStamps.map((row) => toTimeStamp(row as TimeStampRow)),
  };
}

const modelRow = z.object({ id: z.string(), name: z.string(), sha256: z.string(), bytes: z.number() });

const toModel = (row: ReportRow): ModelView => ({
  ...modelRow.parse(row),
  passport: writtenPassport.parse(JSON.parse(String(row['passport']))),
});

function toPicture(
  {
    evidence: row,
    verdicts: verdictRows,
    analyses: analysisRows,
    reviews,
    regions,
  }: ReportData['items'][number],
  number: number,
  { judgedBy, catalogue }: ReportData,
  models: readonly ModelView[],
): PictureView {
  const evidence = row && toEvidence(row as EvidenceRow);
  const modelOf = (id: unknown): ModelView | null => models.find((model) => model.id === id) ?? null;
  const verdicts = verdictRows.map((verdict) => {
    const model = modelOf(verdict['model_id']);
    return toVerdict({ ...verdict, model_sha256: model?.sha256, model_name: model?.name } as VerdictRow);
  });
  const [verdict = null, ...earlier] = verdicts;
  const analyses = analysisRows.map((analysis) => toAnalysisResult(analysis as AnalysisRow));
  const latest = analyses.filter(
    (one, at) => analyses.findIndex(({ analysis }) => analysis === one.analysis) === at,
  );
  const about = evidence ?? verdict!;
  const path = evidence?.sourcePath ?? verdict!.path;
  return {
    number,
    name: evidence?.name ?? fileName(path),
    path,
    sha256: about.sha256,
    evidence,
    verdict,
    earlier,
    judgedBy: (verdict && judgedBy[verdict.id]) ?? null,
    model: verdict && modelOf(verdict.model.id),
    analyses: latest.toSorted((one, other) => placeOf(one, catalogue) - placeOf(other, catalogue)),
    earlierAnalyses: analyses.filter((one) => !latest.includes(one)),
    notRecorded: catalogue.filter(({ name }) => !latest.some(({ analysis }) => analysis === name)),
    reviews: reviews.map((review) => toReview(review as ReviewRow)),
    regions: regions.map((region) => toRegion(region as RegionRow)),
  };
}

const placeOf = ({ analysis }: AnalysisResult, catalogue: ReportData['catalogue']): number => {
  const place = catalogue.findIndex(({ name }) => name === analysis);
  return place < 0 ? catalogue.length : place;
};

const fileName = (path: string): string => path.split(/[\\/]/).filter(Boolean).at(-1) ?? path;
