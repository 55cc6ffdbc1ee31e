/** The classical analyses beside the network: what there is, what each found in a picture, and why one did not run. */
import { z } from 'zod';
import { mutation, query } from './api-definition.ts';
import { empty, id, refusal, sha256, timestamp } from './common.ts';
import { evidenceSelection } from './evidence.ts';
import { pathToRead } from './host-path.ts';
import { mapReference } from './media.ts';

/**
 * `fact`: what the file holds. `notice`: worth a look; innocent causes exist. `contradiction`: two things in the file that
 * cannot both be true. `unreadable`: something is there and cannot be read, which is never the same as absent.
 */
export const findingSeverity = z.enum(['fact', 'notice', 'contradiction', 'unreadable']);
export type FindingSeverity = z.infer<typeof findingSeverity>;

/** Part of a picture in pixels as stored, from its upper left corner. */
export const pictureArea = z.object({
  x: z.number().int().nonnegative(),
  y: z.number().int().nonnegative(),
  width: z.number().int().positive(),
  height: z.number().int().positive(),
});
export type PictureArea = z.infer<typeof pictureArea>;

export const finding = z.object({
  /** What kind of finding it is, e.g. `thumbnail-differs`; the same in every version of the analysis. */
  code: z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/),
  severity: findingSeverity,
  /** One plain sentence. */
  sentence: z.string().min(1),
  /** The figures behind the sentence. */
  data: z.record(z.string(), z.json()).default({}),
  /** Where in the picture, for what lies somewhere. */
  area: pictureArea.optional(),
});
export type Finding = z.infer<typeof finding>;

/** A map that an analysis drew. `range` and `unit` are those of its reference. */
export const analysisMap = mapReference.extend({
  /** Unique within its analysis, e.g. `residual`. */
  name: z.string(),
  title: z.string(),
  /** The part of the picture that it lies over; null where it lies over none, as a spectrum does. */
  covers: pictureArea.nullable(),
});
export type AnalysisMap = z.infer<typeof analysisMap>;

/** A file that an analysis took out of the picture's file or made of it, e.g. an embedded thumbnail. */
export const analysisFile = z.object({
  name: z.string(),
  title: z.string(),
  mediaType: z.string(),
  blob: sha256,
  bytes: z.number().int().nonnegative(),
});
export type AnalysisFile = z.infer<typeof analysisFile>;

export const analysisState = z.enum(['ran', 'not-run', 'failed']);
export type AnalysisState = z.infer<typeof analysisState>;
export const analysisName = z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/);
/** Parameters of an analysis by their names; what is left out is its default. */
export const analysisParameters = z.record(z.string(), z.json());
export type AnalysisParameters = z.infer<typeof analysisParameters>;

/** Where pictures come from that an analysis compares with. */
export const referenceSource = z.discriminatedUnion('kind', [
  /** Items of any case, each proven intact. */
  z.object({ kind: z.literal('evidence'), items: z.array(id).min(1).max(10_000) }),
  /** Files, and those below folders. */
  z.object({ kind: z.literal('files'), paths: z.array(pathToRead).min(1).max(1000) }),
  /** The real pictures of a dataset; its present content becomes a version where none is named. */
  z.object({
    kind: z.literal('dataset'),
    dataset: z.string().min(1),
    version: z.number().int().positive().optional(),
  }),
]);
export type ReferenceSource = z.infer<typeof referenceSource>;

/** What a result compared with. It stands among its parameters, under the name `references`. */
export const comparedWith = z.object({
  source: referenceSource,
  /** How many there were; an analysis that takes fewer takes those of the smallest SHA-256. */
  available: z.number().int().nonnegative(),
  pictures: z.array(z.object({ path: z.string(), sha256 })),
});
export type ComparedWith = z.infer<typeof comparedWith>;

