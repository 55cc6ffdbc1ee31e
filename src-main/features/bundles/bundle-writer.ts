/** Writes the zip file of a bundle: one file after another, each hashed on its way, the manifest last. */
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { open, rename, rm, stat } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { finished, pipeline } from 'node:stream/promises';
import { ZipFile } from 'yazl';
import type { BundleManifest } from '#contract/bundle.ts';
import { AppError } from '#contract/errors.ts';
import { filePath, manifestHashPath, manifestPath, rowsPath, type RowKind } from './bundle-layout.ts';

export class BundleWriter {
  readonly #target: string;
  readonly #temporary: string;
  readonly #zip = new ZipFile();
  readonly #written: Promise<void>;
  readonly #files: BundleManifest['files'] = [];
  readonly #mtime: Date;
  /** What became of the output; a failure of it is met by the next file that is added. */
  #failure: unknown = null;

  private constructor(target: string, now: number) {
    this.#target = target;
    this.#temporary = `${target}.partial`;
    this.#mtime = new Date(now);
    this.#written = pipeline(this.#zip.outputStream, createWriteStream(this.#temporary));
    this.#written.catch((error: unknown) => (this.#failure = error));
    // The failure of an input is told by `#add`, which reads it.
    this.#zip.on('error', () => undefined);
  }

  /** Errors: `invalid_input` where there is such a file already. */
  static async create(target: string, now: number): Promise<BundleWriter> {
    if ((await stat(target).catch(() => null)) !== null)
      throw new AppError('invalid_input', `${target} is there already.`, { hint: 'Name a new file.' });
    return new BundleWriter(target, now);
  }

  /** Adds the lines of one kind of row; answers with how many there were. */
  async rows(kind: RowKind, rows: Iterable<object>): Promise<number> {
    let count = 0;
    const lines = function* (): Generator<string> {
      for (const row of rows) {
        count++;
        yield `${JSON.stringify(row)}\n`;
      }
    };
    await this.#add(rowsPath(kind), Readable.from(lines(), { objectMode: false }), true);
    return count;
  }

  /** Adds the file at `path`. Errors: `evidence_changed` where its bytes are not those of `hash`. */
  async file(hash: string, path: string, bytes: number): Promise<void> {
    const { sha256 } = await this.#add(filePath(hash), createReadStream(path), false, bytes);
    if (sha256 !== hash)
      throw new AppError('evidence_changed', `The file ${path} has the hash ${sha256} instead of ${hash}.`);
  }

  /** Adds the manifest and gives the zip its name. Answers with the manifest's hash and the size of the zip. */
  async finish(manifest: Omit<BundleManifest, 'files'>): Promise<{ manifestSha256: string; bytes: number }> {
    const files = this.#files.toSorted((a, b) => (a.path < b.path ? -1 : 1));
    const text = Buffer.from(`${JSON.stringify({ ...manifest, files }, null, 1)}\n`);
    const manifestSha256 = createHash('sha256').update(text).digest('hex');
    const options = { mtime: this.#mtime, mode: 0o100644 };
    this.#zip.addBuffer(text, manifestPath, options);
    this.#zip.addBuffer(Buffer.from(`${manifestSha256}\n`), manifestHashPath, options);
    this.#zip.end();
    await this.#written;
    const file = await open(this.#temporary, 'r+');
    try {
      await file.sync();
      const { size } = await file.stat();
      await rename(this.#temporary, this.#target);
      return { manifestSha256, bytes: size };
    } finally {
      await file.close();
    }
  }

  /** Leaves nothing behind; for a bundle that cannot be finished. */
  async discard(): Promise<void> {
    (this.#zip.outputStream as Readable).destroy();
    await this.#written.catch(() => undefined);
    await rm(this.#temporary, { force: true });
  }

  async #add(
    path: string,
    source: Readable,
    compress: boolean,
    size?: number,
  ): Promise<BundleManifest['files'][number]> {
    const digest = createHash('sha256');
    let bytes = 0;
    const counted = Readable.from(
      (async function* () {
        for await (const piece of source as AsyncIterable<Buffer | string>) {
          const buffer = Buffer.from(piece);
          digest.update(buffer);
          bytes += buffer.length;
          yield buffer;
        }
      })(),
      { objectMode: false },
    );
    const options = { mtime: this.#mtime, mode: 0o100644, compress };
    this.#zip.addReadStream(counted, path, options);
    // Where the output fails, the input is never read to its end.
    await Promise.race([finished(counted, { writable: false }), this.#written]);
    if (this.#failure !== null) throw AppError.from(this.#failure);
    if (size !== undefined && bytes !== size)
      throw new AppError('evidence_changed', `A file of ${size} bytes has ${bytes} now.`);
    const entry = { path, sha256: digest.digest('hex'), bytes };
    this.#files.push(entry);
    return entry;
  }
}
