/** Datasets as they are read: rows become `Dataset` and `DatasetItem`, now or as a run used them. */
import type { Dataset, DatasetItem, DatasetVersion, VersionComparison } from '#contract/dataset.ts';
import { AppError } from '#contract/errors.ts';
import type { TrainerPhotograph } from '#contract/trainer-messages.ts';
import type { BlobStore } from '#storage/blob-store.ts';
import { compareItems } from './compare-versions.ts';
import { sumCounts, type DatasetCatalogue } from './dataset-catalogue.ts';
import type { DatasetRepository, ItemFilter, ItemRow } from './dataset.repository.ts';
import type { DatasetVersionRepository, VersionItemRow, VersionRow } from './dataset-version.repository.ts';

/** A dataset as a run uses it. */
export type FrozenDataset = {
  version: { id: string; number: number; manifestHash: string; contentHash: string };
  /** Every item, in the order in which they were added. */
  photographs: TrainerPhotograph[];
};

type PhotographRow = Pick<
  VersionItemRow,
  'sha256' | 'label' | 'split' | 'category' | 'mask' | 'licence' | 'group_key'
>;

export class DatasetService {
  readonly #catalogue: DatasetCatalogue;
  readonly #repository: DatasetRepository;
  readonly #versions: DatasetVersionRepository;
  readonly #blobs: BlobStore;

  constructor(parts: {
    catalogue: DatasetCatalogue;
    repository: DatasetRepository;
    versions: DatasetVersionRepository;
    blobs: BlobStore;
  }) {
    this.#catalogue = parts.catalogue;
    this.#repository = parts.repository;
    this.#versions = parts.versions;
    this.#blobs = parts.blobs;
  }

  async list(): Promise<Dataset[]> {
    return this.#catalogue.list();
  }

  /** By id or by name. Errors: `not_found`. */
  async get(reference: string): Promise<Dataset> {
    return this.#catalogue.describe(await this.#catalogue.find(reference));
  }

  /**
   * A page of items in the order in which they were added, and how many there are in all.
   * @param version as a run used it; as it is now where absent
   * @throws AppError `not_found`
   */
  async items(
    reference: string,
    filter: ItemFilter,
    page: { offset: number; limit: number },
    version?: number,
  ): Promise<{ items: DatasetItem[]; total: number }> {
    const { id } = await this.#catalogue.find(reference);
    if (version === undefined) {
      const total = await this.#repository.countItems(id, filter);
      return { items: (await this.#repository.items(id, filter, page)).map(toItem), total };
    }
    const frozen = await this.#findVersion(id, version);
    const total = await this.#versions.countItems(frozen.id, filter);
    return { items: (await this.#versions.page(frozen, filter, page)).map(toItem), total };
  }

  /** Newest first. Errors: `not_found`. */
  async versions(reference: string): Promise<DatasetVersion[]> {
    const { id } = await this.#catalogue.find(reference);
    const rows = await this.#versions.list(id);
    return Promise.all(
      rows.map(async (row) => ({
        id: row.id,
        datasetId: row.dataset_id,
        number: row.number,
        createdAt: row.created_at,
        ...sumCounts(await this.#versions.counts(row.id)),
        manifestHash: row.manifest_hash,
        contentHash: row.content_hash,
        runs: await this.#versions.runs(row.id),
      })),
    );
  }

  /** @param to the dataset as it is now where absent. Errors: `not_found`. */
  async compareVersions(reference: string, from: number, to?: number): Promise<VersionComparison> {
    const { id } = await this.#catalogue.find(reference);
    const itemsOf = async (number: number): Promise<VersionItemRow[]> =>
      this.#versions.allItems((await this.#findVersion(id, number)).id);
    const after = to === undefined ? await this.#repository.placedItems(id) : await itemsOf(to);
    return { from, to: to ?? null, ...compareItems(await itemsOf(from), after) };
  }

  /** Makes the dataset as it is now a version that never changes, unless it is one already. Errors: `not_found`. */
  async freeze(reference: string): Promise<FrozenDataset> {
    const { id } = await this.#catalogue.find(reference);
    return this.#frozen(await this.#versions.freeze(id, Date.now()));
  }

  /** A version as it was frozen. Errors: `not_found`. */
  async frozen(reference: string, number: number): Promise<FrozenDataset> {
    const { id } = await this.#catalogue.find(reference);
    return this.#frozen(await this.#findVersion(id, number));
  }

  async #frozen(row: VersionRow): Promise<FrozenDataset> {
    return {
      version: {
        id: row.id,
        number: row.number,
        manifestHash: row.manifest_hash,
        contentHash: row.content_hash,
      },
      photographs: (await this.#versions.allItems(row.id)).map((item) => this.#toPhotograph(item)),
    };
  }

  /** Its photographs as they are now, without making it a version. Errors: `not_found`. */
  async photographs(reference: string): Promise<TrainerPhotograph[]> {
    const { id } = await this.#catalogue.find(reference);
    return (await this.#repository.placedItems(id)).map((item) => this.#toPhotograph(item));
  }

  #toPhotograph(item: PhotographRow): TrainerPhotograph {
    return {
      path: this.#blobs.pathOf(item.sha256),
      sha256: item.sha256,
      label: item.label,
      split: item.split,
      category: item.category,
      maskPath: item.mask === null ? null : this.#blobs.pathOf(item.mask),
      ...(item.mask === null ? {} : { maskSha256: item.mask }),
      ...(item.licence === null ? {} : { licence: item.licence }),
      group: item.group_key,
    };
  }

  async #findVersion(datasetId: string, number: number): Promise<VersionRow> {
    const row = await this.#versions.find(datasetId, number);
    if (!row)
      throw new AppError('not_found', `No run has used a version ${number} of that dataset.`, {
        hint: 'Only versions that a run used are kept; `pentimento datasets NAME --versions` lists them.',
      });
    return row;
  }
}

const toItem = (row: ItemRow): DatasetItem => ({
  id: row.id,
  datasetId: row.dataset_id,
  sha256: row.sha256,
  label: row.label,
  split: row.split,
  group: row.group_key,
  category: row.category,
  mask: row.mask,
  licence: row.licence,
  evidenceReason: row.evidence_reason,
  sourcePath: row.source_path,
  format: row.format,
  width: row.width,
  height: row.height,
  bytes: row.bytes,
  thumbnail: row.thumbnail,
  addedAt: row.added_at,
});
