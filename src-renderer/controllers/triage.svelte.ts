/** One triage run on screen: how far it is, the question that its list of results answers, and what is chosen in it. */
import type { PentimentoClient } from '#contract/api.ts';
import type { VerdictLabel } from '#contract/detection.ts';
import type { TriageOrder, TriageResult, TriageRun, TriageSummary } from '#contract/triage.ts';
import { Query } from '../lib/query.svelte.ts';
import { ListPages } from './list-pages.svelte.ts';
import { Selection } from './selection.svelte.ts';

/** What the list shows, and in which order. */
export type TriageView = {
  order: TriageOrder;
  verdict?: VerdictLabel;
  category?: string;
  pile?: string;
};
type Question = TriageView & { run: string };

export class TriageController {
  readonly id: string;
  readonly query: Query<{ run: TriageRun; summary: TriageSummary }>;
  readonly failures: Query<Awaited<ReturnType<PentimentoClient['triage']['failures']>>>;
  readonly pages: ListPages<TriageResult, Question>;
  readonly selection: Selection;
  view = $state.raw<TriageView>({ order: 'score' });

  constructor(client: PentimentoClient, id: string) {
    this.id = id;
    this.query = new Query(async () => {
      const [run, summary] = await Promise.all([
        client.triage.get({ run: id }),
        client.triage.summary({ run: id }),
      ]);
      return { run, summary };
    });
    this.failures = new Query(() => client.triage.failures({ run: id, limit: 500 }));
    this.pages = new ListPages(async (question) => {
      const { results, total } = await client.triage.results(question);
      return { items: results, total };
    });
    this.selection = new Selection((first, last) => this.pages.idsBetween(first, last));
  }

  /** Asks what the view says. Run inside an effect, so that it follows it. */
  ask(): void {
    this.pages.ask({ run: this.id, ...this.view });
  }

  /** Shows something else; what is chosen is let go, as it may not be in the list any more. */
  show(change: { [K in keyof TriageView]?: TriageView[K] | undefined }): void {
    const entries = Object.entries({ ...this.view, ...change }).filter(([, value]) => value !== undefined);
    this.view = Object.fromEntries(entries) as TriageView;
    this.selection.active = -1;
    this.selection.none();
  }

  async refresh(): Promise<void> {
    this.pages.refresh();
    await Promise.all([this.query.refresh(), this.failures.refresh()]);
  }
}
