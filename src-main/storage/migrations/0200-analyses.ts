/** What the classical analyses found in pictures, or why one did not run or failed. */
import type { Migration } from './migrations.ts';

export const analyses: Migration = {
  number: 200,
  name: 'analyses',
  sql: `
CREATE TABLE analyses (
  sequence INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE CHECK (length(id) BETWEEN 1 AND 80),
  path TEXT NOT NULL,
  sha256 TEXT NOT NULL CHECK (length(sha256) = 64 AND sha256 NOT GLOB '*[^0-9a-f]*'),
  evidence_id TEXT REFERENCES evidence_items (id),
  name TEXT NOT NULL CHECK (name <> ''),
  title TEXT NOT NULL CHECK (title <> ''),
  version INTEGER NOT NULL CHECK (version > 0),
  program_version TEXT NOT NULL CHECK (program_version <> ''),
  libraries TEXT NOT NULL CHECK (json_valid(libraries) AND json_type(libraries) = 'array'),
  parameters TEXT NOT NULL CHECK (json_valid(parameters) AND json_type(parameters) = 'object'),
  state TEXT NOT NULL CHECK (state IN ('ran', 'not-run', 'failed')),
  reason TEXT CHECK (reason <> ''),
  findings TEXT NOT NULL CHECK (json_valid(findings) AND json_type(findings) = 'array'),
  -- The contract's \`maps\` and \`files\`, which are blobs; no other column names blobs.
  maps TEXT NOT NULL CHECK (json_valid(maps) AND json_type(maps) = 'array'),
  files TEXT NOT NULL CHECK (json_valid(files) AND json_type(files) = 'array'),
  details TEXT NOT NULL CHECK (json_valid(details) AND json_type(details) = 'object'),
  run_ms REAL NOT NULL CHECK (run_ms >= 0),
  created_at INTEGER NOT NULL CHECK (created_at >= 0),
  CHECK ((state = 'ran') = (reason IS NULL))
) STRICT;
CREATE INDEX analyses_by_picture ON analyses (sha256);
CREATE INDEX analyses_by_evidence ON analyses (evidence_id, name, sequence) WHERE evidence_id IS NOT NULL;

-- The picture of an analysis without an item of evidence lies in the blob store.
CREATE TRIGGER analyses_of_a_blob BEFORE INSERT ON analyses
WHEN NEW.evidence_id IS NULL AND NOT EXISTS (SELECT 1 FROM blobs WHERE hash = NEW.sha256)
BEGIN SELECT RAISE(ABORT, 'the picture of an analysis is kept'); END;
CREATE TRIGGER blobs_of_analyses BEFORE DELETE ON blobs
WHEN EXISTS (SELECT 1 FROM analyses WHERE sha256 = OLD.hash AND evidence_id IS NULL)
BEGIN SELECT RAISE(ABORT, 'the picture of an analysis is kept'); END;

CREATE TRIGGER analyses_of_these_bytes BEFORE INSERT ON analyses
WHEN EXISTS (SELECT 1 FROM evidence_items WHERE id = NEW.evidence_id AND sha256 <> NEW.sha256)
BEGIN SELECT RAISE(ABORT, 'an analysis of evidence is of the bytes that were taken in'); END;
`,
};
