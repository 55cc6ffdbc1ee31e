/**
 * Takes pictures into a dataset: proves that each is whole, copies its bytes into the blob store, and adds it with its
 * thumbnail, group and split. A picture that cannot be taken is refused with its reason, and the import goes on.
 * Several pictures are read at once, but they are added one after another in the order of their names, so that the
 * same folder always gives the same splits.
 */
import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { DatasetLabel, ImportReport, ImportRequest, Split } from '#contract/dataset.ts';
import { AppError } from '#contract/errors.ts';
import { shownPath } from '#compute/decoding/decode-photograph.ts';
import { examinePhotograph, type ExaminedPhotograph } from '#compute/decoding/examine-photograph.ts';
import { mediaTypes, sniffFormat } from '#compute/decoding/sniff-format.ts';
import type { JobContext } from '#features/jobs/job.service.ts';
import type { BlobStore } from '#storage/blob-store.ts';
import { newId } from '#storage/new-id.ts';
import type { DatasetRepository, DatasetRow } from './dataset.repository.ts';
import type { ImportSources } from './import-sources.ts';
import type { MaskFinder } from './mask-finder.ts';
import { chooseSplit } from './split-rule.ts';

/** A rendered scene as an encoded file, and the simulated camera that took it. */
export type RenderedScene = { name: string; bytes: Uint8Array; camera: string };

/** Smaller pictures give the method nothing to look at. */
const minimumSide = 64;
/** Pictures that are read at once. */
const readAhead = 4;

type Prepared = {
  sha256: string;
  bytes: number;
  examined: ExaminedPhotograph;
  thumbnail: string;
  mask: string | null;
};
type Placement = { label: DatasetLabel; category: string | null; group: string; rendered: boolean };

export class DatasetImport {
  readonly #repository: DatasetRepository;
  readonly #blobs: BlobStore;
  readonly #dataset: DatasetRow;
  readonly #groups = new Map<DatasetLabel, Record<Split, number>>();
  readonly #report: ImportReport;

  constructor(repository: DatasetRepository, blobs: BlobStore, dataset: DatasetRow) {
    this.#repository = repository;
    this.#blobs = blobs;
    this.#dataset = dataset;
    this.#report = { datasetId: dataset.id, dataset: dataset.name, added: [], duplicates: [], refused: [] };
  }

