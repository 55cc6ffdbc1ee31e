/** The pictures of a dataset on screen: the question that the grid answers, what is chosen in it, and edits with their undoing. */
import type { PentimentoClient } from '#contract/api.ts';
import type { DatasetChange, DatasetEdit, DatasetItem, DatasetLabel, Split } from '#contract/dataset.ts';
import { ListPages } from './list-pages.svelte.ts';
import { Selection } from './selection.svelte.ts';

type Question = { datasetId: string; label?: DatasetLabel; split?: Split };

export class DatasetItems {
  readonly pages: ListPages<DatasetItem, Question>;
  readonly selection: Selection;
  label = $state<DatasetLabel | ''>('');
  split = $state<Split | ''>('');
  busy = $state(false);
  /** The newest edits, as the host keeps them: an edit that was undone can be made again until another is made. */
  edits = $state.raw<readonly DatasetEdit[]>([]);
  readonly #client: PentimentoClient;
  readonly #dataset: string;

  constructor(client: PentimentoClient, dataset: string) {
    this.#client = client;
    this.#dataset = dataset;
    this.pages = new ListPages((question) => client.datasets.items(question));
    this.selection = new Selection((first, last) => this.pages.idsBetween(first, last));
  }

  /** Asks what the filters say. Run inside an effect, so that it follows them. */
  ask(): void {
    this.pages.ask({
      datasetId: this.#dataset,
      ...(this.label === '' ? {} : { label: this.label }),
      ...(this.split === '' ? {} : { split: this.split }),
    });
  }

  /** Reads the edits and the list again, as after an import: what the list shows can then be taken back. */
  async refresh(): Promise<void> {
    this.edits = await this.#client.datasets.edits({ dataset: this.#dataset });
    this.pages.refresh();
  }

  get canUndo(): boolean {
    return this.edits.some(({ undoneAt }) => undoneAt === null);
  }

  get canRedo(): boolean {
    return this.edits[0]?.undoneAt !== null && this.edits.length > 0;
  }

  /** Changes what is chosen; null where nothing is chosen or an edit is under way. */
  change(change: DatasetChange): Promise<DatasetEdit | null> {
    const ids = [...this.selection.chosen];
    if (ids.length === 0) return Promise.resolve(null);
    return this.#edit(async () => {
      const { edit } = await this.#client.datasets.edit({ dataset: this.#dataset, items: { ids }, change });
      // What a filter no longer shows must not be changed unseen by the next key.
      if (change.kind === 'remove' || this.label !== '' || this.split !== '') this.selection.none();
      return edit;
    });
  }

  undo(): Promise<DatasetEdit | null> {
    return this.#edit(async () => (await this.#client.datasets.undo({ dataset: this.#dataset })).edit);
  }

  redo(): Promise<DatasetEdit | null> {
    return this.#edit(async () => (await this.#client.datasets.redo({ dataset: this.#dataset })).edit);
  }

  async #edit(act: () => Promise<DatasetEdit>): Promise<DatasetEdit | null> {
    if (this.busy) return null;
    this.busy = true;
    try {
      return await act();
    } finally {
      this.busy = false;
    }
  }
}
