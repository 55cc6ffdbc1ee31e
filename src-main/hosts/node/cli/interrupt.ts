/** Ctrl-C: once asks the work to end at its next safe point, twice ends the program at once. Nothing is lost either way. */
import { AppError } from '#contract/errors.ts';

export interface Interrupt {
  /** Aborted, with an AppError `cancelled` as its reason, at the first Ctrl-C or SIGTERM. */
  signal: AbortSignal;
  dispose(): void;
}

/** Listens until disposed of. `note` tells the person what happens. */
export function listenForInterrupt(note: (text: string) => void): Interrupt {
  const controller = new AbortController();
  const onSignal = (): void => {
    // 128 + SIGINT, as shells have it
    if (controller.signal.aborted) process.exit(130);
    note('Stopping at the next safe point; press Ctrl-C again to end at once.');
    controller.abort(new AppError('cancelled', 'Stopped on request.'));
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  return {
    signal: controller.signal,
    dispose: () => process.off('SIGINT', onSignal).off('SIGTERM', onSignal),
  };
}
