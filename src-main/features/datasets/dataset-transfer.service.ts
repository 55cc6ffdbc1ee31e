/** What goes into datasets and out of them: imports, rendered scenes and exports, each a job. */
import { realpath } from 'node:fs/promises';
import path from 'node:path';
import type {
  ImportReport,
  ImportRequest,
  ManifestImportRequest,
  WorkspaceImportRequest,
} from '#contract/dataset.ts';
import { AppError } from '#contract/errors.ts';
import type { Examiner } from '#compute/decoding/examiner.ts';
import type { JobContext, JobService } from '#features/jobs/job.service.ts';
import { newId } from '#storage/new-id.ts';
import { readWorkspace } from '#storage/read-workspace.ts';
import type { Workspace } from '#storage/workspace.ts';
import type { DatasetCatalogue } from './dataset-catalogue.ts';
import type { DatasetEditRepository } from './dataset-edit.repository.ts';
import { exportDataset } from './dataset-export.ts';
import { DatasetImport, type RenderedScene } from './dataset-import.ts';
import type { DatasetRepository, ItemRow } from './dataset.repository.ts';
import type { DatasetVersionRepository } from './dataset-version.repository.ts';
import { evidenceHolderIn, type EvidenceHolder } from './evidence-holder.ts';
import { findSources } from './import-sources.ts';
import { manifestSources } from './manifest-sources.ts';
import type { ImportSources } from './picture-source.ts';
import { workspaceSources } from './workspace-sources.ts';

export type RenderScenes = (count: number, seed: number) => AsyncIterable<RenderedScene>;

export interface TransferParts {
  workspace: Pick<Workspace, 'folder' | 'db' | 'audit' | 'blobs'>;
  catalogue: DatasetCatalogue;
  repository: DatasetRepository;
  versions: DatasetVersionRepository;
  edits: DatasetEditRepository;
  jobs: JobService;
  renderScenes: RenderScenes;
  examiner: Examiner;
}
type Allowance = { reason: string } | undefined;

/** Items that are read at once for an export. */
const pageSize = 500;

export class DatasetTransferService {
  readonly #parts: TransferParts;
  readonly #importing = new Set<string>();

  constructor(parts: TransferParts) {
    this.#parts = parts;
  }

  /** Whether an import adds to the dataset right now, so that nothing else may change its items. */
  isImporting(datasetId: string): boolean {
    return this.#importing.has(datasetId);
  }

  /** Starts an import of files and folders; the dataset is made where there is none of that name, as in all imports. */
  async import(request: ImportRequest): Promise<{ jobId: string }> {
    return this.#importFrom(request, request.paths.join(', '), () => findSources(request));
  }

  async importManifest(request: ManifestImportRequest): Promise<{ jobId: string }> {
    return this.#importFrom(request, request.manifest, () => manifestSources(request.manifest));
  }

