/**
 * The trainer process. It hears `start` and `stop` and answers with the messages of contract/trainer-messages.ts. It ends with
 * its parent, never outlives it, and leaves interrupts from the terminal to it.
 */
import { AppError } from '#contract/errors.ts';
import { toTrainer, type FromTrainer, type TrainerStart } from '#contract/trainer-messages.ts';
import { trainRun } from './train-run.ts';

let stopRequested = false;
let started = false;

/** Resolves when the parent's end of the channel has taken the message, so that a last word is not lost by ending. */
const deliver = (message: FromTrainer): Promise<void> =>
  new Promise((resolve) => {
    process.send!(message, undefined, undefined, () => resolve());
  });

async function run(start: TrainerStart): Promise<void> {
  let lastWord: FromTrainer | undefined;
  const send = (message: FromTrainer): void => {
    if (message.type === 'done' || message.type === 'stopped') lastWord = message;
    else void deliver(message);
  };
  try {
    await trainRun(start, { send, stopRequested: () => stopRequested });
  } catch (error) {
    console.error(error);
    lastWord = { type: 'failed', error: AppError.from(error).toData() };
  }
  if (lastWord) await deliver(lastWord);
  process.exit(0);
}

process.on('SIGINT', () => undefined);
process.on('disconnect', () => process.exit(0));
process.on('message', (raw) => {
  const message = toTrainer.parse(raw);
  if (message.type === 'stop') stopRequested = true;
  else if (!started) {
    started = true;
    void run(message);
  }
});
