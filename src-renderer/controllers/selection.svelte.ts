/** Choosing in a long list: the active place, the chosen ids, and how keys and clicks move both. */

export type Step = 'next' | 'previous' | 'below' | 'above' | 'first' | 'last' | 'page-down' | 'page-up';

export class Selection {
  /** The place that keys act on; -1 before anything was. */
  active = $state(-1);
  chosen = $state.raw<readonly string[]>([]);
  readonly #index = $derived(Object.fromEntries(this.chosen.map((id) => [id, true])));
  /** Where a range begins that Shift extends. */
  #anchor = 0;
  readonly #idsBetween: (first: number, last: number) => Promise<string[]>;

  /** @param idsBetween the ids of a range of places, which may have to be read */
  constructor(idsBetween: (first: number, last: number) => Promise<string[]>) {
    this.#idsBetween = idsBetween;
  }

  has(id: string): boolean {
    return this.#index[id] === true;
  }

  none(): void {
    this.chosen = [];
  }

  /** One alone. */
  only(place: number, id: string): void {
    this.active = place;
    this.#anchor = place;
    this.chosen = [id];
  }

  /** Adds or takes away one. */
  toggle(place: number, id: string): void {
    this.active = place;
    this.#anchor = place;
    this.chosen = this.has(id) ? this.chosen.filter((other) => other !== id) : [...this.chosen, id];
  }

  /** From where the last choice was made to `place`. */
  async extend(place: number): Promise<void> {
    this.active = place;
    this.chosen = await this.#idsBetween(Math.min(this.#anchor, place), Math.max(this.#anchor, place));
  }

  async all(total: number): Promise<void> {
    this.chosen = await this.#idsBetween(0, total - 1);
  }

  /** Where a step leads from the active place, in a list of `total` with `columns` a row and `rows` on screen. */
  target(step: Step, { total, columns, rows }: { total: number; columns: number; rows: number }): number {
    const from = Math.max(this.active, 0);
    const by: Record<Step, number> = {
      next: from + 1,
      previous: from - 1,
      below: from + columns,
      above: from - columns,
      first: 0,
      last: total - 1,
      'page-down': from + columns * Math.max(rows, 1),
      'page-up': from - columns * Math.max(rows, 1),
    };
    if (this.active < 0) return 0;
    return Math.min(Math.max(by[step], 0), total - 1);
  }
}
