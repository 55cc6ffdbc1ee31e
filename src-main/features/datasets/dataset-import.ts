/**
 * Takes pictures into a dataset: proves that each is whole, copies its bytes into the blob store, and adds it with its
 * thumbnail, group and split. A picture that cannot be taken is refused with its reason, and the import goes on.
 * Several pictures are read at once, but they are added one after another in the order of their names, so that the
 * same folder always gives the same splits.
 */
import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { DatasetLabel, ImportReport, Split } from '#contract/dataset.ts';
import { AppError } from '#contract/errors.ts';
import { shownPath } from '#compute/decoding/decode-photograph.ts';
import type { Examiner } from '#compute/decoding/examiner.ts';
import type { ExaminedPhotograph } from '#compute/decoding/examine-photograph.ts';
import { mediaTypes, sniffFormat } from '#compute/decoding/sniff-format.ts';
import type { JobContext } from '#features/jobs/job.service.ts';
import type { BlobStore } from '#storage/blob-store.ts';
import { newId } from '#storage/new-id.ts';
import type { DatasetRepository, DatasetRow } from './dataset.repository.ts';
import type { EvidenceHolder } from './evidence-holder.ts';
import { toPlaced } from './item-changes.ts';
import { plain } from './item-row.ts';
import type { ImportSources, PictureSource } from './picture-source.ts';
import { putMask } from './put-mask.ts';
import { SplitComponents } from './split-components.ts';
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
type Placement = Pick<PictureSource, 'label' | 'category' | 'split' | 'licence' | 'rendered'> & {
  group: string;
};

export type ImportParts = {
  repository: DatasetRepository;
  blobs: BlobStore;
  examiner: Examiner;
  dataset: DatasetRow;
  /** The edit that everything which is added belongs to. */
  editId: string;
  evidenceHolder: EvidenceHolder;
  /** Why evidence is taken in all the same; null where it is not. */
  evidenceReason: string | null;
};

export class DatasetImport {
  readonly #repository: DatasetRepository;
  readonly #blobs: BlobStore;
  readonly #dataset: DatasetRow;
  readonly #parts: ImportParts;
  readonly #components: SplitComponents;
  readonly #groups = new Map<DatasetLabel, Record<Split, number>>();
  readonly #report: ImportReport;

  private constructor(parts: ImportParts, components: SplitComponents) {
    this.#parts = parts;
    this.#repository = parts.repository;
    this.#blobs = parts.blobs;
    this.#dataset = parts.dataset;
    this.#components = components;
    const { id, name } = parts.dataset;
    this.#report = { datasetId: id, dataset: name, added: [], duplicates: [], refused: [], moved: [] };
  }

  /** Nothing else may change the dataset's items until the import is over. */
  static async open(parts: ImportParts): Promise<DatasetImport> {
    const placed = await parts.repository.placedItems(parts.dataset.id);
    return new DatasetImport(parts, new SplitComponents(placed.map(toPlaced)));
  }

