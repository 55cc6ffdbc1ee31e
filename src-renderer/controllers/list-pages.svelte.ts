/**
 * A long list of which only the part on screen is read, a page at a time. Places that were not read yet are undefined; what
 * was read stays on screen while it is read again.
 */
import { AppError } from '#contract/errors.ts';

const PAGE = 200;
/** Pages that are kept; older ones are read again when they are scrolled to. */
const KEPT = 30;
/** What one selection may name, as the contract's calls take it. */
export const selectableAtMost = 10_000;

/** Reads a page of the answer to a question, and how long the whole answer is. */
type Read<T, Q> = (
  question: Q & { offset: number; limit: number },
) => Promise<{ items: readonly T[]; total: number }>;

export class ListPages<T extends { id: string }, Q extends object> {
  total = $state<number | null>(null);
  error = $state.raw<AppError | null>(null);
  readonly #readPage: Read<T, Q>;
  #question: Q | null = null;
  #revision = $state(0);
  #generation = 0;
  #pages: Record<number, readonly T[]> = {};
  /** Numbers of the pages that are kept, the one read longest ago first. */
  #kept: number[] = [];
  #asked: Record<number, true> = {};
  #range = { first: 0, last: 0 };

  constructor(read: Read<T, Q>) {
    this.#readPage = read;
  }

  /** Asks another question; the list begins anew where it differs. */
  ask(question: Q): void {
    if (JSON.stringify(question) === JSON.stringify(this.#question)) return;
    this.#question = question;
    this.#pages = {};
    this.#kept = [];
    this.total = null;
    this.refresh();
  }

  /** Reads what is on screen again. */
  refresh(): void {
    this.#generation += 1;
    this.#asked = {};
    this.error = null;
    this.#revision += 1;
    this.need(this.#range.first, this.#range.last);
  }

  /** The item at a place of the list; undefined while it is not read. */
  at(index: number): T | undefined {
    void this.#revision;
    return this.#pages[Math.floor(index / PAGE)]?.[index % PAGE];
  }

  /** Where an item stands among those that were read; -1 where it is not among them. */
  placeOf(id: string): number {
    void this.#revision;
    for (const page of this.#kept) {
      const place = this.#pages[page]?.findIndex((item) => item.id === id) ?? -1;
      if (place >= 0) return page * PAGE + place;
    }
    return -1;
  }

  /** Says which places are on screen, so that their pages are read. */
  need(first: number, last: number): void {
    this.#range = { first, last };
    for (let page = Math.floor(first / PAGE); page <= Math.floor(last / PAGE); page++)
      if (!this.#asked[page]) void this.#read(page);
  }

  /** The ids of the places from `first` to `last`, at most as many as a selection may name. */
  async idsBetween(first: number, last: number): Promise<string[]> {
    const ids: string[] = [];
    const end = Math.min(last, first + selectableAtMost - 1);
    for (let page = Math.floor(first / PAGE); page <= Math.floor(end / PAGE); page++) {
      const items = this.#pages[page] ?? (await this.#fetch(page)).items;
      items.forEach((item, place) => {
        const index = page * PAGE + place;
        if (index >= first && index <= end) ids.push(item.id);
      });
    }
    return ids;
  }

  #fetch(page: number): Promise<{ items: readonly T[]; total: number }> {
    if (!this.#question) return Promise.resolve({ items: [], total: 0 });
    return this.#readPage({ ...this.#question, offset: page * PAGE, limit: PAGE });
  }

  async #read(page: number): Promise<void> {
    const generation = this.#generation;
    this.#asked[page] = true;
    try {
      const { items, total } = await this.#fetch(page);
      if (generation !== this.#generation) return;
      this.#pages[page] = items;
      this.#kept = [...this.#kept.filter((one) => one !== page), page];
      const oldest = this.#kept.length > KEPT ? this.#kept.shift() : undefined;
      if (oldest !== undefined) {
        delete this.#pages[oldest];
        delete this.#asked[oldest];
      }
      this.total = total;
      this.#revision += 1;
    } catch (cause) {
      if (generation !== this.#generation) return;
      delete this.#asked[page];
      this.error = AppError.from(cause);
    }
  }
}
