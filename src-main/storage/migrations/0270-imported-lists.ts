/** Lists of known hashes and of trusted certificates, kept as the files that they were. */
import type { Migration } from './migrations.ts';

export const importedLists: Migration = {
  number: 270,
  name: 'imported-lists',
  sql: `
CREATE TABLE imported_lists (
  id TEXT PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 80),
  kind TEXT NOT NULL CHECK (kind IN ('hashes', 'trust')),
  name TEXT NOT NULL UNIQUE CHECK (name <> ''),
  date TEXT NOT NULL CHECK (date GLOB '[0-9][0-9][0-9][0-9]-[0-9][0-9]-[0-9][0-9]'),
  file TEXT NOT NULL REFERENCES blobs (hash),
  source_path TEXT NOT NULL,
  counts TEXT NOT NULL CHECK (json_valid(counts) AND json_type(counts) = 'object'),
  not_comparable TEXT NOT NULL CHECK (json_valid(not_comparable) AND json_type(not_comparable) = 'object'),
  imported_at INTEGER NOT NULL CHECK (imported_at >= 0)
) STRICT;
CREATE INDEX imported_lists_by_file ON imported_lists (file);
`,
};
