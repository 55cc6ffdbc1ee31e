/** Exported and imported detectors; at most one is the current one. */
import type { Migration } from './migrations.ts';

export const models: Migration = {
  number: 50,
  name: 'models',
  sql: `
CREATE TABLE models (
  id TEXT PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 80),
  run_id TEXT REFERENCES training_runs (id),
  name TEXT NOT NULL CHECK (name <> ''),
  sha256 TEXT NOT NULL REFERENCES blobs (hash),
  bytes INTEGER NOT NULL CHECK (bytes > 0),
  created_at INTEGER NOT NULL CHECK (created_at >= 0),
  is_current INTEGER NOT NULL DEFAULT 0 CHECK (is_current IN (0, 1)),
  passport TEXT NOT NULL CHECK (json_valid(passport) AND json_type(passport) = 'object')
) STRICT;
CREATE UNIQUE INDEX models_one_current ON models (is_current) WHERE is_current = 1;
CREATE INDEX models_by_time ON models (created_at);
CREATE INDEX models_by_run ON models (run_id) WHERE run_id IS NOT NULL;
CREATE INDEX models_by_blob ON models (sha256);
`,
};
