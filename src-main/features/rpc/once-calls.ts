/**
 * Calls that change something are made once, however often they arrive: a client whose connection was lost before the
 * answer came sends the call again under the name that it gave it, and gets the answer of the first.
 */

/** A client tries again for a minute or two; an answer is kept for longer than that. */
const keptMs = 10 * 60_000;
const keptAtMost = 2000;

export class OnceCalls {
  readonly #calls = new Map<string, { begun: number; answer: Promise<unknown> }>();
  readonly #now: () => number;

  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** The answer of the call of that name, which is made unless it was. A failure is an answer too. */
  make(name: string, call: () => unknown): Promise<unknown> {
    const known = this.#calls.get(name);
    if (known) return known.answer;
    const answer = (async () => call())();
    answer.catch(() => undefined); // whoever made the call may be gone
    this.#calls.set(name, { begun: this.#now(), answer });
    for (const [oldest, { begun }] of this.#calls) {
      if (this.#calls.size <= keptAtMost && this.#now() - begun < keptMs) break;
      this.#calls.delete(oldest);
    }
    return answer;
  }
}
