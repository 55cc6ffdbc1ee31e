/** Pictures judged in bulk. A picture waits, or was judged, or failed; what was judged has a row of results, which never changes. */
import type { Migration } from './migrations.ts';

export const triage: Migration = {
  number: 180,
  name: 'triage',
  sql: `
CREATE TABLE triage_runs (
  sequence INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE CHECK (length(id) BETWEEN 1 AND 80),
  title TEXT NOT NULL,
  created_at INTEGER NOT NULL CHECK (created_at >= 0),
  folders TEXT NOT NULL CHECK (json_valid(folders) AND json_type(folders) = 'array'),
  model_id TEXT NOT NULL REFERENCES models (id),
  rules TEXT NOT NULL CHECK (json_valid(rules) AND json_type(rules) = 'array'),
  listed INTEGER NOT NULL CHECK (listed IN (0, 1))
) STRICT;
CREATE INDEX triage_runs_by_model ON triage_runs (model_id);
CREATE TABLE triage_items (
  sequence INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE CHECK (length(id) BETWEEN 1 AND 80),
  run_id TEXT NOT NULL REFERENCES triage_runs (id),
  path TEXT NOT NULL CHECK (path <> ''),
  category TEXT NOT NULL,
  priority INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('waiting', 'judged', 'failed')),
  error TEXT CHECK (error IS NULL OR (json_valid(error) AND json_type(error) = 'object')),
  UNIQUE (run_id, path),
  CHECK ((error IS NULL) = (state <> 'failed'))
) STRICT;
CREATE INDEX triage_items_in_turn ON triage_items (run_id, state, priority DESC, sequence);
CREATE INDEX triage_items_by_state ON triage_items (run_id, state, sequence);
CREATE TABLE triage_results (
  sequence INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE REFERENCES triage_items (id),
  run_id TEXT NOT NULL REFERENCES triage_runs (id),
  path TEXT NOT NULL,
  category TEXT NOT NULL,
  sha256 TEXT NOT NULL CHECK (length(sha256) = 64),
  width INTEGER NOT NULL CHECK (width > 0),
  height INTEGER NOT NULL CHECK (height > 0),
  format TEXT NOT NULL CHECK (format <> ''),
  verdict TEXT NOT NULL CHECK (verdict IN ('real', 'simulated', 'inconclusive')),
  reason TEXT NOT NULL CHECK (reason <> ''),
  score REAL NOT NULL,
  llr REAL,
  tiles INTEGER NOT NULL CHECK (tiles > 0),
  camera TEXT,
  taken TEXT,
  provider TEXT NOT NULL,
  judged_at INTEGER NOT NULL CHECK (judged_at >= 0),
  decode_ms REAL NOT NULL CHECK (decode_ms >= 0),
  infer_ms REAL NOT NULL CHECK (infer_ms >= 0),
  total_ms REAL NOT NULL CHECK (total_ms >= 0)
) STRICT;
CREATE INDEX triage_results_in_order ON triage_results (run_id, sequence);
CREATE INDEX triage_results_by_score ON triage_results (run_id, score DESC);
CREATE TRIGGER triage_results_never_change BEFORE UPDATE ON triage_results
BEGIN SELECT RAISE(ABORT, 'a result of triage never changes'); END;
`,
};
