/** Following a training run to its end, as the command line and the demonstration do. */
import type { PentimentoHandlers } from '#contract/api.ts';
import type { JobState } from '#contract/common.ts';
import type { RunEvent, TrainingRun } from '#contract/training-run.ts';

const active: readonly JobState[] = ['queued', 'running', 'paused'];

/**
 * Hands on every event of the run until it has ended, and answers with the run as it is then. When `signal` is aborted
 * the run is asked to stop at a safe point, with a checkpoint, and waited for.
 */
export async function followRun(
  runs: PentimentoHandlers['runs'],
  id: string,
  { signal, changed }: { signal: AbortSignal; changed: (event: RunEvent) => void },
): Promise<TrainingRun> {
  const leave = new AbortController();
  // A stop that fails is told by the run's own state.
  const stop = (): void => void Promise.resolve(runs.stop({ id })).catch(() => undefined);
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  try {
    for await (const event of runs.watch({ id }, leave.signal)) {
      changed(event as RunEvent);
      if (event.type === 'run' && !active.includes(event.run.state)) return event.run as TrainingRun;
    }
  } finally {
    leave.abort();
    signal.removeEventListener('abort', stop);
  }
  return (await runs.get({ id })) as TrainingRun;
}
