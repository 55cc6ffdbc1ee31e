/** Why a picture got its score; null in rows from before it was kept. */
import type { Migration } from './migrations.ts';

export const verdictExplanation: Migration = {
  number: 250,
  name: 'verdict-explanation',
  sql: `
ALTER TABLE verdicts ADD COLUMN explanation TEXT
  CHECK (explanation IS NULL OR (json_valid(explanation) AND json_type(explanation) = 'object'));
`,
};
