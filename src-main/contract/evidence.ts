/** Evidence: pictures taken into a case, by copy or by reference, and what became of their bytes since. */
import { z } from 'zod';
import { mutation, query } from './api-definition.ts';
import { empty, id, page, refusal, sha256, timestamp } from './common.ts';
import { verdict, verdictLabel } from './detection.ts';
import { modelReference, pathToRead } from './host-path.ts';
import { tag } from './tag.ts';

/** By copy the bytes lie in the workspace; by reference they stay where they were found, and only their hash is kept. */
export const evidenceStorage = z.enum(['copy', 'reference']);
export type EvidenceStorage = z.infer<typeof evidenceStorage>;

/**
 * What the last look at the original found. Anything but `intact` blocks its analysis: `changed` (other bytes than were
 * taken in), `missing` (no file there), `unreadable` (it is there and cannot be read).
 */
export const evidenceState = z.enum(['intact', 'changed', 'missing', 'unreadable']);
export type EvidenceState = z.infer<typeof evidenceState>;

export const pictureFormat = z.enum(['jpeg', 'png', 'webp', 'tiff', 'avif', 'gif']);

/** A date that the file itself tells, as it is written there: it is not known to be true. */
export const embeddedDate = z.object({
  /** Where it stands, e.g. `EXIF DateTimeOriginal`. */
  source: z.string(),
  /** `2024-05-01T12:30:00`, with an offset such as `+02:00` or `Z` only where the file has one. */
  value: z.string(),
});
export type EmbeddedDate = z.infer<typeof embeddedDate>;

export const evidenceItem = z.object({
  id,
  caseId: id,
  /** Of the bytes at intake. */
  sha256,
  storage: evidenceStorage,
  sourcePath: z.string(),
  name: z.string(),
  format: z.string(),
  bytes: z.number().int().positive(),
  width: z.number().int().positive(),
  height: z.number().int().positive(),
  /** How the pixels are read where that is not plain 8-bit RGB. */
  readingNotes: z.array(z.string()),
  embeddedDates: z.array(embeddedDate),
  /** The file system's date of the last change at intake; null for bytes that came without a file. */
  modifiedAt: z.number().int().nullable(),
  thumbnail: sha256,
  /** 64-bit difference hash, 16 hexadecimal digits. */
  perceptualHash: z.string(),
  /** True for pictures that this program rendered. */
  rendered: z.boolean(),
  tags: z.array(tag),
  notes: z.string(),
  state: evidenceState,
  /** One sentence; null while intact. */
  stateReason: z.string().nullable(),
  checkedAt: timestamp,
  /** Of the latest verdict on it. */
  verdict: verdictLabel.nullable(),
  score: z.number().nullable(),
  takenAt: timestamp,
});
export type EvidenceItem = z.infer<typeof evidenceItem>;

/** A file that the program made from evidence. It is never evidence itself. */
export const derivedFile = z.object({
  blob: sha256,
  /** What it is, e.g. `thumbnail`. */
  purpose: z.string(),
  tool: z.string(),
  toolVersion: z.string(),
  parameters: z.record(z.string(), z.json()),
  /** Of the bytes that it was made from. */
  sourceSha256: sha256,
  createdAt: timestamp,
});
export type DerivedFile = z.infer<typeof derivedFile>;

export const evidenceSort = z.enum(['taken', 'name', 'bytes', 'pixels', 'score', 'state']);
export type EvidenceSort = z.infer<typeof evidenceSort>;
export const evidenceFilter = z.object({
  state: evidenceState.optional(),
  /** `none`: those without one. */
  verdict: z.enum([...verdictLabel.options, 'none']).optional(),
  format: pictureFormat.optional(),
  tag: tag.optional(),
  /** Looked for in name, path and notes, without regard to case; a whole SHA-256 finds the item with these bytes. */
  text: z.string().max(200).optional(),
});
export type EvidenceFilter = z.infer<typeof evidenceFilter>;
export const evidenceOrder = z.object({
  sort: evidenceSort.default('taken'),
  /** By score, items without a verdict come first, and last where this is true. */
  descending: z.boolean().default(false),
});
export type EvidenceOrder = z.infer<typeof evidenceOrder>;

const count = z.number().int().nonnegative();
/** How many entries of each list a report carries; its counts are always whole. */
export const reportedAtMost = 2000;
export const intakeReport = z.object({
  caseId: id,
  case: z.string(),
  added: count,
  duplicates: count,
  refused: count,
  /** The first of each. `sameAs` is where the item with the same bytes was taken from. */
  duplicateList: z.array(z.object({ path: z.string(), sha256, sameAs: z.string() })),
  refusedList: z.array(refusal),
});
export type IntakeReport = z.infer<typeof intakeReport>;
export const intakeRequest = z.object({
  /** Files or folders, absolute or relative to the host's working folder; folders are walked. */
  paths: z.array(pathToRead).min(1),
  /** Id or name. */
  case: z.string().min(1),
  storage: evidenceStorage.default('copy'),
});
export type IntakeRequest = z.infer<typeof intakeRequest>;

/** What an upload answers with. */
export const uploadedEvidence = z.object({ item: evidenceItem, duplicate: z.boolean() });
export type UploadedEvidence = z.infer<typeof uploadedEvidence>;

export const checkReport = z.object({
  checked: count,
  states: z.record(evidenceState, count),
  /** The first that are not intact. */
  found: z.array(z.object({ id, path: z.string(), state: evidenceState, reason: z.string() })),
});
export type CheckReport = z.infer<typeof checkReport>;

/** A whole case, or some of its items. */
export const evidenceSelection = z.object({
  /** Id or name. */
  case: z.string().min(1),
  items: z.array(id).min(1).max(10_000).optional(),
});
export type EvidenceSelection = z.infer<typeof evidenceSelection>;

const started = z.object({ jobId: id });
export const evidenceApi = {
  /** A page of a case's items, and how many there are in all. */
  items: query(
    page.extend({ caseId: id, ...evidenceFilter.shape, ...evidenceOrder.shape }),
    z.object({ items: z.array(evidenceItem), total: count }),
  ),
  get: query(
    z.object({ id }),
    z.object({ item: evidenceItem, derived: z.array(derivedFile), verdicts: z.array(verdict) }),
  ),
  /** Items whose perceptual hash differs in at most `distance` of 64 bits, the nearest first. */
  similar: query(
    z.object({
      id,
      distance: z.number().int().min(0).max(32).default(8),
      /** Also in other cases. */
      everywhere: z.boolean().default(false),
      limit: z.number().int().min(1).max(500).default(100),
    }),
    z.array(z.object({ item: evidenceItem, distance: z.number().int() })),
  ),
  /** Starts an intake and answers at once with its job. */
  takeIn: mutation(intakeRequest, started),
  /** Makes a case of rendered scenes to try the program with; where it is there already, answers with that one. */
  takeSample: mutation(empty, z.object({ caseId: id })),
  edit: mutation(
    z.object({
      ids: z.array(id).min(1).max(10_000),
      addTags: z.array(tag).max(100).default([]),
      removeTags: z.array(tag).max(100).default([]),
      notes: z.string().max(100_000).optional(),
    }),
    z.object({ changed: count }),
  ),
  /** Starts a job that hashes originals again and sets their states. */
  check: mutation(evidenceSelection, started),
  /** Starts a job that judges items, each hashed again before. */
  detect: mutation(evidenceSelection.extend({ model: modelReference.optional() }), started),
};
