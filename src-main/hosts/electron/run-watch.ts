/** What the desktop does about training runs: keeps the machine awake while one goes on, and knows which those are. */
import type { PowerSaveBlocker } from 'electron';
import type { RunEvent } from '#contract/training-run.ts';

export class RunWatch {
  readonly #active = new Map<string, string>();
  readonly #blocker: Pick<PowerSaveBlocker, 'start' | 'stop'>;
  #blocking: number | null = null;

  constructor(blocker: Pick<PowerSaveBlocker, 'start' | 'stop'>) {
    this.#blocker = blocker;
  }

  /** Runs that are queued or train, as `{ id, name }`; the name is that of the dataset. */
  get active(): { id: string; name: string }[] {
    return [...this.#active].map(([id, name]) => ({ id, name }));
  }

  /** Follows until `events` end. */
  async follow(events: AsyncIterable<RunEvent>): Promise<void> {
    try {
      for await (const event of events) if (event.type === 'run') this.#note(event.run);
    } finally {
      this.#active.clear();
      this.#keepAwake();
    }
  }

  #note({ id, state, datasetName }: Extract<RunEvent, { type: 'run' }>['run']): void {
    if (state === 'running' || state === 'queued') this.#active.set(id, datasetName);
    else this.#active.delete(id);
    this.#keepAwake();
  }

  #keepAwake(): void {
    const wanted = this.#active.size > 0;
    if (wanted && this.#blocking === null) this.#blocking = this.#blocker.start('prevent-app-suspension');
    else if (!wanted && this.#blocking !== null) {
      this.#blocker.stop(this.#blocking);
      this.#blocking = null;
    }
  }
}
