/** Lets messages in during long computations, so that they can be stopped. */
import { setImmediate } from 'node:timers/promises';

/** @throws the signal's reason where it is aborted, which may have arrived while this waited */
export async function breathe(signal: AbortSignal): Promise<void> {
  await setImmediate();
  signal.throwIfAborted();
}

/** Calls `part` for consecutive ranges of [0, `total`) of at most `step`, and breathes between them. */
export async function inStrips(
  total: number,
  step: number,
  signal: AbortSignal,
  part: (from: number, to: number) => void,
): Promise<void> {
  for (let from = 0; from < total; from += step) {
    await breathe(signal);
    part(from, Math.min(total, from + step));
  }
}
