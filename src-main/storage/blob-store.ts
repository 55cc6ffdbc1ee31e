/**
 * The content-addressed store: each file lies at `ab/<sha256>`, where `ab` begins its hash. A file gets that name only
 * after all its bytes are on the disk, and its row in the database only after that; what has no row is not believed.
 */
import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, existsSync, type ReadStream } from 'node:fs';
import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Kysely } from 'kysely';
import { AppError } from '#contract/errors.ts';
import { workspaceError } from './better-sqlite.ts';
import { hashFile, pieceBytes } from './hash-file.ts';
import type { BlobTable, WorkspaceDatabase } from './schema.ts';

export type BlobKind = BlobTable['kind'];
export type StoredBlob = { hash: string; bytes: number };
export type BlobInfo = StoredBlob & { mediaType: string; kind: BlobKind };
/** A whole file that waits at `path` until `keep` flushes it and gives it its name, and `record` its row. */
export type StagedBlob = BlobInfo & { path: string };

export class BlobStore {
  #folder: string;
  readonly #db: Kysely<WorkspaceDatabase>;
  readonly #readOnly: AppError | null;
  /** Those that are known to be there. */
  readonly #folders = new Set<string>();
  /** Files that were laid and have neither their rows yet nor were discarded. */
  readonly #unsettled = new Set<string>();

  /** @param readOnly why nothing can be stored, where the workspace is open for reading only */
  constructor(folder: string, db: Kysely<WorkspaceDatabase>, readOnly: AppError | null = null) {
    this.#readOnly = readOnly;
    this.#folder = folder;
    this.#db = db;
  }

  get folder(): string {
    return this.#folder;
  }

  /** Files that something stores at this moment. */
  get unsettled(): number {
    return this.#unsettled.size;
  }

  /** Goes on in another folder, which holds every file of this one. Nothing may be unsettled. */
  relocate(folder: string): void {
    this.#folder = folder;
    this.#folders.clear();
  }

