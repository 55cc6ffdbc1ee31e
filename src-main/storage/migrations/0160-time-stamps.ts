/** Time stamps of the audit log's head, made by an authority elsewhere. */
import type { Migration } from './migrations.ts';

const hex = (column: string): string => `length(${column}) = 64 AND ${column} NOT GLOB '*[^0-9a-f]*'`;

export const timeStamps: Migration = {
  number: 160,
  name: 'time-stamps',
  sql: `
CREATE TABLE time_stamps (
  id TEXT PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 80),
  -- The entry that was the head, and its hash as the token has it.
  entry INTEGER NOT NULL REFERENCES audit_log (sequence),
  entry_hash TEXT NOT NULL CHECK (${hex('entry_hash')}),
  token TEXT NOT NULL UNIQUE REFERENCES blobs (hash),
  -- PEM file of the certificates that were given as trusted; null where none were.
  trust TEXT REFERENCES blobs (hash),
  -- What the token says.
  at INTEGER NOT NULL,
  accuracy_ms REAL CHECK (accuracy_ms >= 0),
  authority TEXT NOT NULL,
  issuer TEXT NOT NULL,
  certificate_sha256 TEXT NOT NULL CHECK (${hex('certificate_sha256')}),
  serial TEXT NOT NULL CHECK (serial <> ''),
  policy TEXT NOT NULL CHECK (policy <> ''),
  imported_at INTEGER NOT NULL CHECK (imported_at >= 0)
) STRICT;
CREATE INDEX time_stamps_by_entry ON time_stamps (entry);
CREATE INDEX time_stamps_by_trust ON time_stamps (trust) WHERE trust IS NOT NULL;
`,
};