  /**
   * Imports files. Ended early by `signal`, it reports what was taken in until then.
   * Errors: `disk_full` and other failures of the workspace.
   */
  async files(
    { files, masks, refused }: ImportSources,
    { label, category }: Pick<ImportRequest, 'label' | 'category'>,
    { progress, signal }: JobContext,
  ): Promise<ImportReport> {
    this.#report.refused.push(...refused);
    const prepared: Promise<Prepared | AppError>[] = [];
    for (const [index, file] of files.entries()) {
      if (signal.aborted) break;
      for (let next = prepared.length; next < Math.min(index + readAhead, files.length); next++)
        prepared.push(this.#prepareFile(files[next] ?? file, masks, signal).catch(AppError.from));
      progress({ done: index, total: files.length, label: path.basename(file) });
      const result = await prepared[index];
      delete prepared[index];
      if (result === undefined || (result instanceof AppError && result.code === 'cancelled')) continue;
      if (result instanceof AppError) this.#refuse(file, await explainDisappearance(result, file));
      else {
        const group = result.sha256;
        await this.#add(file, result, { label, category: category || null, group, rendered: false });
      }
    }
    await Promise.all(prepared);
    if (!signal.aborted) progress({ done: files.length, total: files.length, label: '' });
    return this.#report;
  }

  /** Imports rendered scenes as real pictures, one group a camera. */
  async scenes(
    scenes: AsyncIterable<RenderedScene>,
    count: number,
    { progress, signal }: JobContext,
  ): Promise<ImportReport> {
    let done = 0;
    for await (const scene of scenes) {
      if (signal.aborted) break;
      const result = await this.#prepareScene(scene).catch(AppError.from);
      if (result instanceof AppError) this.#refuse(scene.name, result);
      else
        await this.#add(scene.name, result, {
          label: 'real',
          category: null,
          group: `camera:${scene.camera}`,
          rendered: true,
        });
      progress({ done: ++done, total: count, label: scene.name });
    }
    return this.#report;
  }

  async #prepareFile(file: string, masks: MaskFinder | null, signal: AbortSignal): Promise<Prepared> {
    const before = await stat(file).catch(() => null);
    const examined = await examinePhotograph(file, { minimumSide });
    const mask = await this.#prepareMask(file, examined, masks);
    const blob = await this.#blobs.putFile(file, examined.mediaType, 'original', { signal });
    const after = await stat(file).catch(() => null);
    if (blob.bytes !== examined.bytes || before?.mtimeMs !== after?.mtimeMs)
      throw new AppError('file_unreadable', `${shownPath(file)} changed while it was read.`, {
        hint: 'Import it again when no other program writes it.',
      });
    return { ...(await this.#keepThumbnail(examined)), sha256: blob.hash, bytes: blob.bytes, mask };
  }

  async #prepareMask(
    file: string,
    picture: ExaminedPhotograph,
    masks: MaskFinder | null,
  ): Promise<string | null> {
    const mask = masks?.find(file) ?? null;
    if (mask === null) return null;
    const facts = await examinePhotograph(mask).catch((error: unknown) => {
      const cause = AppError.from(error);
      throw new AppError('invalid_mask', `The mask of ${shownPath(file)} cannot be used: ${cause.message}`, {
        cause,
      });
    });
    if (facts.width !== picture.width || facts.height !== picture.height)
      throw new AppError(
        'invalid_mask',
        `The mask ${shownPath(mask)} has ${facts.width} by ${facts.height} pixels, its picture ${picture.width} by ${picture.height}.`,
      );
    return (await this.#blobs.putFile(mask, facts.mediaType, 'original')).hash;
  }

  async #prepareScene(scene: RenderedScene): Promise<Prepared> {
    const format = sniffFormat(Buffer.from(scene.bytes.subarray(0, 64)));
    if (format === null) throw new AppError('not_an_image', `The scene ${scene.name} is not a picture.`);
    const blob = await this.#blobs.put(scene.bytes, mediaTypes[format], 'original');
    const examined = await examinePhotograph(this.#blobs.pathOf(blob.hash), {
      minimumSide,
      name: scene.name,
    });
    return { ...(await this.#keepThumbnail(examined)), sha256: blob.hash, bytes: blob.bytes, mask: null };
  }

  async #keepThumbnail(examined: ExaminedPhotograph): Promise<Pick<Prepared, 'examined' | 'thumbnail'>> {
    const { hash } = await this.#blobs.put(examined.thumbnail, 'image/webp', 'derived');
    return { examined, thumbnail: hash };
  }

  /** Adds a prepared picture, or notes that the dataset has it already. */
  async #add(source: string, prepared: Prepared, placement: Placement): Promise<void> {
    const { sha256, examined } = prepared;
    const sameAs = await this.#repository.sourceOf(this.#dataset.id, sha256);
    if (sameAs !== undefined) {
      this.#report.duplicates.push({ path: source, sha256, sameAs });
      return;
    }
    await this.#repository.addItem(
      {
        id: newId(),
        dataset_id: this.#dataset.id,
        sha256,
        label: placement.label,
        split: await this.#place(placement.group, placement.label),
        group_key: placement.group,
        category: placement.category,
        mask: prepared.mask,
        source_path: source,
        added_at: Date.now(),
      },
      {
        sha256,
        format: examined.format,
        width: examined.width,
        height: examined.height,
        notes: JSON.stringify(examined.notes),
        thumbnail: prepared.thumbnail,
        perceptual_hash: examined.perceptualHash,
        rendered: placement.rendered || examined.rendered ? 1 : 0,
      },
    );
    this.#report.added.push({ path: source, sha256 });
  }

  /** The group's split. Groups are counted once from the database and then here, so that an import stays linear. */
  async #place(group: string, label: DatasetLabel): Promise<Split> {
    const known = await this.#repository.splitOfGroup(this.#dataset.id, group);
    if (known !== undefined) return known;
    const counts = this.#groups.get(label) ?? (await this.#repository.countGroups(this.#dataset.id, label));
    const split = chooseSplit(group, counts);
    this.#groups.set(label, { ...counts, [split]: counts[split] + 1 });
    return split;
  }

  /** What concerns the workspace rather than the picture ends the import. */
  #refuse(file: string, error: AppError): void {
    if (error.code === 'disk_full' || error.code === 'workspace_not_writable') throw error;
    this.#report.refused.push({ path: file, error: error.toData() });
  }
}

/** Where a file is gone because its whole folder is, the folder is what to look for. */
async function explainDisappearance(error: AppError, file: string): Promise<AppError> {
  if (error.code !== 'file_not_found') return error;
  const folderIsThere = (await stat(path.dirname(file)).catch(() => null)) !== null;
  const what = folderIsThere ? 'it' : 'its folder';
  return new AppError(
    'file_not_found',
    `${shownPath(file)} is gone: ${what} disappeared during the import.`,
    {
      cause: error,
    },
  );
}