  /** Makes the folders and removes what an interrupted program left half-written. */
  async prepare(): Promise<void> {
    await rm(this.#incoming, { recursive: true, force: true });
    await mkdir(this.#incoming, { recursive: true });
  }

  /** Stores `bytes`; storing the same bytes again changes nothing. Do not call inside a transaction of `db`. */
  async put(bytes: Uint8Array, mediaType: string, kind: BlobKind): Promise<StoredBlob> {
    return this.#recorded(await this.stage(bytes, mediaType, kind));
  }

  /**
   * Copies the file at `source`, hashing while it copies, a piece at a time; the source is only read.
   * Errors: those of reading it (`file_not_found`, `file_unreadable`), `disk_full`, `cancelled`.
   */
  async putFile(
    source: string,
    mediaType: string,
    kind: BlobKind,
    options: { signal?: AbortSignal } = {},
  ): Promise<StoredBlob> {
    return this.#recorded(await this.stageFile(source, mediaType, kind, options));
  }

  /**
   * Lays `bytes`, or a stream of them, beside the store, so that they can be looked at first, and the rows of many be
   * written in the one transaction of what they belong to: `stage`, then `keep`, then `record`; or `discard`.
   * Errors: `disk_full`, `cancelled`, those of the stream.
   */
  async stage(
    bytes: Uint8Array | AsyncIterable<Uint8Array>,
    mediaType: string,
    kind: BlobKind,
    options: { signal?: AbortSignal } = {},
  ): Promise<StagedBlob> {
    const pieces = bytes instanceof Uint8Array ? [bytes] : bytes;
    return { ...(await this.#lay(pieces, options.signal)), mediaType, kind };
  }

  /** The same for the file at `source`, which is only read. Errors as of `putFile`. */
  async stageFile(
    source: string,
    mediaType: string,
    kind: BlobKind,
    options: { signal?: AbortSignal } = {},
  ): Promise<StagedBlob> {
    return this.stage(piecesOf(source), mediaType, kind, options);
  }

  /**
   * Flushes staged files and gives them their names, durably. Many at once cost little more than one, because a file
   * system commits what it has together. Do not call inside a transaction of `db`. Errors: `disk_full`.
   */
  async keep(staged: readonly StagedBlob[]): Promise<void> {
    await this.#write(async () => {
      await Promise.all(staged.map((blob) => flush(blob.path)));
      const known = await this.#known(staged);
      const named = await Promise.all(staged.map((blob) => this.#name(blob, known)));
      const folders = new Set(named.filter((folder) => folder !== null));
      await Promise.all([...folders].map(syncFolder));
    });
  }

  /** Gives kept files their rows. An original stays an original, whatever else the same bytes turn out to be. */
  async record(transaction: Kysely<WorkspaceDatabase>, kept: readonly StagedBlob[]): Promise<void> {
    for (const kind of ['derived', 'original'] as const) {
      const ofKind = kept.filter((blob) => blob.kind === kind);
      if (ofKind.length === 0) continue;
      const created_at = Date.now();
      const rows = ofKind.map(({ hash, bytes, mediaType }) => ({
        ...{ hash, bytes, media_type: mediaType, kind, created_at },
      }));
      await transaction
        .insertInto('blobs')
        .values(rows)
        .onConflict((conflict) =>
          kind === 'original'
            ? conflict.column('hash').doUpdateSet({ kind, media_type: (of) => of.ref('excluded.media_type') })
            : conflict.column('hash').doNothing(),
        )
        .execute();
    }
    for (const blob of kept) this.#unsettled.delete(blob.path);
  }

  /** Takes staged files away that are not to be kept after all. */
  async discard(staged: readonly StagedBlob[]): Promise<void> {
    await Promise.all(staged.map((blob) => rm(blob.path, { force: true })));
    for (const blob of staged) this.#unsettled.delete(blob.path);
  }

  /** Where the blob lies. For reading only; it says nothing about whether it is there. */
  pathOf(hash: string): string {
    if (!/^[0-9a-f]{64}$/.test(hash))
      throw new AppError('invalid_input', `${JSON.stringify(hash)} is not a SHA-256 hash.`);
    return path.join(this.#folder, hash.slice(0, 2), hash);
  }

  /** What is known of a blob, or null where the store does not have it. */
  async find(hash: string): Promise<BlobInfo | null> {
    const row = await this.#db.selectFrom('blobs').selectAll().where('hash', '=', hash).executeTakeFirst();
    return row ? { hash, bytes: row.bytes, mediaType: row.media_type, kind: row.kind } : null;
  }

  /**
   * The blob as a stream, whole or from byte `start` to byte `end` inclusive (as HTTP counts).
   * Errors: `not_found` (no such blob), `evidence_changed` (gone from the disk, or of another size), `invalid_input`
   * (a range outside the blob).
   */
  async open(
    hash: string,
    range: { start?: number; end?: number } = {},
  ): Promise<BlobInfo & { start: number; end: number; stream: ReadStream }> {
    const info = await this.expect(hash);
    const { start = 0, end = info.bytes - 1 } = range;
    if (start < 0 || (info.bytes > 0 && start >= info.bytes) || end < start - 1 || end >= info.bytes)
      throw new AppError(
        'invalid_input',
        `Bytes ${start} to ${end} are not in a file of ${info.bytes} bytes.`,
      );
    const stream = createReadStream(this.pathOf(hash), info.bytes === 0 ? {} : { start, end });
    return { ...info, start, end, stream };
  }

  /** The whole blob in memory; for small ones. Errors as of `open`. */
  async read(hash: string): Promise<Uint8Array> {
    await this.expect(hash);
    return readFile(this.pathOf(hash));
  }

  /** Hashes the blob again. Errors: `not_found`, `evidence_changed` where its bytes are no longer those taken in. */
  async verify(hash: string): Promise<void> {
    await this.expect(hash);
    const found = await hashFile(this.pathOf(hash));
    if (found !== hash)
      throw new AppError('evidence_changed', `The stored file ${hash} now has the hash ${found}.`, {
        details: { expected: hash, found },
      });
  }

  /** Errors: `files_missing` where the folder of all files is not there, e.g. because its disk was taken away. */
  expectFolder(): void {
    if (!existsSync(this.#folder))
      throw new AppError('files_missing', `The folder of the stored files, ${this.#folder}, is not there.`);
  }

  /** That it is there and of its size. Errors: `not_found`, `evidence_changed`, `files_missing`. */
  async expect(hash: string): Promise<BlobInfo> {
    const info = await this.find(hash);
    if (info === null) throw new AppError('not_found', `The workspace holds no file ${hash}.`);
    const onDisk = await stat(this.pathOf(hash)).catch(() => null);
    if (onDisk === null) this.expectFolder();
    if (onDisk === null || onDisk.size !== info.bytes)
      throw new AppError(
        'evidence_changed',
        onDisk === null
          ? `The stored file ${hash} is gone from the workspace.`
          : `The stored file ${hash} has ${onDisk.size} bytes instead of ${info.bytes}.`,
        { details: { expected: info.bytes, found: onDisk?.size ?? null } },
      );
    return info;
  }

  async #recorded(staged: StagedBlob): Promise<StoredBlob> {
    try {
      await this.keep([staged]);
      await this.#write(() => this.record(this.#db, [staged]));
      return { hash: staged.hash, bytes: staged.bytes };
    } finally {
      await this.discard([staged]);
    }
  }

  async #lay(
    pieces: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
    signal?: AbortSignal,
  ): Promise<StoredBlob & { path: string }> {
    const temporary = path.join(this.#incoming, randomUUID());
    const digest = createHash('sha256');
    let bytes = 0;
    this.#unsettled.add(temporary);
    try {
      const file = await this.#write(() => open(temporary, 'wx', 0o644));
      try {
        for await (const piece of pieces) {
          if (signal?.aborted) throw new AppError('cancelled', 'Copying was stopped.');
          digest.update(piece);
          await this.#write(() => file.writeFile(piece));
          bytes += piece.length;
        }
      } finally {
        await file.close();
      }
      return { hash: digest.digest('hex'), bytes, path: temporary };
    } catch (error) {
      await rm(temporary, { force: true });
      this.#unsettled.delete(temporary);
      throw AppError.from(error);
    }
  }

  /** Those of the hashes that have rows. */
  async #known(blobs: readonly { hash: string }[]): Promise<Set<string>> {
    const hashes = blobs.map((blob) => blob.hash);
    const rows = await this.#db.selectFrom('blobs').select('hash').where('hash', 'in', hashes).execute();
    return new Set(rows.map((row) => row.hash));
  }

  /** Gives the complete file its name and answers with its folder; null where a good one already bears the name. */
  async #name(
    { path: temporary, hash, bytes }: StagedBlob,
    known: ReadonlySet<string>,
  ): Promise<string | null> {
    const target = this.pathOf(hash);
    if (known.has(hash) && (await stat(target).catch(() => null))?.size === bytes) {
      await rm(temporary, { force: true });
      return null;
    }
    const folder = path.dirname(target);
    if (!this.#folders.has(folder)) await mkdir(folder, { recursive: true });
    this.#folders.add(folder);
    await rename(temporary, target);
    return folder;
  }

  /** Tells failures of the store from those of what is copied into it. */
  async #write<T>(action: () => Promise<T>): Promise<T> {
    if (this.#readOnly) throw this.#readOnly;
    return action().catch((error: unknown) => {
      throw workspaceError(error, path.dirname(this.#folder));
    });
  }

  get #incoming(): string {
    return path.join(this.#folder, 'incoming');
  }
}

/** Opens the file only when its first piece is wanted, so that somebody is there to be told that it cannot be. */
async function* piecesOf(source: string): AsyncGenerator<Uint8Array> {
  yield* createReadStream(source, { highWaterMark: pieceBytes }) as AsyncIterable<Uint8Array>;
}

async function flush(path: string): Promise<void> {
  const file = await open(path, 'r+');
  try {
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Makes a rename durable. Windows has no such call and needs none. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
