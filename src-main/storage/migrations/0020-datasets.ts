/** Datasets and their items. */
import type { Migration } from './migrations.ts';

export const datasets: Migration = {
  number: 20,
  name: 'datasets',
  sql: `
CREATE TABLE datasets (
  id TEXT PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 80),
  name TEXT NOT NULL UNIQUE CHECK (length(name) BETWEEN 1 AND 120),
  created_at INTEGER NOT NULL CHECK (created_at >= 0),
  rendered INTEGER NOT NULL CHECK (rendered IN (0, 1)),
  -- Null while it has to be computed again; the triggers below see to that.
  manifest_hash TEXT CHECK (manifest_hash IS NULL OR
    (length(manifest_hash) = 64 AND manifest_hash NOT GLOB '*[^0-9a-f]*'))
) STRICT;

CREATE TABLE dataset_items (
  sequence INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE CHECK (length(id) BETWEEN 1 AND 80),
  dataset_id TEXT NOT NULL REFERENCES datasets (id) ON DELETE CASCADE,
  sha256 TEXT NOT NULL REFERENCES pictures (sha256),
  label TEXT NOT NULL CHECK (label IN ('real', 'reference', 'simulated', 'unlabelled')),
  split TEXT NOT NULL CHECK (split IN ('train', 'validation', 'test')),
  group_key TEXT NOT NULL CHECK (group_key <> ''),
  category TEXT CHECK (length(category) BETWEEN 1 AND 80),
  mask TEXT REFERENCES blobs (hash),
  source_path TEXT NOT NULL,
  added_at INTEGER NOT NULL CHECK (added_at >= 0),
  UNIQUE (dataset_id, sha256)
) STRICT;
-- Each index ends in the row's sequence, so that a page of any filtered list is read in order without sorting.
CREATE INDEX dataset_items_in_order ON dataset_items (dataset_id);
CREATE INDEX dataset_items_by_label ON dataset_items (dataset_id, label);
CREATE INDEX dataset_items_by_split ON dataset_items (dataset_id, split);
CREATE INDEX dataset_items_by_label_split ON dataset_items (dataset_id, label, split);
CREATE INDEX dataset_items_by_group ON dataset_items (dataset_id, group_key, split);
CREATE INDEX dataset_items_by_picture ON dataset_items (sha256);
CREATE INDEX dataset_items_by_mask ON dataset_items (mask) WHERE mask IS NOT NULL;

-- One group never stands in two splits of a dataset.
CREATE TRIGGER dataset_items_group_insert BEFORE INSERT ON dataset_items
WHEN EXISTS (SELECT 1 FROM dataset_items o WHERE o.dataset_id = NEW.dataset_id
  AND o.group_key = NEW.group_key AND o.split <> NEW.split)
BEGIN SELECT RAISE(ABORT, 'a group stands in one split only'); END;

CREATE TRIGGER dataset_items_group_update BEFORE UPDATE OF split, group_key ON dataset_items
WHEN EXISTS (SELECT 1 FROM dataset_items o WHERE o.dataset_id = NEW.dataset_id
  AND o.group_key = NEW.group_key AND o.split <> NEW.split AND o.id <> NEW.id)
BEGIN SELECT RAISE(ABORT, 'a group stands in one split only'); END;

CREATE TRIGGER dataset_items_inserted AFTER INSERT ON dataset_items
BEGIN UPDATE datasets SET manifest_hash = NULL WHERE id = NEW.dataset_id AND manifest_hash IS NOT NULL; END;
CREATE TRIGGER dataset_items_updated AFTER UPDATE ON dataset_items
BEGIN UPDATE datasets SET manifest_hash = NULL WHERE id IN (OLD.dataset_id, NEW.dataset_id); END;
CREATE TRIGGER dataset_items_deleted AFTER DELETE ON dataset_items
BEGIN UPDATE datasets SET manifest_hash = NULL WHERE id = OLD.dataset_id; END;
`,
};
