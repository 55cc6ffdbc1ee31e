/** Rows of training runs as the contract speaks of them, and back. */
import type { Insertable } from 'kysely';
import type { RunLogEntry, RunMetric, TrainingRun } from '#contract/training-run.ts';
import { trainingRun } from '#contract/training-run.ts';
import type { RunLogTable, RunMetricTable } from '#storage/schema.ts';
import type { RunMetricRow, RunRow } from './training-run.repository.ts';

export const toMetric = (row: RunMetricRow): RunMetric => ({
  step: row.step,
  losses: {
    cls: row.cls,
    sim: row.sim,
    div: row.div,
    totalGenerator: row.total_generator,
    totalDetector: row.total_detector,
  },
  accuracy: row.accuracy,
  maskArea: row.mask_area,
  imagesPerSecond: row.images_per_second,
  dataWaitShare: row.data_wait_share,
  etaSeconds: row.eta_seconds,
  ...(row.smallest_mask_area !== null && {
    blends: {
      smallestArea: row.smallest_mask_area,
      largestArea: row.largest_mask_area!,
      deviation: row.mask_deviation!,
      change: row.blend_change!,
    },
  }),
  ...(row.style_change !== null && { styleChange: row.style_change }),
  ...(row.validation_step !== null && {
    validation: { step: row.validation_step, loss: row.validation_loss!, auc: row.validation_auc! },
  }),
});

export const fromMetric = (runId: string, metric: RunMetric): Insertable<RunMetricTable> => ({
  run_id: runId,
  step: metric.step,
  cls: metric.losses.cls,
  sim: metric.losses.sim,
  div: metric.losses.div,
  total_generator: metric.losses.totalGenerator,
  total_detector: metric.losses.totalDetector,
  accuracy: metric.accuracy,
  mask_area: metric.maskArea,
  images_per_second: metric.imagesPerSecond,
  data_wait_share: metric.dataWaitShare,
  eta_seconds: metric.etaSeconds,
  smallest_mask_area: metric.blends?.smallestArea ?? null,
  largest_mask_area: metric.blends?.largestArea ?? null,
  mask_deviation: metric.blends?.deviation ?? null,
  blend_change: metric.blends?.change ?? null,
  style_change: metric.styleChange ?? null,
  validation_step: metric.validation?.step ?? null,
  validation_loss: metric.validation?.loss ?? null,
  validation_auc: metric.validation?.auc ?? null,
});

export const fromLog = (runId: string, entry: RunLogEntry): Insertable<RunLogTable> => ({
  run_id: runId,
  at: entry.at,
  level: entry.level,
  code: entry.code,
  message: entry.message,
});

/** @param alive whether this program holds the run; a row that says it runs while nobody does is interrupted */
export function toRun(row: RunRow, alive: boolean): TrainingRun {
  const parse = (text: string | null): unknown => (text === null ? null : JSON.parse(text));
  const unfinished = row.state === 'queued' || row.state === 'running';
  return trainingRun.parse({
    id: row.id,
    datasetId: row.dataset_id,
    datasetName: row.dataset_name,
    rendered: row.rendered === 1,
    datasetManifestHash: row.dataset_manifest_hash,
    datasetVersion:
      row.version_number === null || row.version_hash === null
        ? null
        : { number: row.version_number, contentHash: row.version_hash },
    state: unfinished && !alive ? 'interrupted' : row.state,
    createdAt: row.created_at,
    startedAt: row.started_at,
    endedAt: row.ended_at,
    request: parse(row.request),
    config: parse(row.config),
    backend: parse(row.backend),
    step: row.step,
    trainedSeconds: row.trained_seconds,
    latest: row.latest && toMetric(row.latest),
    checkpointStep: row.checkpoint_step,
    modelId: row.model_id,
    error: parse(row.error),
    programVersion: row.program_version,
  });
}
