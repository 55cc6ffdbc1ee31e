/** Training runs in the database: SQL only. */
import { sql, type Insertable, type Selectable, type Transaction, type Updateable } from 'kysely';
import type {
  CheckpointTable,
  RunLogTable,
  RunMetricTable,
  RunSampleTable,
  TrainingRunTable,
  WorkspaceDatabase,
} from '#storage/schema.ts';
import type { Database } from '#storage/workspace.ts';

export type RunRow = Selectable<TrainingRunTable> & {
  checkpoint_step: number | null;
  model_id: string | null;
  version_number: number | null;
  version_hash: string | null;
  latest: RunMetricRow | null;
};
export type RunMetricRow = Selectable<RunMetricTable>;
export type CheckpointRow = Selectable<CheckpointTable>;

export class TrainingRunRepository {
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
  }

  async insert(
    transaction: Transaction<WorkspaceDatabase>,
    row: Insertable<TrainingRunTable>,
  ): Promise<void> {
    await transaction.insertInto('training_runs').values(row).execute();
  }

  async update(id: string, change: Updateable<TrainingRunTable>, db: Database = this.#db): Promise<void> {
    await db.updateTable('training_runs').set(change).where('id', '=', id).execute();
  }

  async find(id: string): Promise<RunRow | undefined> {
    const row = await this.#runs().where('training_runs.id', '=', id).executeTakeFirst();
    return row && this.#withLatest(row);
  }

  /** Newest first. */
  async list(): Promise<RunRow[]> {
    const rows = await this.#runs()
      .orderBy('training_runs.created_at', 'desc')
      .orderBy('training_runs.id', 'desc')
      .execute();
    return Promise.all(rows.map((row) => this.#withLatest(row)));
  }

  /** Keeps a metric and moves the run on to it; a metric of the same step is replaced. */
  async addMetric(row: Insertable<RunMetricTable>, trainedSeconds: number): Promise<void> {
    await this.#db.transaction().execute(async (transaction) => {
      await transaction.replaceInto('run_metrics').values(row).execute();
      await transaction
        .updateTable('training_runs')
        .set({ step: row.step, trained_seconds: trainedSeconds })
        .where('id', '=', row.run_id)
        .execute();
    });
  }

  async metrics(runId: string, sinceStep: number): Promise<RunMetricRow[]> {
    return this.#db
      .selectFrom('run_metrics')
      .selectAll()
      .where('run_id', '=', runId)
      .where('step', '>=', sinceStep)
      .orderBy('step')
      .execute();
  }

  /**
   * At most `points` rows, each the mean of an equal share of neighbours; its steps are the last of them. What no neighbour
   * measured is null.
   */
  async thinnedMetrics(runId: string, sinceStep: number, points: number): Promise<RunMetricRow[]> {
    const { rows } = await sql<RunMetricRow>`
      SELECT run_id, max(step) AS step, avg(cls) AS cls, avg(sim) AS sim, avg(div) AS div,
        avg(total_generator) AS total_generator, avg(total_detector) AS total_detector, avg(accuracy) AS accuracy,
        avg(mask_area) AS mask_area, avg(images_per_second) AS images_per_second,
        avg(data_wait_share) AS data_wait_share, avg(eta_seconds) AS eta_seconds,
        avg(smallest_mask_area) AS smallest_mask_area, avg(largest_mask_area) AS largest_mask_area,
        avg(mask_deviation) AS mask_deviation, avg(blend_change) AS blend_change, avg(style_change) AS style_change,
        max(validation_step) AS validation_step, avg(validation_loss) AS validation_loss,
        avg(validation_auc) AS validation_auc
      FROM (SELECT *, ntile(${points}) OVER (ORDER BY step) AS share FROM run_metrics
        WHERE run_id = ${runId} AND step >= ${sinceStep})
      GROUP BY share ORDER BY share`.execute(this.#db);
    return rows;
  }

  async addSamples(rows: Insertable<RunSampleTable>[]): Promise<void> {
    await this.#db.replaceInto('run_samples').values(rows).execute();
  }

  async sampleSteps(runId: string): Promise<number[]> {
    const rows = await this.#db
      .selectFrom('run_samples')
      .select('step')
      .distinct()
      .where('run_id', '=', runId)
      .orderBy('step')
      .execute();
    return rows.map((row) => row.step);
  }

  /** JSON texts, by index. */
  async samples(runId: string, step: number): Promise<string[]> {
    const rows = await this.#db
      .selectFrom('run_samples')
      .select('sample')
      .where('run_id', '=', runId)
      .where('step', '=', step)
      .orderBy('sample_index')
      .execute();
    return rows.map((row) => row.sample);
  }

  async addLog(row: Insertable<RunLogTable>): Promise<void> {
    await this.#db.insertInto('run_log').values(row).execute();
  }

  async log(runId: string): Promise<Selectable<RunLogTable>[]> {
    return this.#db
      .selectFrom('run_log')
      .selectAll()
      .where('run_id', '=', runId)
      .orderBy('sequence')
      .execute();
  }

  /** Keeps a checkpoint and moves the run on to it; one of the same step is replaced. */
  async addCheckpoint(row: Insertable<CheckpointTable>): Promise<void> {
    await this.#db.transaction().execute(async (transaction) => {
      await transaction.replaceInto('checkpoints').values(row).execute();
      await transaction
        .updateTable('training_runs')
        .set({ step: row.step, trained_seconds: row.trained_seconds })
        .where('id', '=', row.run_id)
        .where('step', '<=', row.step)
        .execute();
    });
  }

  /** Newest first. */
  async checkpoints(runId: string): Promise<CheckpointRow[]> {
    return this.#db
      .selectFrom('checkpoints')
      .selectAll()
      .where('run_id', '=', runId)
      .orderBy('step', 'desc')
      .execute();
  }

  async deleteCheckpoint(runId: string, step: number): Promise<void> {
    await this.#db.deleteFrom('checkpoints').where('run_id', '=', runId).where('step', '=', step).execute();
  }

  /** Takes the run back to a step, as if it had never gone further, and applies `change` to its row. */
  async rewind(
    transaction: Transaction<WorkspaceDatabase>,
    id: string,
    step: number,
    change: Updateable<TrainingRunTable>,
  ): Promise<void> {
    for (const table of ['run_metrics', 'run_samples', 'checkpoints'] as const)
      await transaction.deleteFrom(table).where('run_id', '=', id).where('step', '>', step).execute();
    await this.update(id, { ...change, step }, transaction);
  }

  #runs() {
    return this.#db
      .selectFrom('training_runs')
      .leftJoin('dataset_versions', 'dataset_versions.id', 'training_runs.dataset_version_id')
      .selectAll('training_runs')
      .select(['dataset_versions.number as version_number', 'dataset_versions.content_hash as version_hash'])
      .select((eb) => [
        eb
          .selectFrom('checkpoints')
          .whereRef('run_id', '=', 'training_runs.id')
          .select((inner) => inner.fn.max<number | null>('step').as('step'))
          .as('checkpoint_step'),
        eb
          .selectFrom('models')
          .whereRef('run_id', '=', 'training_runs.id')
          .select('models.id')
          .orderBy('models.created_at', 'desc')
          .limit(1)
          .as('model_id'),
      ]);
  }

  async #withLatest(row: Omit<RunRow, 'latest'>): Promise<RunRow> {
    const latest = await this.#db
      .selectFrom('run_metrics')
      .selectAll()
      .where('run_id', '=', row.id)
      .orderBy('step', 'desc')
      .limit(1)
      .executeTakeFirst();
    return { ...row, latest: latest ?? null };
  }
}
