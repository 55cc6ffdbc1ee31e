/** Files of the blob store, and what decoding told of those that are pictures. */
import type { Migration } from './migrations.ts';

export const blobs: Migration = {
  number: 10,
  name: 'blobs',
  sql: `
CREATE TABLE blobs (
  hash TEXT PRIMARY KEY CHECK (length(hash) = 64 AND hash NOT GLOB '*[^0-9a-f]*'),
  bytes INTEGER NOT NULL CHECK (bytes >= 0),
  media_type TEXT NOT NULL CHECK (media_type LIKE '_%/_%'),
  kind TEXT NOT NULL CHECK (kind IN ('original', 'derived')),
  created_at INTEGER NOT NULL CHECK (created_at >= 0)
) STRICT, WITHOUT ROWID;

-- Facts of an original's bytes, whoever refers to them: the same file has them once.
CREATE TABLE pictures (
  sha256 TEXT PRIMARY KEY REFERENCES blobs (hash),
  format TEXT NOT NULL CHECK (format <> ''),
  width INTEGER NOT NULL CHECK (width > 0),
  height INTEGER NOT NULL CHECK (height > 0),
  notes TEXT NOT NULL CHECK (json_valid(notes) AND json_type(notes) = 'array'),
  thumbnail TEXT NOT NULL REFERENCES blobs (hash),
  perceptual_hash TEXT NOT NULL CHECK (length(perceptual_hash) = 16 AND perceptual_hash NOT GLOB '*[^0-9a-f]*'),
  rendered INTEGER NOT NULL CHECK (rendered IN (0, 1))
) STRICT, WITHOUT ROWID;
CREATE INDEX pictures_by_thumbnail ON pictures (thumbnail);
`,
};
