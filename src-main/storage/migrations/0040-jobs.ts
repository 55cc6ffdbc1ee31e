/** Long jobs other than training. Their kinds are checked by the contract, because later versions add some. */
import type { Migration } from './migrations.ts';

export const jobs: Migration = {
  number: 40,
  name: 'jobs',
  sql: `
CREATE TABLE jobs (
  sequence INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE CHECK (length(id) BETWEEN 1 AND 80),
  kind TEXT NOT NULL CHECK (kind <> ''),
  title TEXT NOT NULL,
  state TEXT NOT NULL
    CHECK (state IN ('queued', 'running', 'paused', 'done', 'failed', 'cancelled', 'interrupted')),
  progress TEXT CHECK (progress IS NULL OR (json_valid(progress) AND json_type(progress) = 'object')),
  result TEXT CHECK (result IS NULL OR (json_valid(result) AND json_type(result) = 'object')),
  error TEXT CHECK (error IS NULL OR (json_valid(error) AND json_type(error) = 'object')),
  created_at INTEGER NOT NULL CHECK (created_at >= 0),
  started_at INTEGER CHECK (started_at >= 0),
  ended_at INTEGER CHECK (ended_at >= 0),
  CHECK (state <> 'failed' OR error IS NOT NULL),
  CHECK (state <> 'done' OR result IS NOT NULL),
  CHECK ((ended_at IS NULL) = (state IN ('queued', 'running', 'paused')))
) STRICT;
CREATE INDEX jobs_active ON jobs (state) WHERE state IN ('queued', 'running', 'paused');
`,
};
