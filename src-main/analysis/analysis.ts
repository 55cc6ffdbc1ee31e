/**
 * What an analysis is. It looks at one picture, with parameters that have defaults, and answers with findings, maps and
 * details; it keeps nothing between pictures, writes nothing, and gives the same answer to the same bytes every time.
 * It runs in a process of its own that is ended when it takes too long or too much memory (compute/analysis).
 */
import type { z } from 'zod';
import type { AppError } from '#contract/errors.ts';
import type { AnalysisDescription, AnalysisResult, Finding, PictureArea } from '#contract/analysis.ts';
import type { PhotographFacts } from '#compute/decoding/decode-photograph.ts';
import type { RgbImage } from '#engine/ports.ts';

/** What is analysed. */
export interface AnalysedPicture {
  /** What a person knows it by. */
  readonly path: string;
  /** The whole file. */
  readonly bytes: Buffer;
  /** From its first bytes, e.g. `jpeg`, `heif`; null for what is no known picture. */
  readonly format: string | null;
  /** What the file says of itself; null where it cannot be decoded, and `undecodable` then says why. */
  readonly facts: PhotographFacts | null;
  readonly undecodable: AppError | null;
  /**
   * The pixels at full resolution, 8-bit RGB as compute/decoding reads them; decoded once for all analyses.
   * @throws AppError where they cannot be decoded
   */
  pixels(): Promise<RgbImage>;
}

/** A picture that the analysed one is compared with. */
export interface ReferencePicture {
  /** What a person knows it by. */
  readonly path: string;
  readonly sha256: string;
  /** Reads it, anew each time. @throws AppError where it cannot be read, or is no longer the file of that hash */
  open(): Promise<AnalysedPicture>;
}

/** What imported lists of hashes say of the file. */
export interface KnownFileFacts {
  /** Difference hash, 16 hexadecimal digits; null where no list needs it, or the pixels cannot be read. */
  perceptualHash: string | null;
  lists: {
    name: string;
    date: string;
    sha256: string;
    counts: Record<string, number>;
    notComparable: Record<string, number>;
  }[];
  matches: { list: string; algorithm: string; hash: string; entry: string }[];
  alike: { list: string; distance: number; hash: string; entry: string }[];
}
/** Certificates that signers are judged by. */
export interface TrustListFacts {
  name: string;
  date: string;
  sha256: string;
  pem: string;
}
/** What was looked up for an analysis that asks for it. */
export interface AnalysisLists {
  known?: KnownFileFacts;
  trust?: TrustListFacts;
}

export interface FoundMap {
  /** Unique within the analysis, e.g. `residual`. */
  name: string;
  title: string;
  width: number;
  height: number;
  /** Row by row; every value finite. */
  data: Float32Array;
  unit: string;
  /** The values that the ends of the scale stand for: values outside are clipped. */
  range: { min: number; max: number };
  /** 16 by default; 8 for large maps whose steps are coarse. */
  bits?: 8 | 16;
  /** The part of the picture that the map lies over, in pixels; null for what lies over none, as a spectrum. */
  covers: PictureArea | null;
}

export interface FoundFile {
  name: string;
  title: string;
  mediaType: string;
  bytes: Uint8Array;
}

export interface Findings {
  findings: (Omit<Finding, 'data'> & Partial<Pick<Finding, 'data'>>)[];
  maps?: FoundMap[];
  /** Files taken out of the picture's file, such as embedded thumbnails. */
  files?: FoundFile[];
  /** What is listed beside the findings. Bounded: at most a few hundred kilobytes as JSON, whatever the file holds. */
  details?: AnalysisResult['details'];
}

export interface Library {
  name: string;
  version: string;
}

export interface Analysis<Parameters extends z.ZodObject = z.ZodObject> {
  /** Its folder's name, too. */
  name: string;
  title: string;
  /** What it answers. */
  question: string;
  /** What it cannot show, in one or two sentences. */
  limits: string;
  /** From 1; raised with every change that can find something else in the same picture. */
  version: number;
  /** `file`: the bytes alone, also of files that cannot be decoded; `pixels`: the decoded picture. */
  needs: 'file' | 'pixels';
  /** The only formats that it reads; all where absent. */
  formats?: readonly string[];
  /** Fewest pixels of the shorter side. */
  minimumSide?: number;
  libraries?: readonly Library[];
  /** Pictures that it compares with; it is not run without the `required` ones, and never gets fewer than `least`, or none. */
  references?: NonNullable<AnalysisDescription['references']>;
  /** What is looked up for it in the imported lists. */
  asks?: 'known-file' | 'trust-list';
  /** Every field has a default, bounds, and a description for the person. */
  parameters: Parameters;
  /**
   * @throws NotRun where the picture gives it nothing to do; AppError or any other error where it fails; the signal's reason
   *   where that is aborted, which it asks now and then
   */
  run(
    picture: AnalysedPicture,
    parameters: z.output<Parameters>,
    signal: AbortSignal,
    references: readonly ReferencePicture[],
    lists: AnalysisLists,
  ): Promise<Findings>;
}

/** Thrown by an analysis that the picture gives nothing to do, with one sentence that says why. It is no failure. */
export class NotRun extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = 'NotRun';
  }
}

/** Keeps the type of the parameters while the analysis is written. */
export const defineAnalysis = <Parameters extends z.ZodObject>(
  analysis: Analysis<Parameters>,
): Analysis<Parameters> => analysis;
