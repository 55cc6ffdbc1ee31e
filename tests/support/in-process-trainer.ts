/** A trainer that runs in this process, so that a test can put its own backend under it. */
import { AsyncQueue } from '#compute/async-queue.ts';
import type { TrainerEvent, TrainerHost, TrainerOutcome } from '#compute/trainer-host.ts';
import { trainRun, type TrainerContext } from '#compute/trainer/train-run.ts';
import { AppError } from '#contract/errors.ts';

/** @param openBackend called for each start, or left to the trainer */
export const inProcessTrainer = (openBackend?: TrainerContext['openBackend']): TrainerHost => ({
  start(start) {
    const events = new AsyncQueue<TrainerEvent>();
    let stopRequested = false;
    let lastWord: TrainerOutcome | undefined;
    const send: TrainerContext['send'] = (message) => {
      if (message.type === 'done') lastWord = { kind: 'done', message };
      else if (message.type === 'stopped') lastWord = { kind: 'stopped', step: message.step };
      else if (message.type !== 'failed') events.push(message);
    };
    const context = { send, stopRequested: () => stopRequested, ...(openBackend && { openBackend }) };
    const outcome = trainRun(start, context)
      .then(
        () => lastWord!,
        (error: unknown): TrainerOutcome => ({ kind: 'failed', error: AppError.from(error).toData() }),
      )
      .finally(() => events.end());
    const stop = () => ((stopRequested = true), outcome);
    return { events, outcome, stop, kill: stop };
  },
});
