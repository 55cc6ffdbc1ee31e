/** Which version of the program gave a verdict; null for those from before it was kept. */
import type { Migration } from './migrations.ts';

export const verdictPrograms: Migration = {
  number: 170,
  name: 'verdict-programs',
  sql: `ALTER TABLE verdicts ADD COLUMN program_version TEXT CHECK (program_version <> '');`,
};
