/** Rows of evidence as the contract speaks of them, and the texts by which lists are sorted and searched. */
import type { DerivedFile, EmbeddedDate, EvidenceItem } from '#contract/evidence.ts';
import type { DerivedRow, EvidenceRow } from './evidence.repository.ts';

export const toEvidence = (row: EvidenceRow): EvidenceItem => ({
  id: row.id,
  caseId: row.case_id,
  sha256: row.sha256,
  storage: row.storage,
  sourcePath: row.source_path,
  name: row.name,
  format: row.format,
  bytes: row.bytes,
  width: row.width,
  height: row.height,
  readingNotes: JSON.parse(row.reading_notes) as string[],
  embeddedDates: JSON.parse(row.embedded_dates) as EmbeddedDate[],
  modifiedAt: row.modified_at,
  thumbnail: row.thumbnail,
  perceptualHash: row.perceptual_hash,
  rendered: row.rendered === 1,
  tags: JSON.parse(row.tags) as string[],
  notes: row.notes,
  state: row.state,
  stateReason: row.state_reason,
  checkedAt: row.checked_at,
  verdict: row.verdict,
  score: row.score,
  takenAt: row.taken_at,
});

export const toDerived = (row: DerivedRow): DerivedFile => ({
  blob: row.blob,
  purpose: row.purpose,
  tool: row.tool,
  toolVersion: row.tool_version,
  parameters: JSON.parse(row.parameters) as DerivedFile['parameters'],
  sourceSha256: row.source_sha256,
  createdAt: row.created_at,
});

/** A text without regard to case and to how its accents are coded. */
export const searchable = (text: string): string => text.normalize('NFC').toLowerCase();

/** A name that sorts as people expect, `2.jpg` before `10.jpg`: numbers are padded to twelve digits. */
export const nameKey = (name: string): string =>
  searchable(name).replaceAll(/\d+/g, (digits) => digits.padStart(12, '0'));

/** The path ends in the name. */
export const searchText = (item: { source_path: string; notes: string }): string =>
  searchable(`${item.source_path}\n${item.notes}`);
