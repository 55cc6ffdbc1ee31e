/** Of which pictures of a run the stability of the verdict is looked at, and what was found; of none in runs from before. */
import type { Migration } from './migrations.ts';

export const triageStability: Migration = {
  number: 280,
  name: 'triage-stability',
  sql: `
ALTER TABLE triage_runs ADD COLUMN stability TEXT NOT NULL DEFAULT 'never'
  CHECK (stability IN ('verdicts', 'always', 'never'));
ALTER TABLE triage_results ADD COLUMN stability TEXT
  CHECK (stability IS NULL OR (json_valid(stability) AND json_type(stability) = 'object'));
`,
};
