/** Walking the host's disk, and choosing files on it. */
import type { PentimentoClient } from '#contract/api.ts';
import type { DirectoryListing } from '#contract/system.ts';
import { Query } from '../lib/query.svelte.ts';

export class BrowseController {
  readonly query: Query<DirectoryListing>;
  /** What the path field holds; it follows the listing, and may be typed. */
  typed = $state('');
  chosen = $state.raw<ReadonlySet<string>>(new Set());
  #wanted: string | undefined;

  constructor(client: PentimentoClient) {
    this.query = new Query(() =>
      client.system.browse(this.#wanted === undefined ? {} : { path: this.#wanted }),
    );
  }

  /** Opens a folder; the home folder where none is named. */
  async open(path?: string): Promise<void> {
    this.#wanted = path?.trim() ? path.trim() : undefined;
    await this.query.refresh();
    const listing = this.query.data;
    if (listing && this.query.state.status === 'data') this.typed = listing.path;
  }

  toggle(path: string): void {
    const next = new Set(this.chosen);
    if (!next.delete(path)) next.add(path);
    this.chosen = next;
  }

  chooseAll(paths: readonly string[]): void {
    this.chosen = new Set([...this.chosen, ...paths]);
  }

  chooseNone(): void {
    this.chosen = new Set();
  }
}
