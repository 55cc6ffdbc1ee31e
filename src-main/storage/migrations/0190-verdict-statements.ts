/** What a verdict says and on what grounds; null for those from before models were calibrated. */
import type { Migration } from './migrations.ts';

export const verdictStatements: Migration = {
  number: 190,
  name: 'verdict-statements',
  sql: `
ALTER TABLE verdicts ADD COLUMN statement TEXT
  CHECK (statement IS NULL OR (json_valid(statement) AND json_type(statement) = 'object'));
`,
};
