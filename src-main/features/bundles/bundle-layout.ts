/**
 * What stands where in a case bundle, a zip file:
 *
 * ```
 * manifest.json            every other file with its SHA-256 and size
 * manifest.sha256          the SHA-256 of the bytes of manifest.json, as text
 * rows/case.ndjson         the case: one line
 * rows/evidence.ndjson     its items, one a line, in the order in which they were taken in; so are the others
 * rows/derived.ndjson      the labels of derived files
 * rows/verdicts.ndjson     verdicts on its items
 * rows/analyses.ndjson     what classical analyses found in its items
 * rows/reviews.ndjson      examiners' reviews of its items that are open; one that is sealed stays where it is
 * rows/models.ndjson       the models that gave them
 * rows/files.ndjson        kind and media type of what lies in files/
 * rows/audit.ndjson        the entries of the audit log that concern the case, its items, and what was said of them
 * files/<sha256>           originals (not in a bundle of hashes only), derived files and models
 * ```
 *
 * No other name is read, so that no name of a bundle is ever a path on the disk.
 */
import { z } from 'zod';
import { analysisName, analysisResult, analysisState } from '#contract/analysis.ts';
import { auditEntry } from '#contract/audit.ts';
import { verdictStatement } from '#contract/calibration.ts';
import { caseStatus } from '#contract/case.ts';
import { sha256 } from '#contract/common.ts';
import { verdictLabel } from '#contract/detection.ts';
import { embeddedDate, evidenceState, evidenceStorage } from '#contract/evidence.ts';
import { explanation } from '#contract/explanation.ts';
import { modelPassport } from '#contract/model.ts';
import { stability } from '#contract/stability.ts';
import { tag } from '#contract/tag.ts';

export const manifestPath = 'manifest.json';
export const manifestHashPath = 'manifest.sha256';
export const filePath = (hash: string): string => `files/${hash}`;
export const rowsPath = (kind: RowKind): string => `rows/${kind}.ndjson`;

/** A whole bundle of a version is read only by programs that know that version. */
export const bundleLimits = {
  /** Files in the zip. */
  files: 2_000_000,
  manifestBytes: 512 * 1024 * 1024,
  lineBytes: 16 * 1024 * 1024,
  /** A larger file that was packed to less than one part in so many is a bomb, not a picture or a list. */
  ratio: 100,
  ratioFromBytes: 16 * 1024 * 1024,
} as const;

/** Text that is JSON of that shape, as the database holds it. */
const json = (schema: z.ZodType) =>
  z.string().superRefine((text, context) => {
    try {
      if (schema.safeParse(JSON.parse(text)).success) return;
    } catch {
      // told below
    }
    context.addIssue({ code: 'custom', message: 'not the JSON that it should be' });
  });
const id = z.string().min(1).max(80);
const time = z.number().int().nonnegative();
const flag = z.union([z.literal(0), z.literal(1)]);
const positive = z.number().int().positive();
const media = z.string().regex(/^[a-z]+\/[a-z0-9.+-]+$/);

/** The rows as the database has them, without the numbers that only order them. */
export const rowSchemas = {
  case: z.strictObject({
    id,
    name: z.string().min(1).max(120),
    number: z.string().max(120),
    examiner: z.string().max(120),
    notes: z.string(),
    tags: json(z.array(tag)),
    status: caseStatus,
    created_at: time,
    updated_at: time,
  }),
  evidence: z.strictObject({
    id,
    case_id: id,
    sha256,
    storage: evidenceStorage,
    blob: sha256.nullable(),
    source_path: z.string().min(1),
    name: z.string().min(1),
    name_key: z.string(),
    search_text: z.string(),
    format: z.string().min(1),
    media_type: media,
    bytes: positive,
    width: positive,
    height: positive,
    pixels: positive,
    reading_notes: json(z.array(z.string())),
    embedded_dates: json(z.array(embeddedDate)),
    modified_at: z.number().int().nullable(),
    thumbnail: sha256,
    perceptual_hash: z.string().regex(/^[0-9a-f]{16}$/),
    rendered: flag,
    tags: json(z.array(tag)),
    notes: z.string(),
    state: evidenceState,
    state_reason: z.string().nullable(),
    checked_at: time,
    verdict: verdictLabel.nullable(),
    score: z.number().nullable(),
    taken_at: time,
  }),
  derived: z.strictObject({
    case_id: id,
    evidence_id: id.nullable(),
    blob: sha256,
    purpose: z.string().min(1),
    tool: z.string().min(1),
    tool_version: z.string().min(1),
    parameters: json(z.record(z.string(), z.json())),
    source_sha256: sha256,
    created_at: time,
  }),
  verdicts: z.strictObject({
    id,
    path: z.string(),
    sha256,
    evidence_id: id,
    width: positive,
    height: positive,
    format: z.string().min(1),
    rendered: flag,
    verdict: verdictLabel,
    reason: z.string().min(1),
    notes: json(z.array(z.string())),
    score: z.number(),
    llr: z.number().nullable(),
    tiles: positive,
    preview: sha256,
    maps: json(z.record(z.string(), z.unknown())),
    model_id: id,
    provider: z.string(),
    decode_ms: z.number().nonnegative(),
    infer_ms: z.number().nonnegative(),
    total_ms: z.number().nonnegative(),
    created_at: time,
    /** Absent in bundles from before models were calibrated. */
    statement: json(verdictStatement).nullable().optional(),
    /** Absent in bundles from before they were kept. */
    stability: json(stability).nullable().optional(),
    explanation: json(explanation).nullable().optional(),
    /** Absent in bundles from before it was kept. */
    program_version: z.string().min(1).nullable().optional(),
  }),
  analyses: z.strictObject({
    id,
    path: z.string(),
    sha256,
    evidence_id: id,
    name: analysisName,
    title: z.string().min(1),
    version: positive,
    program_version: z.string().min(1),
    libraries: json(analysisResult.shape.libraries),
    parameters: json(analysisResult.shape.parameters),
    state: analysisState,
    reason: z.string().min(1).nullable(),
    findings: json(analysisResult.shape.findings),
    maps: json(analysisResult.shape.maps),
    files: json(analysisResult.shape.files),
    details: json(analysisResult.shape.details),
    run_ms: z.number().nonnegative(),
    created_at: time,
  }),
  reviews: z.strictObject({
    id,
    evidence_id: id,
    sha256,
    examiner: z.string().min(1),
    examiner_key: z.string().min(1),
    position: positive,
    verdict: verdictLabel,
    reasons: z.string().min(1),
    blind: flag,
    salt: z.string().length(64),
    created_at: time,
    opened_at: time,
  }),
  models: z.strictObject({
    id,
    run_id: id.nullable(),
    name: z.string().min(1),
    sha256,
    bytes: positive,
    created_at: time,
    is_current: flag,
    passport: json(modelPassport.partial().loose()),
  }),
  files: z.strictObject({
    hash: sha256,
    bytes: z.number().int().nonnegative(),
    media_type: media,
    kind: z.enum(['original', 'derived']),
  }),
  audit: auditEntry,
};
export type RowKind = keyof typeof rowSchemas;
export type BundleRow<K extends RowKind> = z.infer<(typeof rowSchemas)[K]>;
export const rowKinds = Object.keys(rowSchemas) as RowKind[];
/** Bundles from before there were such rows lack their files. */
export const newerKinds: ReadonlySet<RowKind> = new Set(['analyses', 'reviews']);
