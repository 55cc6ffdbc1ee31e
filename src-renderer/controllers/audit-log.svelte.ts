/** The audit log on screen: the question that its list answers, and the entry that is chosen in it. */
import type { PentimentoClient } from '#contract/api.ts';
import type { AuditEntry, AuditHead, AuditLine, AuditQuery } from '#contract/audit.ts';
import { Query } from '../lib/query.svelte.ts';
import { ListPages } from './list-pages.svelte.ts';
import { Selection } from './selection.svelte.ts';

type Line = AuditLine & { id: string };
export type AuditView = Pick<AuditQuery, 'kind' | 'text'>;

export class AuditLogController {
  readonly pages: ListPages<Line, AuditView>;
  readonly selection: Selection;
  readonly chosen: Query<AuditEntry>;
  head = $state.raw<AuditHead | null>(null);
  view = $state.raw<AuditView>({});
  #sequence = 0;

  constructor(client: PentimentoClient) {
    this.pages = new ListPages(async (question) => {
      const { entries, total, head } = await client.auditLog.entries(question);
      this.head = head;
      return { items: entries.map((entry) => ({ ...entry, id: String(entry.sequence) })), total };
    });
    this.selection = new Selection((first, last) => this.pages.idsBetween(first, last));
    this.chosen = new Query(() => client.auditLog.get({ sequence: this.#sequence }));
  }

  /** Asks what the view says. Run inside an effect, so that it follows it. */
  ask(): void {
    this.pages.ask({ ...this.view });
  }

  show(change: { [K in keyof AuditView]?: AuditView[K] | undefined }): void {
    const entries = Object.entries({ ...this.view, ...change }).filter(([, value]) => value);
    this.view = Object.fromEntries(entries) as AuditView;
    this.selection.active = -1;
    this.selection.none();
  }

  /** Reads an entry whole. */
  read(sequence: number): void {
    this.#sequence = sequence;
    this.chosen.reset();
    void this.chosen.refresh();
  }
}
