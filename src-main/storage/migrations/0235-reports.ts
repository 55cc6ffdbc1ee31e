/** Reports that were written. Their files are blobs; a report never changes. */
import type { Migration } from './migrations.ts';

const hex = (column: string): string => `length(${column}) = 64 AND ${column} NOT GLOB '*[^0-9a-f]*'`;

export const reports: Migration = {
  number: 235,
  name: 'reports',
  sql: `
CREATE TABLE reports (
  sequence INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE CHECK (length(id) BETWEEN 1 AND 80),
  case_id TEXT REFERENCES cases (id),
  verdict_id TEXT REFERENCES verdicts (id),
  pictures INTEGER NOT NULL CHECK (pictures > 0),
  format TEXT NOT NULL CHECK (format IN ('html', 'pdf')),
  blob TEXT NOT NULL REFERENCES blobs (hash),
  bytes INTEGER NOT NULL CHECK (bytes > 0),
  -- Of the HTML without the fields that differ whenever a report is written.
  content_sha256 TEXT NOT NULL CHECK (${hex('content_sha256')}),
  -- The head of the audit log when it was written.
  log_entries INTEGER NOT NULL CHECK (log_entries >= 0),
  log_hash TEXT NOT NULL CHECK (${hex('log_hash')}),
  examiner TEXT NOT NULL CHECK (examiner <> ''),
  program_version TEXT NOT NULL CHECK (program_version <> ''),
  created_at INTEGER NOT NULL CHECK (created_at >= 0),
  CHECK ((case_id IS NULL) <> (verdict_id IS NULL))
) STRICT;
CREATE INDEX reports_by_case ON reports (case_id, sequence);
CREATE INDEX reports_by_verdict ON reports (verdict_id) WHERE verdict_id IS NOT NULL;
CREATE INDEX reports_by_blob ON reports (blob);

CREATE TRIGGER reports_not_updated BEFORE UPDATE ON reports
BEGIN SELECT RAISE(ABORT, 'a report never changes'); END;
`,
};
