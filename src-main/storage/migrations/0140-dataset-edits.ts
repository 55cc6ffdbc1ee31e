/** What was done to datasets, with every item as it was before and after: the undo stack. */
import type { Migration } from './migrations.ts';

export const datasetEdits: Migration = {
  number: 140,
  name: 'dataset-edits',
  sql: `
CREATE TABLE dataset_edits (
  sequence INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE CHECK (length(id) BETWEEN 1 AND 80),
  dataset_id TEXT NOT NULL REFERENCES datasets (id) ON DELETE CASCADE,
  action TEXT NOT NULL CHECK (action <> ''),
  summary TEXT NOT NULL CHECK (summary <> ''),
  at INTEGER NOT NULL CHECK (at >= 0),
  undone_at INTEGER CHECK (undone_at >= 0)
) STRICT;
CREATE INDEX dataset_edits_in_order ON dataset_edits (dataset_id);

-- \`before\` and \`after\` are rows of dataset_items, whose blobs stay referred to while the edit can be undone or done again.
CREATE TABLE dataset_edit_items (
  edit_id TEXT NOT NULL REFERENCES dataset_edits (id) ON DELETE CASCADE,
  item_id TEXT NOT NULL CHECK (length(item_id) BETWEEN 1 AND 80),
  before TEXT CHECK (before IS NULL OR (json_valid(before) AND json_type(before) = 'object')),
  after TEXT CHECK (after IS NULL OR (json_valid(after) AND json_type(after) = 'object')),
  PRIMARY KEY (edit_id, item_id),
  CHECK (before IS NOT NULL OR after IS NOT NULL)
) STRICT, WITHOUT ROWID;
`,
};
