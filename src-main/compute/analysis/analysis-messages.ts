/** What the analysis process is asked, and what it answers. Both ends are this program, so that types are enough. */
import type {
  AnalysisMap,
  AnalysisParameters,
  AnalysisResult,
  AnalysisState,
  Finding,
} from '#contract/analysis.ts';
import type { AnalysisLists, FoundFile } from '#analysis/analysis.ts';
import type { ReferenceFile } from '#analysis/open-picture.ts';

export interface AnalysisRequest {
  /** Where the picture's file lies. */
  file: string;
  /** What a person knows it by. */
  path: string;
  analysis: string;
  parameters: AnalysisParameters;
  /** Pictures that it is compared with. */
  references?: readonly ReferenceFile[];
  lists?: AnalysisLists;
}

/** A map as 8- or 16-bit grey PNG. */
export type EncodedMap = Omit<AnalysisMap, 'blob'> & { png: Uint8Array };

export interface AnalysisOutcome {
  state: AnalysisState;
  reason: string | null;
  findings: Finding[];
  maps: EncodedMap[];
  files: FoundFile[];
  details: AnalysisResult['details'];
  /** Of decoding the picture, where that was done for it, of the analysis itself, and of writing its maps as PNG. */
  ms: { decode: number; run: number; encode: number };
  /** Most bytes that the process has held since it began. */
  peakBytes: number;
}

export type ToAnalysis =
  { type: 'start'; memoryBytes: number } | { type: 'analyse'; request: AnalysisRequest } | { type: 'cancel' };
export type FromAnalysis = { type: 'outcome'; outcome: AnalysisOutcome };

/** What is known of an analysis that found nothing because it did not run or failed. */
export const withoutFindings = (state: 'not-run' | 'failed', reason: string): AnalysisOutcome => ({
  ...{ state, reason, findings: [], maps: [], files: [], details: {} },
  ms: { decode: 0, run: 0, encode: 0 },
  peakBytes: 0,
});
