/** One read of the host as state: pending, error or data. Data stays on screen while it is read again. */
import { untrack } from 'svelte';
import { AppError } from '#contract/errors.ts';

export type QueryState<T> =
  { status: 'pending' } | { status: 'error'; error: AppError } | { status: 'data'; data: T };

export class Query<T> {
  state = $state.raw<QueryState<T>>({ status: 'pending' });
  /** True while a newer answer is awaited. */
  refreshing = $state(false);
  readonly #load: () => Promise<T>;
  #latest = 0;

  /** `load` is called at once by `refresh`, so that an effect around it follows the reactive values that it reads. */
  constructor(load: () => Promise<T>) {
    this.#load = load;
  }

  get data(): T | undefined {
    return this.state.status === 'data' ? this.state.data : undefined;
  }

  /** Asks again. An answer that was overtaken by a later question is dropped. Never rejects. */
  async refresh(): Promise<void> {
    const asked = ++this.#latest;
    let answer: Promise<T>;
    try {
      answer = this.#load();
    } catch (error) {
      answer = Promise.reject(AppError.from(error));
    }
    untrack(() => {
      this.refreshing = true;
      if (this.state.status === 'error') this.state = { status: 'pending' };
    });
    try {
      const data = await answer;
      if (asked === this.#latest) this.state = { status: 'data', data };
    } catch (error) {
      if (asked === this.#latest) this.state = { status: 'error', error: AppError.from(error) };
    } finally {
      if (asked === this.#latest) this.refreshing = false;
    }
  }

  /** Forgets the answer, for a question about another thing. */
  reset(): void {
    this.#latest += 1;
    this.state = { status: 'pending' };
    this.refreshing = false;
  }
}
