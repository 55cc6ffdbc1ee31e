/** One case on screen: what it holds, the question that its list answers, what is chosen in it, and what is done to it. */
import type { PentimentoClient } from '#contract/api.ts';
import type { CaseOverview } from '#contract/case.ts';
import type { EvidenceFilter, EvidenceItem, EvidenceOrder, EvidenceSort } from '#contract/evidence.ts';
import { Query } from '../lib/query.svelte.ts';
import { ListPages } from './list-pages.svelte.ts';
import { Selection } from './selection.svelte.ts';
import { UndoStack } from './undo-stack.svelte.ts';

export type EvidenceQuestion = EvidenceFilter & EvidenceOrder & { caseId: string };

export class CaseController {
  readonly id: string;
  readonly query: Query<CaseOverview>;
  readonly pages: ListPages<EvidenceItem, EvidenceQuestion>;
  readonly selection: Selection;
  readonly undo = new UndoStack();
  filter = $state.raw<EvidenceFilter>({});
  order = $state.raw<EvidenceOrder>({ sort: 'taken', descending: false });
  readonly #client: PentimentoClient;

  constructor(client: PentimentoClient, id: string) {
    this.#client = client;
    this.id = id;
    this.query = new Query(() => client.cases.get({ case: id }));
    this.pages = new ListPages((question) => client.evidence.items(question));
    this.selection = new Selection((first, last) => this.pages.idsBetween(first, last));
  }

  get overview(): CaseOverview | undefined {
    return this.query.data;
  }

  /** What is chosen and was read. */
  get chosenItems(): EvidenceItem[] {
    const items: EvidenceItem[] = [];
    for (const id of this.selection.chosen) {
      const item = this.pages.at(this.pages.placeOf(id));
      if (item) items.push(item);
      if (items.length >= 50) break;
    }
    return items;
  }

  /** Asks what the filters and the order say. Run inside an effect, so that it follows them. */
  ask(): void {
    this.pages.ask({ caseId: this.id, ...this.filter, ...this.order });
  }

  /** Changes some filters; one that is undefined is taken away. */
  narrow(change: { [K in keyof EvidenceFilter]?: EvidenceFilter[K] | undefined }): void {
    const entries = Object.entries({ ...this.filter, ...change }).filter(
      ([, value]) => value !== undefined && value !== '',
    );
    this.filter = Object.fromEntries(entries) as EvidenceFilter;
    this.selection.active = -1;
    this.selection.none();
  }

  /** Sorts by a column, and the other way round where it was sorted by it already. */
  sortBy(sort: EvidenceSort): void {
    this.order = { sort, descending: this.order.sort === sort ? !this.order.descending : false };
    this.selection.active = -1;
  }

  async refresh(): Promise<void> {
    this.pages.refresh();
    await this.query.refresh();
  }

  /** Adds or removes a tag; taking that back changes only the items that it had changed. Answers how many those are. */
  async tag(ids: readonly string[], kind: 'add' | 'remove', tag: string): Promise<number> {
    const items = await Promise.all(ids.map((id) => this.#itemOf(id)));
    const edited = items.filter((item) => item.tags.includes(tag) !== (kind === 'add')).map(({ id }) => id);
    if (edited.length === 0) return 0;
    const apply = async (how: 'add' | 'remove'): Promise<void> => {
      await this.#client.evidence.edit({ ids: edited, [how === 'add' ? 'addTags' : 'removeTags']: [tag] });
      await this.refresh();
    };
    const other = kind === 'add' ? 'remove' : 'add';
    await this.undo.make({ act: () => apply(kind), revert: () => apply(other) });
    return edited.length;
  }

  /** Writes the notes of one item. */
  async note(item: EvidenceItem, notes: string): Promise<void> {
    const apply = async (text: string): Promise<void> => {
      await this.#client.evidence.edit({ ids: [item.id], notes: text });
      await this.refresh();
    };
    await this.undo.make({ act: () => apply(notes), revert: () => apply(item.notes) });
  }

  async #itemOf(id: string): Promise<EvidenceItem> {
    return this.pages.at(this.pages.placeOf(id)) ?? (await this.#client.evidence.get({ id })).item;
  }
}
