/** Bulk changes to the items of datasets, and their undo stack. */
import type {
  Dataset,
  DatasetChange,
  DatasetEdit,
  EditRequest,
  ItemSelection,
  MaskStroke,
} from '#contract/dataset.ts';
import { AppError } from '#contract/errors.ts';
import type { Examiner } from '#compute/decoding/examiner.ts';
import type { BlobStore } from '#storage/blob-store.ts';
import { newId } from '#storage/new-id.ts';
import type { DatasetCatalogue } from './dataset-catalogue.ts';
import type { DatasetEditRepository, EditRow } from './dataset-edit.repository.ts';
import { selectPlaced, type DatasetRepository } from './dataset.repository.ts';
import { changeItems, describeChange, type PlacedRow, type PreparedChange } from './item-changes.ts';
import { MaskFinder } from './mask-finder.ts';
import { putMask } from './put-mask.ts';

export type EditResult = { edit: DatasetEdit; dataset: Dataset };

export class DatasetEditingService {
  readonly #parts: {
    catalogue: DatasetCatalogue;
    repository: DatasetRepository;
    edits: DatasetEditRepository;
    blobs: BlobStore;
    examiner: Examiner;
    transfer: { isImporting(datasetId: string): boolean };
  };

  constructor(parts: {
    catalogue: DatasetCatalogue;
    repository: DatasetRepository;
    edits: DatasetEditRepository;
    blobs: BlobStore;
    examiner: Examiner;
    transfer: { isImporting(datasetId: string): boolean };
  }) {
    this.#parts = parts;
  }

  /**
   * Makes a change to many items at once, which can be undone at once. Items that must stand on the same side as a chosen
   * one move with it.
   * @throws AppError `not_found` (also where no such item is there), `dataset_busy`, `invalid_input` where nothing would
   *   change, `invalid_mask`, `file_not_found`
   */
  async edit({ dataset: reference, items, change }: EditRequest): Promise<EditResult> {
    const { catalogue, edits } = this.#parts;
    const dataset = await catalogue.find(reference);
    const prepared = await this.#prepare(dataset.id, items, change);
    const id = newId();
    const edit = await edits.make(async (transaction) => {
      this.#refuseWhileImporting(dataset.id);
      const rows = await selectPlaced(transaction, dataset.id).execute();
      const chosen = choose(rows, items);
      const changes = changeItems(rows, chosen, prepared);
      const touched = changes.length === 1 ? '1 picture' : `${changes.length} pictures`;
      const summary = `${touched}: ${describeChange(change)}`;
      return { edit: { id, dataset_id: dataset.id, action: change.kind, summary, at: Date.now() }, changes };
    });
    if (!edit)
      throw new AppError('invalid_input', 'Nothing would change: the pictures are so already.', {
        hint: 'Choose other pictures or another change.',
      });
    return this.#result(edit);
  }

  /** Newest first. Errors: `not_found`. */
  async edits(reference: string): Promise<DatasetEdit[]> {
    const { id } = await this.#parts.catalogue.find(reference);
    return (await this.#parts.edits.list(id)).filter(({ items }) => items > 0).map(toEdit);
  }

  /** Takes the newest edit that stands back. Errors: `not_found`, `nothing_to_undo`, `dataset_busy`. */
  async undo(reference: string): Promise<EditResult> {
    return this.#step(reference, 'undo');
  }

  /** Makes the edit again that was undone last. Errors: as of `undo`. */
  async redo(reference: string): Promise<EditResult> {
    return this.#step(reference, 'redo');
  }

  async #step(reference: string, direction: 'undo' | 'redo'): Promise<EditResult> {
    const { id } = await this.#parts.catalogue.find(reference);
    const allowed = (): void => this.#refuseWhileImporting(id);
    return this.#result(await this.#parts.edits.step(id, direction, Date.now(), allowed));
  }

  async #result(edit: EditRow): Promise<EditResult> {
    const { catalogue } = this.#parts;
    return { edit: toEdit(edit), dataset: await catalogue.describe(await catalogue.find(edit.dataset_id)) };
  }

  #refuseWhileImporting(datasetId: string): void {
    if (this.#parts.transfer.isImporting(datasetId))
      throw new AppError('dataset_busy', 'An import is adding to this dataset.');
  }

  /** Reads the files that a change names. Masks are stored before the change is made, because files and rows do not mix. */
  async #prepare(datasetId: string, items: ItemSelection, change: DatasetChange): Promise<PreparedChange> {
    if (change.kind === 'paint-mask') return this.#paint(datasetId, items, change.strokes);
    if (change.kind !== 'masks') return change;
    const { repository } = this.#parts;
    const finder = await MaskFinder.open(change.folder);
    const rows = await repository.placedItems(datasetId);
    const chosen = choose(rows, items);
    const masks = new Map<string, string>();
    for (const row of rows) {
      const mask = chosen.has(row.id) ? finder.find(row.source_path) : null;
      if (mask === null) continue;
      const picture = await repository.sizeOf(row.sha256);
      masks.set(row.id, (await putMask(this.#parts, mask, { picture, shown: row.source_path })).hash);
    }
    if (masks.size === 0)
      throw new AppError(
        'file_not_found',
        `No mask in ${change.folder} has the name of one of these pictures.`,
      );
    return { kind: 'masks', masks };
  }

  /** @throws AppError `invalid_input` where not one item is meant, `not_found` */
  async #paint(
    datasetId: string,
    items: ItemSelection,
    strokes: readonly MaskStroke[],
  ): Promise<PreparedChange> {
    const { repository, blobs, examiner } = this.#parts;
    const [id, ...others] = 'ids' in items ? items.ids : [];
    if (id === undefined || others.length > 0)
      throw new AppError('invalid_input', 'A mask is painted over one picture at a time.');
    const row = (await repository.placedItems(datasetId)).find((item) => item.id === id);
    if (!row) throw new AppError('not_found', `The dataset has no item ${id}.`);
    const before = row.mask === null ? null : blobs.pathOf(row.mask);
    const png = await examiner.paintMask(await repository.sizeOf(row.sha256), before, strokes);
    const { hash } = await blobs.put(png, 'image/png', 'original');
    return { kind: 'masks', masks: new Map([[id, hash]]) };
  }
}

/** The ids that a selection means. Errors: `not_found` where it means none, or names one that is not there. */
function choose(rows: readonly PlacedRow[], selection: ItemSelection): Set<string> {
  if ('ids' in selection) {
    const there = new Set(rows.map(({ id }) => id));
    const missing = selection.ids.find((id) => !there.has(id));
    if (missing !== undefined) throw new AppError('not_found', `The dataset has no item ${missing}.`);
    return new Set(selection.ids);
  }
  const { label, split, category, group } = selection;
  const chosen = rows.filter(
    (row) =>
      (label === undefined || row.label === label) &&
      (split === undefined || row.split === split) &&
      (category === undefined || row.category === category) &&
      (group === undefined || row.group_key === group),
  );
  if (chosen.length === 0) throw new AppError('not_found', 'No picture of the dataset is of that kind.');
  return new Set(chosen.map(({ id }) => id));
}

const toEdit = (row: EditRow): DatasetEdit => ({
  id: row.id,
  datasetId: row.dataset_id,
  action: row.action,
  summary: row.summary,
  items: row.items,
  at: row.at,
  undoneAt: row.undone_at,
});
