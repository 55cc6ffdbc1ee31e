/** What the dataset guard read of files, so that it need not read them again: nothing that cannot be read again. */
import type { Migration } from './migrations.ts';

export const fileFacts: Migration = {
  number: 150,
  name: 'file-facts',
  sql: `
CREATE TABLE file_facts (
  hash TEXT PRIMARY KEY REFERENCES blobs (hash) ON DELETE CASCADE,
  reading INTEGER NOT NULL CHECK (reading > 0),
  facts TEXT NOT NULL CHECK (json_valid(facts) AND json_type(facts) = 'object')
) STRICT, WITHOUT ROWID;
`,
};
