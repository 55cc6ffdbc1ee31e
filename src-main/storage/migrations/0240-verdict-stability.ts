/** How a verdict held under small changes of its picture; null where that was not looked at. */
import type { Migration } from './migrations.ts';

export const verdictStability: Migration = {
  number: 240,
  name: 'verdict-stability',
  sql: `
ALTER TABLE verdicts ADD COLUMN stability TEXT
  CHECK (stability IS NULL OR (json_valid(stability) AND json_type(stability) = 'object'));
`,
};
