/** What models said of pictures. */
import type { Migration } from './migrations.ts';

export const verdicts: Migration = {
  number: 60,
  name: 'verdicts',
  sql: `
CREATE TABLE verdicts (
  sequence INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE CHECK (length(id) BETWEEN 1 AND 80),
  path TEXT NOT NULL,
  sha256 TEXT NOT NULL REFERENCES blobs (hash),
  width INTEGER NOT NULL CHECK (width > 0),
  height INTEGER NOT NULL CHECK (height > 0),
  format TEXT NOT NULL CHECK (format <> ''),
  rendered INTEGER NOT NULL CHECK (rendered IN (0, 1)),
  verdict TEXT NOT NULL CHECK (verdict IN ('real', 'simulated', 'inconclusive')),
  reason TEXT NOT NULL CHECK (reason <> ''),
  notes TEXT NOT NULL CHECK (json_valid(notes) AND json_type(notes) = 'array'),
  score REAL NOT NULL,
  llr REAL,
  tiles INTEGER NOT NULL CHECK (tiles > 0),
  preview TEXT NOT NULL REFERENCES blobs (hash),
  -- The contract's \`maps\`, whose pictures are blobs.
  maps TEXT NOT NULL CHECK (json_valid(maps) AND json_type(maps) = 'object'),
  model_id TEXT NOT NULL REFERENCES models (id),
  provider TEXT NOT NULL,
  decode_ms REAL NOT NULL CHECK (decode_ms >= 0),
  infer_ms REAL NOT NULL CHECK (infer_ms >= 0),
  total_ms REAL NOT NULL CHECK (total_ms >= 0),
  created_at INTEGER NOT NULL CHECK (created_at >= 0)
) STRICT;
CREATE INDEX verdicts_by_picture ON verdicts (sha256);
CREATE INDEX verdicts_by_model ON verdicts (model_id);
CREATE INDEX verdicts_by_preview ON verdicts (preview);
`,
};
