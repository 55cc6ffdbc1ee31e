/** Datasets, models, verdicts and the system report: lists that several pages read, each read again when it changes. */
import type { PentimentoClient } from '#contract/api.ts';
import type { Dataset } from '#contract/dataset.ts';
import type { Verdict } from '#contract/detection.ts';
import type { Model } from '#contract/model.ts';
import type { SystemReport } from '#contract/system.ts';
import { Query } from '../lib/query.svelte.ts';

const VERDICTS_A_PAGE = 100;

export class Library {
  readonly datasets: Query<Dataset[]>;
  readonly models: Query<Model[]>;
  readonly verdicts: Query<{ verdicts: Verdict[]; total: number }>;
  readonly system: Query<SystemReport>;
  #verdictLimit = VERDICTS_A_PAGE;

  constructor(client: PentimentoClient) {
    this.datasets = new Query(() => client.datasets.list({}));
    this.models = new Query(() => client.models.list({}));
    this.verdicts = new Query(() => readVerdicts(client, this.#verdictLimit));
    this.system = new Query(() => client.system.report({}));
  }

  get currentModel(): Model | null {
    return this.models.data?.find((model) => model.current) ?? null;
  }

  async load(): Promise<void> {
    await Promise.all([
      this.datasets.refresh(),
      this.models.refresh(),
      this.verdicts.refresh(),
      this.system.refresh(),
    ]);
  }

  async moreVerdicts(): Promise<void> {
    this.#verdictLimit += VERDICTS_A_PAGE;
    await this.verdicts.refresh();
  }
}

/** The newest `limit` verdicts, fetched in pages that the contract allows. */
async function readVerdicts(
  client: PentimentoClient,
  limit: number,
): Promise<{ verdicts: Verdict[]; total: number }> {
  const verdicts: Verdict[] = [];
  let total = 0;
  for (let offset = 0; offset < limit; offset += VERDICTS_A_PAGE) {
    const page = await client.detection.list({ offset, limit: VERDICTS_A_PAGE });
    verdicts.push(...page.verdicts);
    total = page.total;
    if (verdicts.length >= total) break;
  }
  return { verdicts, total };
}
