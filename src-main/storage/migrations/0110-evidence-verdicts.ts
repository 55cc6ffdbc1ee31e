/**
 * Verdicts on evidence, whose original need not lie in the blob store, and of which the item itself shows the latest.
 * A verdict that was there before keeps its columns as they were, because the audit log may hold a digest of them.
 */
import type { Migration } from './migrations.ts';

export const evidenceVerdicts: Migration = {
  number: 110,
  name: 'evidence-verdicts',
  sql: `
CREATE TABLE verdicts_with_evidence (
  sequence INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE CHECK (length(id) BETWEEN 1 AND 80),
  path TEXT NOT NULL,
  sha256 TEXT NOT NULL CHECK (length(sha256) = 64 AND sha256 NOT GLOB '*[^0-9a-f]*'),
  evidence_id TEXT REFERENCES evidence_items (id),
  width INTEGER NOT NULL CHECK (width > 0),
  height INTEGER NOT NULL CHECK (height > 0),
  format TEXT NOT NULL CHECK (format <> ''),
  rendered INTEGER NOT NULL CHECK (rendered IN (0, 1)),
  verdict TEXT NOT NULL CHECK (verdict IN ('real', 'simulated', 'inconclusive')),
  reason TEXT NOT NULL CHECK (reason <> ''),
  notes TEXT NOT NULL CHECK (json_valid(notes) AND json_type(notes) = 'array'),
  score REAL NOT NULL,
  llr REAL,
  tiles INTEGER NOT NULL CHECK (tiles > 0),
  preview TEXT NOT NULL REFERENCES blobs (hash),
  -- The contract's \`maps\`, whose pictures are blobs.
  maps TEXT NOT NULL CHECK (json_valid(maps) AND json_type(maps) = 'object'),
  model_id TEXT NOT NULL REFERENCES models (id),
  provider TEXT NOT NULL,
  decode_ms REAL NOT NULL CHECK (decode_ms >= 0),
  infer_ms REAL NOT NULL CHECK (infer_ms >= 0),
  total_ms REAL NOT NULL CHECK (total_ms >= 0),
  created_at INTEGER NOT NULL CHECK (created_at >= 0)
) STRICT;
INSERT INTO verdicts_with_evidence
  SELECT sequence, id, path, sha256, NULL, width, height, format, rendered, verdict, reason, notes, score, llr,
    tiles, preview, maps, model_id, provider, decode_ms, infer_ms, total_ms, created_at FROM verdicts;
DROP TABLE verdicts;
ALTER TABLE verdicts_with_evidence RENAME TO verdicts;
CREATE INDEX verdicts_by_picture ON verdicts (sha256);
CREATE INDEX verdicts_by_evidence ON verdicts (evidence_id) WHERE evidence_id IS NOT NULL;
CREATE INDEX verdicts_by_model ON verdicts (model_id);
CREATE INDEX verdicts_by_preview ON verdicts (preview);

-- The picture of a verdict without an item of evidence lies in the blob store.
CREATE TRIGGER verdicts_of_a_blob BEFORE INSERT ON verdicts
WHEN NEW.evidence_id IS NULL AND NOT EXISTS (SELECT 1 FROM blobs WHERE hash = NEW.sha256)
BEGIN SELECT RAISE(ABORT, 'the picture of a verdict is kept'); END;
CREATE TRIGGER blobs_of_verdicts BEFORE DELETE ON blobs
WHEN EXISTS (SELECT 1 FROM verdicts WHERE sha256 = OLD.hash AND evidence_id IS NULL)
BEGIN SELECT RAISE(ABORT, 'the picture of a verdict is kept'); END;

CREATE TRIGGER verdicts_evidence_insert AFTER INSERT ON verdicts WHEN NEW.evidence_id IS NOT NULL
BEGIN UPDATE evidence_items SET verdict = NEW.verdict, score = NEW.score WHERE id = NEW.evidence_id; END;

CREATE TRIGGER verdicts_of_these_bytes BEFORE INSERT ON verdicts
WHEN EXISTS (SELECT 1 FROM evidence_items WHERE id = NEW.evidence_id AND sha256 <> NEW.sha256)
BEGIN SELECT RAISE(ABORT, 'a verdict on evidence is of the bytes that were taken in'); END;
`,
};