/** What one analysis said of one picture. */
export const analysisResult = z.object({
  id,
  path: z.string(),
  sha256,
  /** The item of evidence that it is on; null for a picture that was analysed by itself. */
  evidence: id.nullable(),
  analysis: analysisName,
  title: z.string(),
  /** Of the analysis: a higher one may find something else in the same picture. */
  version: z.number().int().positive(),
  programVersion: z.string(),
  /** Libraries that did a part of it. */
  libraries: z.array(z.object({ name: z.string(), version: z.string() })),
  /** All of them, defaults too, and as `references` what it compared with (`comparedWith`). */
  parameters: analysisParameters,
  state: analysisState,
  /** One sentence: why it was not run or failed; null where it ran. */
  reason: z.string().nullable(),
  findings: z.array(finding),
  maps: z.array(analysisMap),
  files: z.array(analysisFile),
  /** What the analysis lists beside its findings, in a form of its own: a tree of segments, tables, curves. */
  details: z.record(z.string(), z.json()),
  /** Time of the analysis alone, without decoding the picture. */
  ms: z.number().nonnegative(),
  createdAt: timestamp,
});
export type AnalysisResult = z.infer<typeof analysisResult>;

/** An analysis as a person chooses it. */
export const analysisDescription = z.object({
  name: analysisName,
  title: z.string(),
  /** What it answers, e.g. "Which parts were saved with another quality?". */
  question: z.string(),
  /** What it cannot show, in one or two sentences. */
  limits: z.string(),
  version: z.number().int().positive(),
  /** `file`: the bytes alone; `pixels`: the decoded picture. */
  needs: z.enum(['file', 'pixels']),
  /** The only formats that it reads; null for all. */
  formats: z.array(z.string()).nullable(),
  libraries: z.array(z.object({ name: z.string(), version: z.string() })),
  /** JSON Schema of its parameters, with their defaults. */
  parameters: z.record(z.string(), z.json()),
  /** Pictures that it compares with; null for one that looks at a picture by itself. */
  references: z
    .object({
      /** What they should be, e.g. "pictures of the camera in question". */
      what: z.string(),
      least: z.number().int().positive(),
      most: z.number().int().positive(),
      /** It is not run without them. */
      required: z.boolean(),
    })
    .nullable(),
});
export type AnalysisDescription = z.infer<typeof analysisDescription>;

/** Analyses that belong to one question. */
export const analysisPreset = z.object({
  name: z.string(),
  question: z.string(),
  analyses: z.array(analysisName).min(1),
});
export type AnalysisPreset = z.infer<typeof analysisPreset>;

export const analysisChoice = z.object({
  /** Names; all analyses where absent. */
  only: z.array(analysisName).min(1).optional(),
  /** By the name of the analysis. */
  parameters: z.record(analysisName, analysisParameters).default({}),
  /** By the name of the analysis. */
  references: z.record(analysisName, referenceSource).default({}),
});
export type AnalysisChoice = z.input<typeof analysisChoice>;

const count = z.number().int().nonnegative();
export const analysisReport = z.object({
  pictures: count,
  states: z.record(analysisState, count),
  /** Pictures that could not be opened at all. */
  failed: z.array(refusal),
});
export type AnalysisReport = z.infer<typeof analysisReport>;

export const analysesApi = {
  catalogue: query(
    empty,
    z.object({ analyses: z.array(analysisDescription), presets: z.array(analysisPreset) }),
  ),
  /** The latest result of each analysis on an item, in the order of the catalogue. */
  ofEvidence: query(z.object({ id }), z.array(analysisResult)),
  get: query(z.object({ id }), analysisResult),
  /** The parameters with which each analysis last ran in a case, and what it compared with. */
  lastChoice: query(z.object({ caseId: id }), analysisChoice.omit({ only: true })),
  /** Starts a job that analyses items, each hashed again before and after. */
  start: mutation(evidenceSelection.extend(analysisChoice.shape), z.object({ jobId: id })),
};
