/** Writes prepared pictures into their case: files, rows and audit entries, each picture once. */
import { existsSync } from 'node:fs';
import type { Transaction } from 'kysely';
import { AppError } from '#contract/errors.ts';
import type { Examiner } from '#compute/decoding/examiner.ts';
import type { WorkspaceDatabase } from '#storage/schema.ts';
import type { Workspace } from '#storage/workspace.ts';
import { searchText } from './evidence-mapping.ts';
import type { EvidenceRepository, EvidenceRow } from './evidence.repository.ts';
import type { Into, PreparedPicture } from './prepare-picture.ts';

/** `duplicate`: the case had an item with these bytes, which `row` then is. */
export type WrittenPicture = {
  row: Pick<EvidenceRow, 'id' | 'sha256' | 'source_path'>;
  duplicate: boolean;
};
type Known = Pick<EvidenceRow, 'id' | 'sha256' | 'source_path' | 'notes' | 'state' | 'storage'>;

export class EvidenceWriter {
  readonly #workspace: Workspace;
  readonly #repository: EvidenceRepository;
  readonly #examiner: Examiner;
  readonly #programVersion: string;

  constructor(
    workspace: Workspace,
    repository: EvidenceRepository,
    { examiner, programVersion }: { examiner: Examiner; programVersion: string },
  ) {
    this.#workspace = workspace;
    this.#repository = repository;
    this.#examiner = examiner;
    this.#programVersion = programVersion;
  }

  /** Where pictures are prepared for a case. */
  into(caseId: string): Into {
    const { blobs } = this.#workspace;
    return { caseId, blobs, examiner: this.#examiner, programVersion: this.#programVersion };
  }

  /**
   * Writes the pictures in one transaction. Bytes that the case has already are not added again; where the item that has
   * them is not intact, or refers to a place where there is no file any more, it gets its original back. Answers for each picture in turn.
   * Errors: `case_not_open` (closed meanwhile), `disk_full` and other failures of the workspace; nothing is written then.
   */
  async write(caseId: string, pictures: readonly PreparedPicture[]): Promise<WrittenPicture[]> {
    const { blobs, db } = this.#workspace;
    const hashes = pictures.map((picture) => picture.item.sha256);
    try {
      const before = await this.#repository.byHash(db, caseId, hashes);
      const moved = movedOriginals(pictures, before);
      const useful = pictures.filter(({ item }) => before.get(item.sha256)?.state !== 'intact');
      await blobs.keep(useful.flatMap((picture) => picture.staged));
      return await db.transaction().execute(async (transaction) => {
        await touchOpen(transaction, caseId);
        const known = new Map<string, Known>(await this.#repository.byHash(transaction, caseId, hashes));
        const added: PreparedPicture[] = [];
        const restored: { known: Known; picture: PreparedPicture }[] = [];
        const written = pictures.map((picture): WrittenPicture => {
          const { item } = picture;
          const same = known.get(item.sha256);
          if (same === undefined) added.push(picture);
          else if (same.state !== 'intact' || moved.delete(item.sha256))
            restored.push({ known: same, picture });
          known.set(item.sha256, { ...(same ?? item), state: 'intact' });
          return { row: same ?? item, duplicate: same !== undefined };
        });
        await this.#insert(transaction, added);
        for (const { known: item, picture } of restored) await this.#restore(transaction, item, picture);
        return written;
      });
    } finally {
      for (const picture of pictures) await this.discard(picture);
    }
  }

  /** Takes the files of a picture away that is not written after all. */
  async discard({ staged }: PreparedPicture): Promise<void> {
    await this.#workspace.blobs.discard(staged);
  }

  async #insert(
    transaction: Transaction<WorkspaceDatabase>,
    pictures: readonly PreparedPicture[],
  ): Promise<void> {
    if (pictures.length === 0) return;
    await this.#workspace.blobs.record(transaction, distinct(pictures));
    await this.#repository.insert(
      transaction,
      pictures.map((picture) => picture.item),
      pictures.map((picture) => picture.thumbnail),
    );
    for (const { item } of pictures)
      this.#workspace.audit.record(transaction, {
        action: 'evidence.taken-in',
        subject: { kind: 'evidence', id: item.id },
        payload: {
          ...{ case: item.case_id, sha256: item.sha256, bytes: item.bytes },
          ...{ storage: item.storage, path: item.source_path },
        },
        seal: [
          { table: 'evidence_items', id: item.id },
          { table: 'derived_files', id: item.id },
        ],
      });
  }

  /** Gives a known item its original back: the copy, or the place where it was found now. */
  async #restore(
    transaction: Transaction<WorkspaceDatabase>,
    known: Known,
    { item, staged }: PreparedPicture,
  ): Promise<void> {
    const { blobs, audit } = this.#workspace;
    const original = staged.filter((blob) => blob.kind === 'original');
    if (original.length > 0) await blobs.record(transaction, original);
    const { storage, blob, source_path, checked_at } = item;
    const search_text = searchText({ ...known, source_path });
    await this.#repository.update(transaction, known.id, {
      ...{ storage, blob, state: 'intact', state_reason: null, checked_at },
      // A copy keeps the place where it was found first.
      ...(storage === 'reference' ? { source_path, search_text } : {}),
    });
    audit.record(transaction, {
      action: 'evidence.restored',
      subject: { kind: 'evidence', id: known.id },
      payload: { was: known.state, before: known.source_path, from: source_path, storage },
      seal: [{ table: 'evidence_items', id: known.id }],
    });
  }
}

/** Hashes of items by reference whose file is gone from its place, and was now found at another one. */
const movedOriginals = (
  pictures: readonly PreparedPicture[],
  known: ReadonlyMap<string, Pick<Known, 'storage' | 'source_path'>>,
): Set<string> =>
  new Set(
    pictures.flatMap(({ item }) => {
      const same = known.get(item.sha256);
      const refer = item.storage === 'reference' && same?.storage === 'reference';
      const isMoved = refer && item.source_path !== same.source_path && !existsSync(same.source_path);
      return isMoved ? [item.sha256] : [];
    }),
  );

/** Marks the case as changed. Errors: `case_not_open`. */
async function touchOpen(transaction: Transaction<WorkspaceDatabase>, caseId: string): Promise<void> {
  const { numUpdatedRows } = await transaction
    .updateTable('cases')
    .set((of) => ({ updated_at: of.fn<number>('max', [of.val(Date.now()), 'updated_at']) }))
    .where('id', '=', caseId)
    .where('status', '=', 'open')
    .executeTakeFirst();
  if (numUpdatedRows === 0n)
    throw new AppError('case_not_open', 'The case was closed while evidence was taken in.');
}

/** Each blob once: two pictures may have the same thumbnail. */
const distinct = (pictures: readonly PreparedPicture[]) => [
  ...new Map(
    pictures.flatMap(({ staged }) => staged).map((blob) => [`${blob.kind} ${blob.hash}`, blob]),
  ).values(),
];
