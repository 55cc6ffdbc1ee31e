/** Values by key, up to a bound on their sizes together; the one used longest ago goes first. */

export class BoundedCache<V> {
  readonly #entries = new Map<string, { value: V; bytes: number }>();
  readonly #bound: () => number;
  #bytes = 0;

  /** @param bound in bytes, asked for whenever something is added; one value that is larger is kept alone */
  constructor(bound: () => number) {
    this.#bound = bound;
  }

  /** Of all that is kept. */
  get bytes(): number {
    return this.#bytes;
  }

  get(key: string): V | undefined {
    const entry = this.#entries.get(key);
    if (!entry) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    return entry.value;
  }

  set(key: string, value: V, bytes: number): void {
    this.delete(key);
    this.#entries.set(key, { value, bytes });
    this.#bytes += bytes;
    const bound = this.#bound();
    for (const oldest of this.#entries.keys()) {
      if (this.#bytes <= bound || this.#entries.size === 1) return;
      this.delete(oldest);
    }
  }

  delete(key: string): void {
    this.#bytes -= this.#entries.get(key)?.bytes ?? 0;
    this.#entries.delete(key);
  }
}
