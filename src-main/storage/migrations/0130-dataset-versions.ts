/** Datasets as runs used them, what else is said of items, and which version a run used. */
import type { Migration } from './migrations.ts';

export const datasetVersions: Migration = {
  number: 130,
  name: 'dataset-versions',
  sql: `
ALTER TABLE datasets ADD COLUMN content_hash TEXT
  CHECK (content_hash IS NULL OR (length(content_hash) = 64 AND content_hash NOT GLOB '*[^0-9a-f]*'));
ALTER TABLE dataset_items ADD COLUMN licence TEXT CHECK (length(licence) BETWEEN 1 AND 200);
-- Why a picture that is evidence of a case may stand in a dataset.
ALTER TABLE dataset_items ADD COLUMN evidence_reason TEXT CHECK (length(evidence_reason) BETWEEN 1 AND 500);

CREATE TABLE dataset_versions (
  id TEXT PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 80),
  dataset_id TEXT NOT NULL REFERENCES datasets (id),
  number INTEGER NOT NULL CHECK (number > 0),
  manifest_hash TEXT NOT NULL CHECK (length(manifest_hash) = 64 AND manifest_hash NOT GLOB '*[^0-9a-f]*'),
  content_hash TEXT NOT NULL CHECK (length(content_hash) = 64 AND content_hash NOT GLOB '*[^0-9a-f]*'),
  items INTEGER NOT NULL CHECK (items >= 0),
  created_at INTEGER NOT NULL CHECK (created_at >= 0),
  sealed INTEGER NOT NULL DEFAULT 0 CHECK (sealed IN (0, 1)),
  UNIQUE (dataset_id, number)
) STRICT;

CREATE TABLE dataset_version_items (
  version_id TEXT NOT NULL REFERENCES dataset_versions (id),
  position INTEGER NOT NULL CHECK (position >= 0),
  item_id TEXT NOT NULL CHECK (length(item_id) BETWEEN 1 AND 80),
  sha256 TEXT NOT NULL REFERENCES pictures (sha256),
  label TEXT NOT NULL CHECK (label IN ('real', 'reference', 'simulated', 'unlabelled')),
  split TEXT NOT NULL CHECK (split IN ('train', 'validation', 'test')),
  group_key TEXT NOT NULL CHECK (group_key <> ''),
  category TEXT CHECK (length(category) BETWEEN 1 AND 80),
  mask TEXT REFERENCES blobs (hash),
  source_path TEXT NOT NULL,
  added_at INTEGER NOT NULL CHECK (added_at >= 0),
  licence TEXT CHECK (length(licence) BETWEEN 1 AND 200),
  evidence_reason TEXT CHECK (length(evidence_reason) BETWEEN 1 AND 500),
  PRIMARY KEY (version_id, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX dataset_version_items_by_picture ON dataset_version_items (sha256);
CREATE INDEX dataset_version_items_by_mask ON dataset_version_items (mask) WHERE mask IS NOT NULL;

-- A sealed version never changes, whoever tries, INSERT OR REPLACE included; and it is sealed only when it is whole.
CREATE TRIGGER dataset_versions_replaced BEFORE INSERT ON dataset_versions
WHEN EXISTS (SELECT 1 FROM dataset_versions v WHERE v.id = NEW.id
  OR (v.dataset_id = NEW.dataset_id AND v.number = NEW.number))
BEGIN SELECT RAISE(ABORT, 'a version of a dataset never changes'); END;
CREATE TRIGGER dataset_versions_updated BEFORE UPDATE ON dataset_versions WHEN OLD.sealed = 1
BEGIN SELECT RAISE(ABORT, 'a version of a dataset never changes'); END;
CREATE TRIGGER dataset_versions_deleted BEFORE DELETE ON dataset_versions WHEN OLD.sealed = 1
BEGIN SELECT RAISE(ABORT, 'a version of a dataset never changes'); END;
CREATE TRIGGER dataset_versions_sealed BEFORE UPDATE ON dataset_versions
WHEN NEW.sealed = 1 AND NEW.items <> (SELECT count(*) FROM dataset_version_items i WHERE i.version_id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'a version of a dataset is sealed when all its items are in'); END;
CREATE TRIGGER dataset_version_items_inserted BEFORE INSERT ON dataset_version_items
WHEN (SELECT sealed FROM dataset_versions v WHERE v.id = NEW.version_id) = 1
BEGIN SELECT RAISE(ABORT, 'a version of a dataset never changes'); END;
CREATE TRIGGER dataset_version_items_updated BEFORE UPDATE ON dataset_version_items
BEGIN SELECT RAISE(ABORT, 'a version of a dataset never changes'); END;
CREATE TRIGGER dataset_version_items_deleted BEFORE DELETE ON dataset_version_items
WHEN (SELECT sealed FROM dataset_versions v WHERE v.id = OLD.version_id) = 1
BEGIN SELECT RAISE(ABORT, 'a version of a dataset never changes'); END;

ALTER TABLE training_runs ADD COLUMN dataset_version_id TEXT REFERENCES dataset_versions (id);
CREATE INDEX training_runs_by_version ON training_runs (dataset_version_id) WHERE dataset_version_id IS NOT NULL;
CREATE TRIGGER training_runs_version_kept
BEFORE UPDATE OF dataset_id, dataset_manifest_hash, dataset_version_id ON training_runs
WHEN NEW.dataset_id IS NOT OLD.dataset_id OR NEW.dataset_manifest_hash IS NOT OLD.dataset_manifest_hash
  OR NEW.dataset_version_id IS NOT OLD.dataset_version_id
BEGIN SELECT RAISE(ABORT, 'what a run was trained on never changes'); END;
`,
};
