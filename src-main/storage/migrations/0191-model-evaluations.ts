/** What models were found to be worth on manifests of labelled pictures: the judged pictures, and the figures of them. */
import type { Migration } from './migrations.ts';

export const modelEvaluations: Migration = {
  number: 191,
  name: 'model-evaluations',
  sql: `
CREATE TABLE model_evaluations (
  id TEXT PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 80),
  model_id TEXT NOT NULL REFERENCES models (id),
  created_at INTEGER NOT NULL CHECK (created_at >= 0),
  seed INTEGER NOT NULL,
  manifest TEXT NOT NULL CHECK (manifest <> ''),
  manifest_sha256 TEXT NOT NULL CHECK (length(manifest_sha256) = 64 AND manifest_sha256 NOT GLOB '*[^0-9a-f]*'),
  pictures TEXT NOT NULL CHECK (json_valid(pictures) AND json_type(pictures) = 'array'),
  figures TEXT NOT NULL CHECK (json_valid(figures) AND json_type(figures) = 'object')
) STRICT;
CREATE INDEX model_evaluations_by_model ON model_evaluations (model_id, created_at);
`,
};
