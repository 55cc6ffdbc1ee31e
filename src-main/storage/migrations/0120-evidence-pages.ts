/** The indexes that pages of evidence are found in, with the text that is searched: a page needs no second index for it. */
import type { Migration } from './migrations.ts';

const filtered = 'state, verdict, format, tags, search_text';

export const evidencePages: Migration = {
  number: 120,
  name: 'evidence-pages',
  sql: `
DROP INDEX evidence_by_time;
DROP INDEX evidence_by_name;
DROP INDEX evidence_by_bytes;
DROP INDEX evidence_by_pixels;
DROP INDEX evidence_by_score;
DROP INDEX evidence_by_state;
DROP INDEX evidence_by_text;
CREATE INDEX evidence_by_time ON evidence_items (case_id, sequence, ${filtered});
CREATE INDEX evidence_by_name ON evidence_items (case_id, name_key, sequence, ${filtered});
CREATE INDEX evidence_by_bytes ON evidence_items (case_id, bytes, sequence, ${filtered});
CREATE INDEX evidence_by_pixels ON evidence_items (case_id, pixels, sequence, ${filtered});
CREATE INDEX evidence_by_score ON evidence_items (case_id, score, sequence, ${filtered});
CREATE INDEX evidence_by_state ON evidence_items (case_id, state, verdict, sequence, format, tags, search_text);
-- Narrow, for what is counted without a text.
CREATE INDEX evidence_counts ON evidence_items (case_id, state, verdict, format, tags);
`,
};
