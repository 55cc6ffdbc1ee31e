/** What people write of parts of pictures. A note that is removed stays, so that removing it can be undone. */
import type { Migration } from './migrations.ts';

export const regionNotes: Migration = {
  number: 220,
  name: 'region-notes',
  sql: `
CREATE TABLE region_notes (
  sequence INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE CHECK (length(id) BETWEEN 1 AND 80),
  evidence_id TEXT NOT NULL REFERENCES evidence_items (id),
  x INTEGER NOT NULL CHECK (x >= 0),
  y INTEGER NOT NULL CHECK (y >= 0),
  width INTEGER NOT NULL CHECK (width > 0),
  height INTEGER NOT NULL CHECK (height > 0),
  text TEXT NOT NULL,
  examiner TEXT NOT NULL CHECK (examiner <> ''),
  created_at INTEGER NOT NULL CHECK (created_at >= 0),
  updated_at INTEGER NOT NULL CHECK (updated_at >= created_at),
  removed_at INTEGER CHECK (removed_at >= created_at)
) STRICT;
CREATE INDEX region_notes_of_evidence ON region_notes (evidence_id, sequence);
`,
};
