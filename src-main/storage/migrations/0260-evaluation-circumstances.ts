/** With what and how a model was evaluated; null in rows from before that was kept. */
import type { Migration } from './migrations.ts';

export const evaluationCircumstances: Migration = {
  number: 260,
  name: 'evaluation-circumstances',
  sql: `
ALTER TABLE model_evaluations ADD COLUMN program_version TEXT CHECK (program_version <> '');
ALTER TABLE model_evaluations ADD COLUMN provider TEXT CHECK (provider <> '');
-- What was asked for, apart from the manifest and the seed.
ALTER TABLE model_evaluations ADD COLUMN configuration TEXT
  CHECK (configuration IS NULL OR (json_valid(configuration) AND json_type(configuration) = 'object'));
`,
};
