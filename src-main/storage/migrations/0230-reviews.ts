/** What examiners conclude of evidence. A review never changes; that it is opened is the one thing that happens to it. */
import type { Migration } from './migrations.ts';

export const reviews: Migration = {
  number: 230,
  name: 'reviews',
  sql: `
CREATE TABLE reviews (
  sequence INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE CHECK (length(id) BETWEEN 1 AND 80),
  evidence_id TEXT NOT NULL REFERENCES evidence_items (id),
  sha256 TEXT NOT NULL CHECK (length(sha256) = 64 AND sha256 NOT GLOB '*[^0-9a-f]*'),
  examiner TEXT NOT NULL CHECK (examiner <> ''),
  -- The name without regard to case, to tell examiners apart.
  examiner_key TEXT NOT NULL CHECK (examiner_key <> ''),
  position INTEGER NOT NULL CHECK (position > 0),
  verdict TEXT NOT NULL CHECK (verdict IN ('real', 'simulated', 'inconclusive')),
  reasons TEXT NOT NULL CHECK (reasons <> ''),
  blind INTEGER NOT NULL CHECK (blind IN (0, 1)),
  -- Random, so that the digest of the row, which the audit log holds while the review is sealed, tells nothing of it.
  salt TEXT NOT NULL CHECK (length(salt) = 64),
  created_at INTEGER NOT NULL CHECK (created_at >= 0),
  opened_at INTEGER CHECK (opened_at >= created_at),
  UNIQUE (evidence_id, position),
  UNIQUE (evidence_id, examiner_key)
) STRICT;

CREATE TRIGGER reviews_of_these_bytes BEFORE INSERT ON reviews
WHEN EXISTS (SELECT 1 FROM evidence_items WHERE id = NEW.evidence_id AND sha256 <> NEW.sha256)
BEGIN SELECT RAISE(ABORT, 'a review is of the bytes that were taken in'); END;
CREATE TRIGGER reviews_only_opened BEFORE UPDATE ON reviews
WHEN OLD.opened_at IS NOT NULL OR NEW.opened_at IS NULL OR OLD.id <> NEW.id OR OLD.evidence_id <> NEW.evidence_id
  OR OLD.sha256 <> NEW.sha256 OR OLD.examiner <> NEW.examiner OR OLD.examiner_key <> NEW.examiner_key
  OR OLD.position <> NEW.position OR OLD.verdict <> NEW.verdict OR OLD.reasons <> NEW.reasons
  OR OLD.blind <> NEW.blind OR OLD.salt <> NEW.salt OR OLD.created_at <> NEW.created_at
BEGIN SELECT RAISE(ABORT, 'a review never changes'); END;
CREATE TRIGGER reviews_not_deleted BEFORE DELETE ON reviews
BEGIN SELECT RAISE(ABORT, 'a review never changes'); END;
`,
};
