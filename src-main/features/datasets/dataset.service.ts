/** Datasets: rows become `Dataset` and `DatasetItem`; imports become jobs. */
import type {
  Dataset,
  DatasetFinding,
  DatasetItem,
  DatasetLabel,
  ImportRequest,
  Split,
} from '#contract/dataset.ts';
import { AppError } from '#contract/errors.ts';
import type { TrainerPhotograph } from '#contract/trainer-messages.ts';
import type { JobService } from '#features/jobs/job.service.ts';
import type { BlobStore } from '#storage/blob-store.ts';
import { newId } from '#storage/new-id.ts';
import { checkDataset } from './dataset-check.ts';
import { DatasetImport, type RenderedScene } from './dataset-import.ts';
import { findSources } from './import-sources.ts';
import type { DatasetRepository, DatasetRow, ItemFilter, ItemRow } from './dataset.repository.ts';
import { manifestHash } from './manifest-hash.ts';

export type RenderScenes = (count: number, seed: number) => AsyncIterable<RenderedScene>;

export class DatasetService {
  readonly #repository: DatasetRepository;
  readonly #blobs: BlobStore;
  readonly #jobs: JobService;
  readonly #renderScenes: RenderScenes;

  constructor(dependencies: {
    repository: DatasetRepository;
    blobs: BlobStore;
    jobs: JobService;
    renderScenes: RenderScenes;
  }) {
    this.#repository = dependencies.repository;
    this.#blobs = dependencies.blobs;
    this.#jobs = dependencies.jobs;
    this.#renderScenes = dependencies.renderScenes;
  }

  async list(): Promise<Dataset[]> {
    return Promise.all((await this.#repository.list()).map((row) => this.#toDataset(row)));
  }

  /** By id or by name. Errors: `not_found`. */
  async get(reference: string): Promise<Dataset> {
    return this.#toDataset(await this.#find(reference));
  }

  /** A page of items in the order in which they were added, and how many there are in all. Errors: `not_found`. */
  async items(
    datasetId: string,
    filter: ItemFilter,
    page: { offset: number; limit: number },
  ): Promise<{ items: DatasetItem[]; total: number }> {
    const { id } = await this.#find(datasetId);
    const total = await this.#repository.countItems(id, filter);
    return { items: (await this.#repository.items(id, filter, page)).map(toItem), total };
  }

  /** Every item as the trainer takes it, in the order in which they were added. Errors: `not_found`. */
  async photographs(reference: string): Promise<TrainerPhotograph[]> {
    const { id } = await this.#find(reference);
    return (await this.#repository.manifestItems(id)).map((item) => ({
      path: this.#blobs.pathOf(item.sha256),
      sha256: item.sha256,
      label: item.label,
      split: item.split,
      category: item.category,
      maskPath: item.mask === null ? null : this.#blobs.pathOf(item.mask),
      ...(item.mask === null ? {} : { maskSha256: item.mask }),
    }));
  }

  async check(reference: string): Promise<DatasetFinding[]> {
    const { id } = await this.#find(reference);
    return checkDataset(await this.#repository.itemsToCheck(id), await this.#repository.itemsElsewhere(id));
  }

  /** Starts an import; the dataset is made where there is none of that name. */
  async import(request: ImportRequest): Promise<{ jobId: string }> {
    const jobId = await this.#jobs.run('import', `Import into "${request.dataset}"`, async (context) => {
      const sources = await findSources(request);
      const dataset = await this.#findOrCreate(request.dataset);
      return new DatasetImport(this.#repository, this.#blobs, dataset).files(sources, request, context);
    });
    return { jobId };
  }

  /** Renders scenes into a dataset that holds nothing else. Errors: `dataset_exists`. */
  async renderScenes(request: { dataset: string; count: number; seed: number }): Promise<{ jobId: string }> {
    const present = await this.#repository.findByName(request.dataset);
    if (present && !(await this.#repository.holdsOnlyRendered(present.id)))
      throw new AppError('dataset_exists', `The dataset "${request.dataset}" holds photographs.`);
    const title = `Render scenes into "${request.dataset}"`;
    const jobId = await this.#jobs.run('render-scenes', title, async (context) => {
      const dataset = await this.#findOrCreate(request.dataset);
      const scenes = this.#renderScenes(request.count, request.seed);
      return new DatasetImport(this.#repository, this.#blobs, dataset).scenes(scenes, request.count, context);
    });
    return { jobId };
  }

  async #find(reference: string): Promise<DatasetRow> {
    const row = await this.#repository.find(reference);
    if (!row) throw new AppError('not_found', `There is no dataset "${reference}".`);
    return row;
  }

  async #findOrCreate(name: string): Promise<DatasetRow> {
    const present = await this.#repository.findByName(name);
    if (present) return present;
    const row: DatasetRow = { id: newId(), name, created_at: Date.now(), rendered: 0, manifest_hash: null };
    await this.#repository.insert(row);
    return row;
  }

  async #toDataset(row: DatasetRow): Promise<Dataset> {
    const labels: Record<DatasetLabel, number> = { real: 0, reference: 0, simulated: 0, unlabelled: 0 };
    const splits: Record<Split, number> = { train: 0, validation: 0, test: 0 };
    let items = 0;
    for (const { label, split, count } of await this.#repository.counts(row.id)) {
      labels[label] += count;
      splits[split] += count;
      items += count;
    }
    return {
      id: row.id,
      name: row.name,
      createdAt: row.created_at,
      rendered: row.rendered === 1,
      items,
      labels,
      splits,
      manifestHash: row.manifest_hash ?? (await this.#repository.refreshManifestHash(row.id, manifestHash)),
    };
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
  sourcePath: row.source_path,
  format: row.format,
  width: row.width,
  height: row.height,
  bytes: row.bytes,
  thumbnail: row.thumbnail,
  addedAt: row.added_at,
});
