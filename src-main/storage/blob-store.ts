/**
 * The content-addressed store: each file lies at `ab/<sha256>`, where `ab` begins its hash. A file gets that name only
 * after all its bytes are on the disk, and its row in the database only after that; what has no row is not believed.
 */
import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, type ReadStream } from 'node:fs';
import { mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Kysely } from 'kysely';
import { AppError } from '#contract/errors.ts';
import { workspaceError } from './better-sqlite.ts';
import type { BlobTable, WorkspaceDatabase } from './schema.ts';

export type BlobKind = BlobTable['kind'];
export type StoredBlob = { hash: string; bytes: number };
export type BlobInfo = StoredBlob & { mediaType: string; kind: BlobKind };

export class BlobStore {
  readonly #folder: string;
  readonly #db: Kysely<WorkspaceDatabase>;

  constructor(folder: string, db: Kysely<WorkspaceDatabase>) {
    this.#folder = folder;
    this.#db = db;
  }

  /** Makes the folders and removes what an interrupted program left half-written. */
  async prepare(): Promise<void> {
    await rm(this.#incoming, { recursive: true, force: true });
    await mkdir(this.#incoming, { recursive: true });
  }

  /** Stores `bytes`; storing the same bytes again changes nothing. Do not call inside a transaction of `db`. */
  async put(bytes: Uint8Array, mediaType: string, kind: BlobKind): Promise<StoredBlob> {
    const once = async function* (): AsyncGenerator<Uint8Array> {
      yield bytes;
    };
    return this.#store(once(), mediaType, kind);
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
    const pieces = createReadStream(source, { highWaterMark: 1 << 20 });
    try {
      return await this.#store(pieces, mediaType, kind, options.signal);
    } finally {
      pieces.destroy();
    }
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
    const info = await this.#expect(hash);
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
    await this.#expect(hash);
    return readFile(this.pathOf(hash));
  }

  /** Hashes the blob again. Errors: `not_found`, `evidence_changed` where its bytes are no longer those taken in. */
  async verify(hash: string): Promise<void> {
    await this.#expect(hash);
    const digest = createHash('sha256');
    for await (const piece of createReadStream(this.pathOf(hash), { highWaterMark: 1 << 20 }))
      digest.update(piece as Buffer);
    const found = digest.digest('hex');
    if (found !== hash)
      throw new AppError('evidence_changed', `The stored file ${hash} now has the hash ${found}.`, {
        details: { expected: hash, found },
      });
  }

  async #expect(hash: string): Promise<BlobInfo> {
    const info = await this.find(hash);
    if (info === null) throw new AppError('not_found', `The workspace holds no file ${hash}.`);
    const onDisk = await stat(this.pathOf(hash)).catch(() => null);
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

  async #store(
    pieces: AsyncIterable<Uint8Array>,
    mediaType: string,
    kind: BlobKind,
    signal?: AbortSignal,
  ): Promise<StoredBlob> {
    const temporary = path.join(this.#incoming, randomUUID());
    const digest = createHash('sha256');
    let bytes = 0;
    try {
      const file = await this.#write(() => open(temporary, 'wx', 0o644));
      try {
        for await (const piece of pieces) {
          if (signal?.aborted) throw new AppError('cancelled', 'Copying was stopped.');
          digest.update(piece);
          await this.#write(() => file.writeFile(piece));
          bytes += piece.length;
        }
        await this.#write(() => file.sync());
      } finally {
        await file.close();
      }
      const hash = digest.digest('hex');
      await this.#write(() => this.#keep(temporary, hash, bytes));
      await this.#record({ hash, bytes, mediaType, kind });
      return { hash, bytes };
    } catch (error) {
      await rm(temporary, { force: true });
      throw AppError.from(error);
    }
  }

  /** Gives the complete file its name, unless a good one already bears it. */
  async #keep(temporary: string, hash: string, bytes: number): Promise<void> {
    const target = this.pathOf(hash);
    const present =
      (await this.find(hash)) !== null && (await stat(target).catch(() => null))?.size === bytes;
    if (present) return rm(temporary);
    const folder = path.dirname(target);
    await mkdir(folder, { recursive: true });
    await rename(temporary, target);
    await syncFolder(folder);
  }

  /** An original stays an original, whatever else the same bytes turn out to be. */
  async #record(info: BlobInfo): Promise<void> {
    await this.#db
      .insertInto('blobs')
      .values({
        hash: info.hash,
        bytes: info.bytes,
        media_type: info.mediaType,
        kind: info.kind,
        created_at: Date.now(),
      })
      .onConflict((conflict) =>
        info.kind === 'original'
          ? conflict.column('hash').doUpdateSet({ kind: 'original', media_type: info.mediaType })
          : conflict.column('hash').doNothing(),
      )
      .execute();
  }

  /** Tells failures of the store from those of what is copied into it. */
  async #write<T>(action: () => Promise<T>): Promise<T> {
    return action().catch((error: unknown) => {
      throw workspaceError(error, path.dirname(this.#folder));
    });
  }

  get #incoming(): string {
    return path.join(this.#folder, 'incoming');
  }
}

/** Makes a rename durable. Windows has no such call and needs none. */
async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
