/** Following a training run to its end. */
import type { PentimentoHandlers } from '#contract/api.ts';
import { jobState, type JobState } from '#contract/common.ts';
import type { RunEvent, RunMetric, TrainingRun } from '#contract/training-run.ts';
import { duration } from './format.ts';

const ended: readonly JobState[] = jobState.exclude(['queued', 'running', 'paused']).options;

/**
 * Hands on every event of the run until it has ended, and answers with the run as it is then. When `signal` is aborted
 * the run is asked to stop at a safe point, with a checkpoint, and waited for.
 */
export async function followRun(
  runs: PentimentoHandlers['runs'],
  started: TrainingRun,
  { signal, changed }: { signal: AbortSignal; changed: (event: RunEvent) => void },
): Promise<TrainingRun> {
  const leave = new AbortController();
  // A stop that fails is told by the run's own state.
  const stop = (): void => void Promise.resolve(runs.stop({ id: started.id })).catch(() => undefined);
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  try {
    for await (const event of runs.watch({ id: started.id }, leave.signal)) {
      changed(event as RunEvent);
      if (event.type === 'run' && ended.includes(event.run.state)) return event.run as TrainingRun;
    }
  } finally {
    leave.abort();
    signal.removeEventListener('abort', stop);
  }
  return (await runs.get({ id: started.id })) as TrainingRun;
}

/** One line on how the training goes. */
export function metricText({ step, losses, accuracy, imagesPerSecond, etaSeconds }: RunMetric): string {
  const left = etaSeconds === null ? '' : `, ${duration(etaSeconds)} left`;
  return (
    `step ${step}: cls ${losses.cls.toFixed(3)}, sim ${losses.sim.toFixed(3)}, div ${losses.div.toFixed(3)}, ` +
    `accuracy ${accuracy.toFixed(2)}, ${imagesPerSecond.toFixed(0)} images/s${left}`
  );
}
