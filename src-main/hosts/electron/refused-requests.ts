/** How often a window asked for something beyond the program's own schemes: never, unless something is wrong. */

export class RefusedRequests {
  #count = 0;
  readonly #log: (line: string) => void;

  /** @param log told of each, with its scheme and host and nothing else of its address */
  constructor(log: (line: string) => void) {
    this.#log = log;
  }

  get count(): number {
    return this.#count;
  }

  note(url: string): void {
    this.#count += 1;
    const { protocol, host } = URL.canParse(url) ? new URL(url) : { protocol: 'unknown:', host: '' };
    this.#log(`a request to ${protocol}//${host} was refused; ${this.#count} so far`);
  }
}
