/** Which datasets there are: found by id or name, made where they are missing, and told as the contract tells them. */
import type { Dataset, DatasetLabel, Split } from '#contract/dataset.ts';
import { AppError } from '#contract/errors.ts';
import { newId } from '#storage/new-id.ts';
import type { DatasetRepository, DatasetRow } from './dataset.repository.ts';
import { isFrozen, type DatasetVersionRepository } from './dataset-version.repository.ts';

type Counts = Pick<Dataset, 'items' | 'labels' | 'splits'>;

export class DatasetCatalogue {
  readonly #repository: DatasetRepository;
  readonly #versions: DatasetVersionRepository;

  constructor(repository: DatasetRepository, versions: DatasetVersionRepository) {
    this.#repository = repository;
    this.#versions = versions;
  }

  async list(): Promise<Dataset[]> {
    return Promise.all((await this.#repository.list()).map((row) => this.describe(row)));
  }

  /** By id or by name. Errors: `not_found`. */
  async find(reference: string): Promise<DatasetRow> {
    const row = await this.#repository.find(reference);
    if (!row) throw new AppError('not_found', `There is no dataset "${reference}".`);
    return row;
  }

  async findOrCreate(name: string): Promise<DatasetRow> {
    const present = await this.#repository.findByName(name);
    if (present) return present;
    const row: DatasetRow = {
      id: newId(),
      name,
      created_at: Date.now(),
      rendered: 0,
      manifest_hash: null,
      content_hash: null,
    };
    await this.#repository.insert(row);
    return row;
  }

  async describe(row: DatasetRow): Promise<Dataset> {
    const { manifest_hash, content_hash } = row;
    const hashes =
      manifest_hash === null || content_hash === null
        ? await this.#repository.refreshHashes(row.id)
        : { manifest_hash, content_hash };
    const newest = await this.#versions.newest(row.id);
    const frozen = isFrozen(newest, hashes);
    return {
      id: row.id,
      name: row.name,
      createdAt: row.created_at,
      rendered: row.rendered === 1,
      ...sumCounts(await this.#repository.counts(row.id)),
      manifestHash: hashes.manifest_hash,
      version: { number: (newest?.number ?? 0) + (frozen ? 0 : 1), frozen },
    };
  }
}

/** Counts by label and by split, from counts of both. */
export function sumCounts(rows: readonly { label: DatasetLabel; split: Split; count: number }[]): Counts {
  const labels: Record<DatasetLabel, number> = { real: 0, reference: 0, simulated: 0, unlabelled: 0 };
  const splits: Record<Split, number> = { train: 0, validation: 0, test: 0 };
  let items = 0;
  for (const { label, split, count } of rows) {
    labels[label] += count;
    splits[split] += count;
    items += count;
  }
  return { items, labels, splits };
}
