/** Walking the host's disk, and choosing files on it. */
import type { PentimentoClient } from '#contract/api.ts';
import type { Choice, DirectoryListing } from '#contract/system.ts';
import { Query } from '../lib/query.svelte.ts';

export class BrowseController {
  readonly query: Query<DirectoryListing>;
  /** What the path field holds; it follows the listing, and may be typed. */
  typed = $state('');
  /** Paths, each once, in the order of choosing. */
  chosen = $state.raw<readonly string[]>([]);
  #wanted: string | undefined;
  readonly #client: PentimentoClient;

  constructor(client: PentimentoClient) {
    this.#client = client;
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

  /** Has the person choose in a dialog of the operating system; a folder is opened, files are chosen. */
  async openDialog(what: Choice['what']): Promise<void> {
    const { paths } = await this.#client.system.choose({ what });
    if (paths.length === 0) return;
    if (what === 'folder') return this.open(paths[0]);
    if (what === 'model' || what === 'list') this.chooseNone();
    this.chooseAll(paths);
    await this.open();
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
