/**
 * What the analysis process is asked, and what it answers. It reads files that others made, which may take it over, so that
 * what it answers is checked.
 */
import { z } from 'zod';
import {
  analysisState,
  finding,
  pictureArea,
  type AnalysisMap,
  type AnalysisParameters,
  type AnalysisResult,
  type AnalysisState,
  type Finding,
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

const bytes = z.custom<Uint8Array>((value) => value instanceof Uint8Array);
const listed = z.record(z.string(), z.unknown());
const side = z.number().int().positive();
const found = { name: z.string(), title: z.string() };

/** The form of a `FromAnalysis`; what the figures and lists of an analysis hold is its own. */
const answer = z.object({
  type: z.literal('outcome'),
  outcome: z.object({
    state: analysisState,
    reason: z.string().nullable(),
    findings: z.array(finding.extend({ data: listed.optional() })),
    maps: z.array(
      z.object({
        ...{ ...found, width: side, height: side, bits: z.union([z.literal(8), z.literal(16)]) },
        ...{ min: z.number(), max: z.number(), unit: z.string(), covers: pictureArea.nullable(), png: bytes },
      }),
    ),
    files: z.array(z.object({ ...found, mediaType: z.string(), bytes })),
    details: listed,
    ms: z.object({ decode: z.number(), run: z.number(), encode: z.number() }),
    peakBytes: z.number(),
  }),
});
export const isAnswer = (message: unknown): message is FromAnalysis => answer.safeParse(message).success;

/** What is known of an analysis that found nothing because it did not run or failed. */
export const withoutFindings = (state: 'not-run' | 'failed', reason: string): AnalysisOutcome => ({
  ...{ state, reason, findings: [], maps: [], files: [], details: {} },
  ms: { decode: 0, run: 0, encode: 0 },
  peakBytes: 0,
});
