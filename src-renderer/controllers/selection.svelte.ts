/** Choosing in a long list: the active place, the chosen ids, and how keys and clicks move both. */

export type Step = 'next' | 'previous' | 'below' | 'above' | 'first' | 'last' | 'page-down' | 'page-up';

export class Selection {
  /** The place that keys act on; -1 before anything was. */
  active = $state(-1);
  chosen = $state.raw<ReadonlySet<string>>(new Set());
  /** Where a range begins that Shift extends. */
  #anchor = 0;
  readonly #idsBetween: (first: number, last: number) => Promise<string[]>;

  /** @param idsBetween the ids of a range of places, which may have to be read */
  constructor(idsBetween: (first: number, last: number) => Promise<string[]>) {
    this.#idsBetween = idsBetween;
  }

  none(): void {
    this.chosen = new Set();
  }

  /** One alone. */
  only(place: number, id: string): void {
    this.active = place;
    this.#anchor = place;
    this.chosen = new Set([id]);
  }

  /** Adds or takes away one. */
  toggle(place: number, id: string): void {
    this.active = place;
    this.#anchor = place;
    const chosen = new Set(this.chosen);
    if (!chosen.delete(id)) chosen.add(id);
    this.chosen = chosen;
  }

  /** From where the last choice was made to `place`. */
  async extend(place: number): Promise<void> {
    this.active = place;
    const ids = await this.#idsBetween(Math.min(this.#anchor, place), Math.max(this.#anchor, place));
    this.chosen = new Set(ids);
  }

  async all(total: number): Promise<void> {
    this.chosen = new Set(await this.#idsBetween(0, total - 1));
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