  /** A picture that is evidence there is evidence here too. */
  async importWorkspace(request: WorkspaceImportRequest): Promise<{ jobId: string }> {
    const jobId = await this.#parts.jobs.run('import', titleOf(request.dataset), async (context) => {
      await this.#refuseOwnFolder(request.workspace);
      const other = await readWorkspace(request.workspace);
      try {
        const sources = await workspaceSources(other, request.from);
        const there = evidenceHolderIn(other.db);
        return await this.#run(
          request.dataset,
          {
            summary: `imported "${request.from}" of ${request.workspace}`,
            allow: request.allowEvidence,
            there,
          },
          (job) => job.files(sources, context),
        );
      } finally {
        await other.close();
      }
    });
    return { jobId };
  }

  /** Renders scenes into a dataset that holds nothing else. Errors: `dataset_exists`. */
  async renderScenes(request: { dataset: string; count: number; seed: number }): Promise<{ jobId: string }> {
    const { repository, jobs, renderScenes } = this.#parts;
    const { dataset, count, seed } = request;
    const present = await repository.findByName(dataset);
    if (present && !(await repository.holdsOnlyRendered(present.id)))
      throw new AppError('dataset_exists', `The dataset "${dataset}" holds photographs.`);
    const jobId = await jobs.run('render-scenes', `Render scenes into "${dataset}"`, async (context) =>
      this.#run(dataset, { summary: `rendered ${count} scenes of seed ${seed}` }, (job) =>
        job.scenes(renderScenes(count, seed), count, context),
      ),
    );
    return { jobId };
  }

  /** Starts an export. @param version as a run used it; as it is now where absent. Errors: `not_found`. */
  async export(reference: string, folder: string, version?: number): Promise<{ jobId: string }> {
    const { catalogue, jobs } = this.#parts;
    const row = await catalogue.find(reference);
    const jobId = await jobs.run('export', `Export "${row.name}"`, (context) =>
      this.#export(row.id, path.resolve(folder), version, context),
    );
    return { jobId };
  }

  async #export(datasetId: string, folder: string, number: number | undefined, context: JobContext) {
    const { catalogue, repository, versions, workspace } = this.#parts;
    const row = await catalogue.find(datasetId);
    const dataset = await catalogue.describe(row);
    const frozen = number === undefined ? null : await versions.find(datasetId, number);
    if (frozen === undefined)
      throw new AppError('not_found', `No run has used a version ${number} of "${row.name}".`);
    const read = (page: { offset: number; limit: number }): Promise<ItemRow[]> =>
      frozen ? versions.page(frozen, {}, page) : repository.items(datasetId, {}, page);
    const items: ItemRow[] = [];
    for (let page = await read({ offset: 0, limit: pageSize }); page.length > 0;) {
      items.push(...page);
      page = await read({ offset: items.length, limit: pageSize });
    }
    const hashes = frozen ?? (await repository.refreshHashes(datasetId));
    const report = await exportDataset(
      {
        dataset,
        version: frozen?.number ?? dataset.version.number,
        manifestHash: hashes.manifest_hash,
        contentHash: hashes.content_hash,
        items,
      },
      folder,
      { blobs: workspace.blobs, context },
    );
    await workspace.db.transaction().execute(async (transaction) =>
      workspace.audit.record(transaction, {
        action: 'dataset.exported',
        subject: { kind: 'dataset', id: datasetId },
        payload: { folder, version: report.version, items: report.items, contentHash: hashes.content_hash },
      }),
    );
    return report;
  }

  async #importFrom(
    { dataset, allowEvidence }: { dataset: string; allowEvidence?: Allowance },
    from: string,
    find: () => Promise<ImportSources>,
  ): Promise<{ jobId: string }> {
    const jobId = await this.#parts.jobs.run('import', titleOf(dataset), async (context) => {
      const sources = await find();
      return this.#run(dataset, { summary: `imported ${from}`, allow: allowEvidence }, (job) =>
        job.files(sources, context),
      );
    });
    return { jobId };
  }

  /** One import as one edit, which can be undone as a whole. */
  async #run(
    name: string,
    { summary, allow, there }: { summary: string; allow?: Allowance; there?: EvidenceHolder },
    work: (job: DatasetImport) => Promise<ImportReport>,
  ): Promise<ImportReport> {
    const { catalogue, repository, edits, examiner, workspace } = this.#parts;
    const dataset = await catalogue.findOrCreate(name);
    const editId = newId();
    this.#importing.add(dataset.id);
    try {
      await edits.begin({ id: editId, dataset_id: dataset.id, action: 'import', summary, at: Date.now() });
      const here = evidenceHolderIn(workspace.db);
      const job = await DatasetImport.open({
        repository,
        blobs: workspace.blobs,
        examiner,
        dataset,
        editId,
        evidenceHolder: async (sha256) => (await here(sha256)) ?? (await there?.(sha256)) ?? null,
        evidenceReason: allow?.reason ?? null,
      });
      return await work(job);
    } finally {
      this.#importing.delete(dataset.id);
      await edits.dropEmpty(editId).catch(() => undefined); // a full disk may refuse this too, and an empty edit harms nothing
    }
  }

  async #refuseOwnFolder(folder: string): Promise<void> {
    const [own, other] = await Promise.all(
      [this.#parts.workspace.folder, folder].map((one) => realpath(one).catch(() => path.resolve(one))),
    );
    if (own === other)
      throw new AppError('invalid_input', `${folder} is the workspace that is open.`, {
        hint: 'Name the folder of another workspace.',
      });
  }
}

const titleOf = (dataset: string): string => `Import into "${dataset}"`;
