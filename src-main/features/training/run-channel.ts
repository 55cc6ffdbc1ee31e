/**
 * Events of training runs, to any number of subscribers. A run knows nothing of who watches it: subscribing and leaving
 * touch no run.
 */
import { AsyncQueue } from '#compute/async-queue.ts';
import type { RunEvent } from '#contract/training-run.ts';

const runIdOf = (event: RunEvent): string => (event.type === 'run' ? event.run.id : event.runId);

export class RunChannel {
  readonly #subscribers = new Set<(event: RunEvent) => void>();

  /** Call it after the change that the event tells of has been written. */
  publish(event: RunEvent): void {
    for (const subscriber of this.#subscribers) subscriber(event);
  }

  /**
   * First what `snapshot` answers, then every event of the run (of all runs where `id` is absent) that was published
   * since this was called, in order, until `signal` is aborted. Events of the time in which the snapshot was taken may
   * tell again what it already holds; none is left out.
   */
  async *watch(
    id: string | undefined,
    snapshot: () => Promise<RunEvent[]>,
    signal?: AbortSignal,
  ): AsyncGenerator<RunEvent> {
    const queue = new AsyncQueue<RunEvent>();
    const subscriber = (event: RunEvent): void => {
      if (id === undefined || runIdOf(event) === id) queue.push(event);
    };
    const leave = (): void => queue.end();
    if (signal?.aborted) return;
    signal?.addEventListener('abort', leave, { once: true });
    this.#subscribers.add(subscriber);
    try {
      yield* await snapshot();
      yield* queue;
    } finally {
      this.#subscribers.delete(subscriber);
      signal?.removeEventListener('abort', leave);
    }
  }
}
