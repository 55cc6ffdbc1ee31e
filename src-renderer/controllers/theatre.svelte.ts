/** Which step and which samples of a run the theatre shows. */
import type { PentimentoClient } from '#contract/api.ts';
import type { RunSample } from '#contract/training-run.ts';
import { Query } from '../lib/query.svelte.ts';

export class TheatreController {
  readonly query: Query<RunSample[]>;
  /** While true, the newest kept step is shown. */
  following = $state(true);
  /** Indexes of the samples on stage. */
  chosen = $state.raw<readonly number[]>([0, 1, 2]);
  #step = $state<number | null>(null);
  readonly #steps: () => readonly number[];

  /** `steps` are the steps with samples, ascending; `id` names the run. Both are read anew each time. */
  constructor(client: PentimentoClient, id: () => string, steps: () => readonly number[]) {
    this.#steps = steps;
    this.query = new Query(async () => {
      const step = this.step;
      return step === null ? [] : client.runs.samples({ id: id(), step });
    });
  }

  get steps(): readonly number[] {
    return this.#steps();
  }

  /** The step on stage; null while none was kept. */
  get step(): number | null {
    const newest = this.steps.at(-1) ?? null;
    if (this.following || this.#step === null) return newest;
    return this.steps.includes(this.#step) ? this.#step : newest;
  }

  /** The place of that step among the kept ones, from 0; -1 while there is none. */
  get position(): number {
    const step = this.step;
    return step === null ? -1 : this.steps.indexOf(step);
  }

  get samples(): RunSample[] {
    const all = this.query.data ?? [];
    const shown = all.filter((sample) => this.chosen.includes(sample.index));
    return shown.length > 0 ? shown : all.slice(0, 1);
  }

  /** Goes to a place among the kept steps; the last one means to follow again. */
  seek(position: number): void {
    const last = this.steps.length - 1;
    const at = Math.min(Math.max(Math.round(position), 0), last);
    this.following = at === last;
    this.#step = this.steps[at] ?? null;
  }

  toggle(index: number): void {
    this.chosen = this.chosen.includes(index)
      ? this.chosen.filter((other) => other !== index)
      : [...this.chosen, index].sort((a, b) => a - b);
  }
}
