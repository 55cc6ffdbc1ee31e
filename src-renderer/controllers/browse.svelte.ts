/** Walking the host's disk, and choosing files on it. */
import type { PentimentoClient } from '#contract/api.ts';
import type { DirectoryListing } from '#contract/system.ts';
import { Query } from '../lib/query.svelte.ts';

export class BrowseController {
  readonly query: Query<DirectoryListing>;
  /** What the path field holds; it follows the listing, and may be typed. */
  typed = $state('');
  /** Paths, each once, in the order of choosing. */
  chosen = $state.raw<readonly string[]>([]);
  #wanted: string | undefined;

  constructor(client: PentimentoClient) {
    this.query = new Query(() =>
      client.system.browse(this.#wanted === undefined ? {} : { path: this.#wanted }),
    );
  }

  /** Opens a folder; the home folder where none is named. */
  async open(path?: string): Promise<void> {
    this.#wanted = path?.trim() ? path.trim() : undefined;
    const before = this.typed;
    await this.query.refresh();
    const listing = this.query.data;
    // What a person typed meanwhile is not overwritten by an answer that comes late.
    if (listing && this.typed === before) this.typed = listing.path;
  }

  toggle(path: string): void {
    this.chosen = this.chosen.includes(path)
      ? this.chosen.filter((other) => other !== path)
      : [...this.chosen, path];
  }

  chooseAll(paths: readonly string[]): void {
    this.chosen = [...this.chosen, ...paths.filter((path) => !this.chosen.includes(path))];
  }

  chooseNone(): void {
    this.chosen = [];
  }
}
