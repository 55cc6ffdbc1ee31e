/** The audit log, which is only ever added to, and the settings of the workspace, whose examiner it names. */
import type { Migration } from './migrations.ts';

const hex = (column: string): string => `length(${column}) = 64 AND ${column} NOT GLOB '*[^0-9a-f]*'`;

export const auditLog: Migration = {
  number: 80,
  name: 'audit-log',
  sql: `
-- What is hashed, and how, stands in audit-log.ts.
CREATE TABLE audit_log (
  sequence INTEGER PRIMARY KEY CHECK (sequence > 0),
  previous TEXT NOT NULL CHECK (${hex('previous')}),
  hash TEXT NOT NULL UNIQUE CHECK (${hex('hash')}),
  at INTEGER NOT NULL CHECK (at >= 0),
  examiner TEXT NOT NULL CHECK (examiner <> ''),
  action TEXT NOT NULL CHECK (action <> ''),
  subject_kind TEXT NOT NULL CHECK (subject_kind <> ''),
  subject_id TEXT NOT NULL CHECK (subject_id <> ''),
  payload TEXT NOT NULL CHECK (json_valid(payload) AND json_type(payload) = 'object')
) STRICT;
CREATE INDEX audit_log_by_subject ON audit_log (subject_kind, subject_id);
CREATE INDEX audit_log_by_action ON audit_log (action);

CREATE TRIGGER audit_log_in_order BEFORE INSERT ON audit_log
WHEN NEW.sequence <> coalesce((SELECT max(sequence) FROM audit_log), 0) + 1
  OR NEW.previous <> coalesce((SELECT hash FROM audit_log ORDER BY sequence DESC LIMIT 1), '${'0'.repeat(64)}')
BEGIN SELECT RAISE(ABORT, 'an entry of the audit log follows the one before'); END;
CREATE TRIGGER audit_log_not_updated BEFORE UPDATE ON audit_log
BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END;
CREATE TRIGGER audit_log_not_deleted BEFORE DELETE ON audit_log
BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END;

-- Keys and values are checked by the contract, because later versions add some.
CREATE TABLE settings (
  key TEXT PRIMARY KEY CHECK (key <> ''),
  value TEXT NOT NULL CHECK (json_valid(value))
) STRICT, WITHOUT ROWID;
`,
};
