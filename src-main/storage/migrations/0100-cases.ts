/** Cases, their evidence, and what was derived from it. */
import type { Migration } from './migrations.ts';

const hex = (column: string): string => `length(${column}) = 64 AND ${column} NOT GLOB '*[^0-9a-f]*'`;
const list = (column: string): string => `json_valid(${column}) AND json_type(${column}) = 'array'`;

export const cases: Migration = {
  number: 100,
  name: 'cases',
  sql: `
CREATE TABLE cases (
  id TEXT PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 80),
  name TEXT NOT NULL UNIQUE CHECK (length(name) BETWEEN 1 AND 120),
  number TEXT NOT NULL CHECK (length(number) <= 120),
  examiner TEXT NOT NULL CHECK (length(examiner) <= 120),
  notes TEXT NOT NULL,
  tags TEXT NOT NULL CHECK (${list('tags')}),
  status TEXT NOT NULL CHECK (status IN ('open', 'closed', 'archived')),
  created_at INTEGER NOT NULL CHECK (created_at >= 0),
  updated_at INTEGER NOT NULL CHECK (updated_at >= created_at)
) STRICT;
CREATE INDEX cases_by_change ON cases (updated_at, id);

CREATE TABLE evidence_items (
  sequence INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE CHECK (length(id) BETWEEN 1 AND 80),
  case_id TEXT NOT NULL REFERENCES cases (id),
  sha256 TEXT NOT NULL CHECK (${hex('sha256')}),
  -- By copy the bytes lie in the blob store; by reference they stay where they were found.
  storage TEXT NOT NULL CHECK (storage IN ('copy', 'reference')),
  -- Null also for a copy whose bytes never came here: an item of a bundle of hashes only.
  blob TEXT REFERENCES blobs (hash),
  source_path TEXT NOT NULL CHECK (source_path <> ''),
  name TEXT NOT NULL CHECK (name <> ''),
  -- The name as lists are sorted by it: lower case, numbers padded.
  name_key TEXT NOT NULL,
  -- What a search for text looks through: name, path and notes in lower case.
  search_text TEXT NOT NULL,
  format TEXT NOT NULL CHECK (format <> ''),
  media_type TEXT NOT NULL CHECK (media_type LIKE '_%/_%'),
  bytes INTEGER NOT NULL CHECK (bytes > 0),
  width INTEGER NOT NULL CHECK (width > 0),
  height INTEGER NOT NULL CHECK (height > 0),
  pixels INTEGER NOT NULL CHECK (pixels = width * height),
  reading_notes TEXT NOT NULL CHECK (${list('reading_notes')}),
  embedded_dates TEXT NOT NULL CHECK (${list('embedded_dates')}),
  -- Of the file that it was taken from; null where bytes came without a file.
  modified_at INTEGER,
  thumbnail TEXT NOT NULL REFERENCES blobs (hash),
  perceptual_hash TEXT NOT NULL CHECK (length(perceptual_hash) = 16 AND perceptual_hash NOT GLOB '*[^0-9a-f]*'),
  rendered INTEGER NOT NULL CHECK (rendered IN (0, 1)),
  tags TEXT NOT NULL CHECK (${list('tags')}),
  notes TEXT NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('intact', 'changed', 'missing', 'unreadable')),
  -- One sentence on a state other than intact.
  state_reason TEXT CHECK ((state_reason IS NULL) = (state = 'intact')),
  checked_at INTEGER NOT NULL CHECK (checked_at >= 0),
  -- Of the latest verdict on it, kept by the trigger on verdicts.
  verdict TEXT CHECK (verdict IN ('real', 'simulated', 'inconclusive')),
  score REAL,
  taken_at INTEGER NOT NULL CHECK (taken_at >= 0),
  UNIQUE (case_id, sha256),
  CHECK (blob IS NULL OR (storage = 'copy' AND blob = sha256)),
  CHECK ((verdict IS NULL) = (score IS NULL))
) STRICT;
-- A page is found in one of these alone, whatever is filtered for: each ends in all that a filter asks for.
CREATE INDEX evidence_by_time ON evidence_items (case_id, sequence, state, verdict, format, tags);
CREATE INDEX evidence_by_name ON evidence_items (case_id, name_key, sequence, state, verdict, format, tags);
CREATE INDEX evidence_by_bytes ON evidence_items (case_id, bytes, sequence, state, verdict, format, tags);
CREATE INDEX evidence_by_pixels ON evidence_items (case_id, pixels, sequence, state, verdict, format, tags);
CREATE INDEX evidence_by_score ON evidence_items (case_id, score, sequence, state, verdict, format, tags);
CREATE INDEX evidence_by_state ON evidence_items (case_id, state, verdict, sequence, format, tags);
CREATE INDEX evidence_by_text ON evidence_items (case_id, search_text);
CREATE INDEX evidence_by_hash ON evidence_items (sha256);
CREATE INDEX evidence_by_blob ON evidence_items (blob) WHERE blob IS NOT NULL;
CREATE INDEX evidence_by_thumbnail ON evidence_items (thumbnail);

-- Files that the program made from evidence, each with what made it.
CREATE TABLE derived_files (
  sequence INTEGER PRIMARY KEY,
  case_id TEXT NOT NULL REFERENCES cases (id),
  -- Null for a file that belongs to the case as a whole.
  evidence_id TEXT REFERENCES evidence_items (id),
  blob TEXT NOT NULL REFERENCES blobs (hash),
  purpose TEXT NOT NULL CHECK (purpose <> ''),
  tool TEXT NOT NULL CHECK (tool <> ''),
  tool_version TEXT NOT NULL CHECK (tool_version <> ''),
  parameters TEXT NOT NULL CHECK (json_valid(parameters) AND json_type(parameters) = 'object'),
  -- SHA-256 of the bytes that it was made from.
  source_sha256 TEXT NOT NULL CHECK (${hex('source_sha256')}),
  created_at INTEGER NOT NULL CHECK (created_at >= 0)
) STRICT;
CREATE INDEX derived_files_by_case ON derived_files (case_id);
CREATE INDEX derived_files_by_evidence ON derived_files (evidence_id) WHERE evidence_id IS NOT NULL;
CREATE INDEX derived_files_by_blob ON derived_files (blob);
`,
};
