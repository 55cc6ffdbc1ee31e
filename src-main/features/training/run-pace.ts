/** What earlier runs tell of the pace of a new one: only those whose iterations computed the same, on what is asked for. */
import { isDeepStrictEqual } from 'node:util';
import { shapesOf } from '#compute/trainer/backend-memory.ts';
import type { PaceRequest, RunPace, TrainingRun } from '#contract/training-run.ts';
import type { TrainingConfig } from '#engine/training/training-config.ts';

/** A run of fewer steps was mostly its beginning. */
export const LEAST_STEPS = 20;

const asked = (run: TrainingRun, { backend, provider }: PaceRequest): boolean =>
  backend === 'auto'
    ? run.request.backend === 'auto' && run.request.provider === provider
    : run.backend?.name === backend && (provider === undefined || run.backend.provider === provider);

/**
 * The pace of the newest such run; null where there is none.
 * @param config the effective configuration of the request
 */
export function paceOfRuns(
  runs: readonly TrainingRun[],
  request: PaceRequest,
  config: Record<string, unknown>,
): RunPace | null {
  const shapes = shapesOf(config as TrainingConfig);
  const found = runs
    .filter(
      (run) =>
        run.backend !== null &&
        run.step >= LEAST_STEPS &&
        run.trainedSeconds > 0 &&
        asked(run, request) &&
        isDeepStrictEqual(shapesOf(run.config as TrainingConfig), shapes),
    )
    .toSorted((a, b) => b.createdAt - a.createdAt)[0];
  if (!found?.backend) return null;
  return {
    ...{ source: 'run', runId: found.id, at: found.createdAt, backend: found.backend, steps: found.step },
    secondsPerStep: found.trainedSeconds / found.step,
    prepareSeconds: null,
    peakMegabytes: null,
  };
}
