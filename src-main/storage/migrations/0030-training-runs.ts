/** Training runs with their time series, samples, log and checkpoints. */
import type { Migration } from './migrations.ts';

export const trainingRuns: Migration = {
  number: 30,
  name: 'training-runs',
  sql: `
CREATE TABLE training_runs (
  id TEXT PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 80),
  dataset_id TEXT NOT NULL REFERENCES datasets (id),
  -- Name, kind and manifest as they were when the run began: the dataset may have grown since.
  dataset_name TEXT NOT NULL,
  rendered INTEGER NOT NULL CHECK (rendered IN (0, 1)),
  dataset_manifest_hash TEXT NOT NULL
    CHECK (length(dataset_manifest_hash) = 64 AND dataset_manifest_hash NOT GLOB '*[^0-9a-f]*'),
  state TEXT NOT NULL
    CHECK (state IN ('queued', 'running', 'paused', 'done', 'failed', 'cancelled', 'interrupted')),
  created_at INTEGER NOT NULL CHECK (created_at >= 0),
  started_at INTEGER CHECK (started_at >= 0),
  ended_at INTEGER CHECK (ended_at >= 0),
  request TEXT NOT NULL CHECK (json_valid(request) AND json_type(request) = 'object'),
  config TEXT NOT NULL CHECK (json_valid(config) AND json_type(config) = 'object'),
  backend TEXT CHECK (backend IS NULL OR (json_valid(backend) AND json_type(backend) = 'object')),
  step INTEGER NOT NULL DEFAULT 0 CHECK (step >= 0),
  trained_seconds REAL NOT NULL DEFAULT 0 CHECK (trained_seconds >= 0),
  error TEXT CHECK (error IS NULL OR (json_valid(error) AND json_type(error) = 'object')),
  program_version TEXT NOT NULL,
  CHECK (state <> 'failed' OR error IS NOT NULL),
  CHECK ((ended_at IS NULL) = (state IN ('queued', 'running', 'paused')))
) STRICT;
CREATE INDEX training_runs_by_time ON training_runs (created_at);
CREATE INDEX training_runs_by_dataset ON training_runs (dataset_id);
CREATE INDEX training_runs_active ON training_runs (state) WHERE state IN ('queued', 'running', 'paused');

CREATE TABLE run_metrics (
  run_id TEXT NOT NULL REFERENCES training_runs (id) ON DELETE CASCADE,
  step INTEGER NOT NULL CHECK (step >= 0),
  cls REAL NOT NULL,
  sim REAL NOT NULL,
  div REAL NOT NULL,
  total_generator REAL NOT NULL,
  total_detector REAL NOT NULL,
  accuracy REAL NOT NULL CHECK (accuracy BETWEEN 0 AND 1),
  mask_area REAL NOT NULL CHECK (mask_area BETWEEN 0 AND 1),
  images_per_second REAL NOT NULL CHECK (images_per_second >= 0),
  data_wait_share REAL NOT NULL CHECK (data_wait_share BETWEEN 0 AND 1),
  eta_seconds REAL CHECK (eta_seconds >= 0),
  PRIMARY KEY (run_id, step)
) STRICT, WITHOUT ROWID;

-- \`sample\` is a runSample of the contract, whose pictures and maps are blobs.
CREATE TABLE run_samples (
  run_id TEXT NOT NULL REFERENCES training_runs (id) ON DELETE CASCADE,
  step INTEGER NOT NULL CHECK (step >= 0),
  sample_index INTEGER NOT NULL CHECK (sample_index >= 0),
  sample TEXT NOT NULL CHECK (json_valid(sample) AND json_type(sample) = 'object'),
  PRIMARY KEY (run_id, step, sample_index)
) STRICT, WITHOUT ROWID;

CREATE TABLE run_log (
  sequence INTEGER PRIMARY KEY,
  run_id TEXT NOT NULL REFERENCES training_runs (id) ON DELETE CASCADE,
  at INTEGER NOT NULL CHECK (at >= 0),
  level TEXT NOT NULL CHECK (level IN ('info', 'warning', 'error')),
  code TEXT NOT NULL,
  message TEXT NOT NULL
) STRICT;
CREATE INDEX run_log_in_order ON run_log (run_id);

CREATE TABLE checkpoints (
  run_id TEXT NOT NULL REFERENCES training_runs (id) ON DELETE CASCADE,
  step INTEGER NOT NULL CHECK (step >= 0),
  -- Relative to the run's folder, so that a workspace can be moved.
  path TEXT NOT NULL CHECK (path <> '' AND path NOT LIKE '/%' AND path NOT LIKE '%..%'),
  bytes INTEGER NOT NULL CHECK (bytes > 0),
  sha256 TEXT NOT NULL CHECK (length(sha256) = 64 AND sha256 NOT GLOB '*[^0-9a-f]*'),
  trained_seconds REAL NOT NULL CHECK (trained_seconds >= 0),
  created_at INTEGER NOT NULL CHECK (created_at >= 0),
  PRIMARY KEY (run_id, step)
) STRICT, WITHOUT ROWID;
`,
};
