/**
 * A short timed probe of a run that has not begun: the trainer process trains on the dataset's own photographs in a
 * temporary folder until its pace can be told, and is ended. Nothing of it is kept but the figures.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TrainerHost, TrainerSession } from '#compute/trainer-host.ts';
import { AppError } from '#contract/errors.ts';
import type { TrainerStart } from '#contract/trainer-messages.ts';
import type { RunPace, TrainingRun } from '#contract/training-run.ts';

/** Points of the curves after the first one, whose iteration is not timed: drivers still prepare in it. */
const leastPoints = 3;
/** Seconds of training to time, however many points they hold. */
const leastSeconds = 6;
/** With a point at every iteration, and without what a run does only now and then. */
const measuring = {
  ...{ metricEvery: 1, sampleEvery: 100_000, checkpointEvery: 100_000 },
  ...{ evaluateEvery: 100_000, evaluateFrom: 100_000 },
};

/**
 * @param start what the trainer of such a run would be told
 * @throws AppError what the trainer failed with; `cancelled` where `signal` was aborted
 */
export async function probeTraining(
  start: Omit<TrainerStart, 'directory' | 'stop'>,
  { trainer, signal }: { trainer: TrainerHost; signal: AbortSignal },
): Promise<RunPace> {
  const directory = await mkdtemp(path.join(tmpdir(), 'pentimento-probe-'));
  const session = trainer.start({
    ...{ ...start, directory, stop: { minutes: 100_000 } },
    overrides: { ...start.overrides, ...measuring },
  });
  const leave = (): void => void session.kill();
  signal.addEventListener('abort', leave, { once: true });
  if (signal.aborted) leave();
  try {
    const pace = await measure(session);
    if (pace) return pace;
    if (signal.aborted) throw new AppError('cancelled', 'The measurement was stopped.');
    const outcome = await session.outcome;
    if (outcome.kind === 'failed' || outcome.kind === 'crashed') throw AppError.fromData(outcome.error);
    throw new AppError('internal', 'The measurement ended before there was anything to tell.');
  } finally {
    signal.removeEventListener('abort', leave);
    await session.kill();
    await rm(directory, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Null where the trainer ended before it could be told. */
async function measure(session: TrainerSession): Promise<RunPace | null> {
  const begun = performance.now();
  let backend: TrainingRun['backend'] = null;
  let first: { step: number; seconds: number; prepareSeconds: number } | null = null;
  let points = 0;
  for await (const event of session.events) {
    if (event.type === 'ready') backend = event.backend;
    if (event.type !== 'metric') continue;
    const { metric, trainedSeconds, peakMegabytes } = event;
    if (!first) {
      const prepareSeconds = (performance.now() - begun) / 1000;
      first = { step: metric.step, seconds: trainedSeconds, prepareSeconds };
      continue;
    }
    const seconds = trainedSeconds - first.seconds;
    const steps = metric.step - first.step;
    points += 1;
    if (points < leastPoints || seconds < leastSeconds || !backend) continue;
    return {
      ...{ source: 'probe', runId: null, at: Date.now(), backend, steps },
      secondsPerStep: seconds / steps,
      prepareSeconds: first.prepareSeconds,
      peakMegabytes,
    };
  }
  return null;
}