  /**
   * Imports files. Ended early by `signal`, it reports what was taken in until then.
   * Errors: `disk_full` and other failures of the workspace.
   */
  async files({ sources, refused }: ImportSources, { progress, signal }: JobContext): Promise<ImportReport> {
    this.#report.refused.push(...refused);
    const prepared: Promise<Prepared | AppError>[] = [];
    for (const [index, source] of sources.entries()) {
      if (signal.aborted) break;
      for (let next = prepared.length; next < Math.min(index + readAhead, sources.length); next++)
        prepared.push(this.#prepareFile(sources[next] ?? source, signal).catch(AppError.from));
      progress({ done: index, total: sources.length, label: path.basename(source.shown) });
      const result = await prepared[index];
      delete prepared[index];
      if (result === undefined || (result instanceof AppError && result.code === 'cancelled')) continue;
      if (result instanceof AppError)
        this.#refuse(source.shown, await explainDisappearance(result, source.file));
      else await this.#add(source.shown, result, { ...source, group: groupOf(source, result) });
    }
    await Promise.all(prepared);
    if (!signal.aborted) progress({ done: sources.length, total: sources.length, label: '' });
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
          split: null,
          licence: null,
          group: `camera:${scene.camera}`,
          rendered: true,
        });
      progress({ done: ++done, total: count, label: scene.name });
    }
    return this.#report;
  }

  async #prepareFile(source: PictureSource, signal: AbortSignal): Promise<Prepared> {
    const { file } = source;
    const before = await stat(file).catch(() => null);
    const examined = await this.#parts.examiner.examine(file, { minimumSide, name: source.shown });
    const mask = await this.#prepareMask(source, examined);
    const blob = await this.#blobs.putFile(file, examined.mediaType, 'original', { signal });
    expectHash(source.shown, source.sha256, blob.hash);
    const after = await stat(file).catch(() => null);
    if (blob.bytes !== examined.bytes || before?.mtimeMs !== after?.mtimeMs)
      throw new AppError('file_unreadable', `${shownPath(file)} changed while it was read.`, {
        hint: 'Import it again when no other program writes it.',
      });
    return { ...(await this.#keepThumbnail(examined)), sha256: blob.hash, bytes: blob.bytes, mask };
  }

  async #prepareMask(source: PictureSource, picture: ExaminedPhotograph): Promise<string | null> {
    if (source.mask === null) return null;
    const { hash } = await putMask(this.#parts, source.mask, { picture, shown: source.shown });
    expectHash(`the mask of ${source.shown}`, source.maskSha256, hash);
    return hash;
  }

  async #prepareScene(scene: RenderedScene): Promise<Prepared> {
    const format = sniffFormat(Buffer.from(scene.bytes.subarray(0, 64)));
    if (format === null) throw new AppError('not_an_image', `The scene ${scene.name} is not a picture.`);
    const blob = await this.#blobs.put(scene.bytes, mediaTypes[format], 'original');
    const examined = await this.#parts.examiner.examine(this.#blobs.pathOf(blob.hash), {
      minimumSide,
      name: scene.name,
    });
    return { ...(await this.#keepThumbnail(examined)), sha256: blob.hash, bytes: blob.bytes, mask: null };
  }

  async #keepThumbnail(examined: ExaminedPhotograph): Promise<Pick<Prepared, 'examined' | 'thumbnail'>> {
    const { hash } = await this.#blobs.put(examined.thumbnail, 'image/webp', 'derived');
    return { examined, thumbnail: hash };
  }

  /** Adds a prepared picture, or notes that the dataset has it already, or that it is evidence. */
  async #add(source: string, prepared: Prepared, placement: Placement): Promise<void> {
    const { sha256, examined } = prepared;
    const sameAs = await this.#repository.sourceOf(this.#dataset.id, sha256);
    if (sameAs !== undefined) {
      this.#report.duplicates.push({ path: source, sha256, sameAs });
      return;
    }
    const { evidenceHolder, evidenceReason, editId } = this.#parts;
    const holder = await evidenceHolder(sha256);
    if (holder !== null && evidenceReason === null) {
      const message = `${shownPath(source)} is evidence of ${holder}.`;
      return this.#refuse(source, new AppError('evidence_refused', message));
    }
    const counts = await this.#countGroups(placement.label);
    const id = newId();
    const { split, moved } = this.#components.place(
      { id, group: placement.group, hash: examined.perceptualHash },
      {
        wanted: placement.split ?? undefined,
        choose: () => {
          const chosen = chooseSplit(placement.group, counts);
          counts[chosen] += 1;
          return chosen;
        },
      },
    );
    const before = await this.#repository.itemsById(moved.map((other) => other.id));
    await this.#repository.addItem(
      {
        id,
        dataset_id: this.#dataset.id,
        sha256,
        label: placement.label,
        split,
        group_key: placement.group,
        category: placement.category,
        mask: prepared.mask,
        source_path: source,
        added_at: Date.now(),
        licence: placement.licence,
        evidence_reason: holder === null ? null : evidenceReason,
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
      {
        editId,
        changes: before.map((row) => ({ before: plain(row), after: { ...plain(row), split } })),
        evidenceOf: holder,
      },
    );
    this.#report.added.push({ path: source, sha256 });
    for (const row of before)
      this.#report.moved.push({ path: row.source_path, sha256: row.sha256, from: row.split, to: split });
  }

  /** Groups of a label in each split: counted once from the database and then here, so that an import stays linear. */
  async #countGroups(label: DatasetLabel): Promise<Record<Split, number>> {
    const counts = this.#groups.get(label) ?? (await this.#repository.countGroups(this.#dataset.id, label));
    this.#groups.set(label, counts);
    return counts;
  }

  /** What concerns the workspace rather than the picture ends the import. */
  #refuse(file: string, error: AppError): void {
    if (error.code === 'disk_full' || error.code === 'workspace_not_writable') throw error;
    this.#report.refused.push({ path: file, error: error.toData() });
  }
}

/** What nobody put together with others is a group of its own. */
function groupOf({ group, byCamera }: PictureSource, { sha256, examined: { camera } }: Prepared): string {
  if (group !== null) return group;
  return byCamera && camera !== null ? `camera:${camera}`.slice(0, 200) : sha256;
}

function expectHash(what: string, expected: string | null, found: string): void {
  if (expected === null || expected === found) return;
  throw new AppError('evidence_changed', `The bytes of ${shownPath(what)} are not those that were listed.`, {
    details: { expected, found },
  });
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
