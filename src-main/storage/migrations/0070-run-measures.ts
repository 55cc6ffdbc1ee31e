/** What points of a run's curves measured of the generator's blends, and of the validation crops. */
import type { Migration } from './migrations.ts';

export const runMeasures: Migration = {
  number: 70,
  name: 'run-measures',
  sql: `
-- Of blends: all null where none are learned, and in points that an older version measured.
ALTER TABLE run_metrics ADD COLUMN smallest_mask_area REAL CHECK (smallest_mask_area BETWEEN 0 AND 1);
ALTER TABLE run_metrics ADD COLUMN largest_mask_area REAL CHECK (largest_mask_area BETWEEN 0 AND 1);
ALTER TABLE run_metrics ADD COLUMN mask_deviation REAL CHECK (mask_deviation >= 0);
ALTER TABLE run_metrics ADD COLUMN blend_change REAL CHECK (blend_change >= 0);
ALTER TABLE run_metrics ADD COLUMN style_change REAL CHECK (style_change >= 0);
-- Of the evaluation since the point before: all null where there was none.
ALTER TABLE run_metrics ADD COLUMN validation_step INTEGER CHECK (validation_step BETWEEN 0 AND step);
ALTER TABLE run_metrics ADD COLUMN validation_loss REAL CHECK ((validation_loss IS NULL) = (validation_step IS NULL));
ALTER TABLE run_metrics ADD COLUMN validation_auc REAL
  CHECK (validation_auc BETWEEN 0 AND 1 AND (validation_auc IS NULL) = (validation_step IS NULL));
`,
};
