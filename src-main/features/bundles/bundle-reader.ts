/**
 * Reads the zip file of a bundle that may be hostile. Only the names of the layout are taken, none is ever a path on the
 * disk, what is unpacked is never larger than the zip's own directory says, and nothing is unpacked that was packed
 * beyond all measure.
 */
import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { openPromise, type Entry, type ZipFile } from 'yauzl';
import type { BundleFinding } from '#contract/bundle.ts';
import { AppError } from '#contract/errors.ts';
import { bundleLimits, manifestHashPath, manifestPath, rowKinds, rowsPath } from './bundle-layout.ts';

type RawEntry = Omit<Entry, 'fileName'> & { fileName: Buffer };

const known = new Set([manifestPath, manifestHashPath, ...rowKinds.map(rowsPath)]);
const isKnown = (name: string): boolean => known.has(name) || /^files\/[0-9a-f]{64}$/.test(name);

export class BundleReader {
  readonly #zip: ZipFile;
  readonly #entries: Map<string, Entry>;
  /** What is wrong with the zip as such. */
  readonly findings: BundleFinding[];

  private constructor(zip: ZipFile, entries: Map<string, Entry>, findings: BundleFinding[]) {
    this.#zip = zip;
    this.#entries = entries;
    this.findings = findings;
  }

  /**
   * Reads the directory of the zip.
   * Errors: those of reading the file; `bundle_invalid` where it is no zip at all.
   */
  static async open(path: string): Promise<BundleReader> {
    let zip: ZipFile;
    try {
      zip = await openPromise(path, { autoClose: false, decodeStrings: false });
    } catch (cause) {
      if (cause instanceof Error && 'code' in cause) throw AppError.from(cause);
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new AppError('bundle_invalid', `${path} is no zip file: ${reason}.`, { cause });
    }
    const findings: BundleFinding[] = [];
    const entries = new Map<string, Entry>();
    const tooMany = `It holds ${zip.entryCount} files; the most are ${bundleLimits.files}.`;
    try {
      if (zip.entryCount > bundleLimits.files)
        findings.push({ code: 'too_many_files', path: '', message: tooMany });
      else
        for await (const entry of zip.eachEntry()) {
          const name = String((entry as unknown as RawEntry).fileName);
          const finding = refusal(name, entry, entries);
          if (finding) findings.push({ ...finding, path: shownName(name) });
          else entries.set(name, entry);
        }
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      findings.push({ code: 'not_a_bundle', path: '', message: `Its directory is damaged: ${reason}.` });
    }
    return new BundleReader(zip, entries, findings);
  }

  close(): void {
    this.#zip.close();
  }

  names(): string[] {
    return [...this.#entries.keys()];
  }

  has(name: string): boolean {
    return this.#entries.has(name);
  }

  /** Bytes when unpacked. */
  size(name: string): number {
    return this.#entries.get(name)?.uncompressedSize ?? 0;
  }

  /** The bytes of a file that is there. The stream fails where they are not as many as the directory says. */
  async stream(name: string): Promise<Readable> {
    const entry = this.#entries.get(name);
    if (!entry) throw new AppError('bundle_invalid', `The bundle holds no ${name}.`);
    return this.#zip.openReadStreamPromise(entry);
  }

  /** SHA-256 and size of a file. Errors: `bundle_invalid` where it cannot be unpacked. */
  async hash(name: string): Promise<{ sha256: string; bytes: number }> {
    const digest = createHash('sha256');
    let bytes = 0;
    for await (const piece of this.pieces(name)) {
      digest.update(piece);
      bytes += piece.length;
    }
    return { sha256: digest.digest('hex'), bytes };
  }

  /** The bytes of a file, a piece at a time. Errors: `bundle_invalid` where it cannot be unpacked. */
  async *pieces(name: string): AsyncGenerator<Buffer> {
    try {
      for await (const piece of await this.stream(name)) yield piece as Buffer;
    } catch (cause) {
      if (cause instanceof AppError) throw cause;
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new AppError('bundle_invalid', `${name} cannot be unpacked: ${reason}.`, { cause });
    }
  }

  /** A small file whole. Errors: `bundle_invalid` also where it is larger than `most` bytes. */
  async read(name: string, most: number): Promise<Buffer> {
    if (this.size(name) > most)
      throw new AppError('bundle_invalid', `${name} has ${this.size(name)} bytes; the most are ${most}.`);
    const pieces: Buffer[] = [];
    for await (const piece of this.pieces(name)) pieces.push(piece);
    return Buffer.concat(pieces);
  }

  /** The lines of a file. Errors: `bundle_invalid`, also for a line that is too long. */
  async *lines(name: string): AsyncGenerator<string> {
    let rest: Buffer[] = [];
    let length = 0;
    for await (const piece of this.pieces(name)) {
      let from = 0;
      for (let end = piece.indexOf(10); end !== -1; end = piece.indexOf(10, from)) {
        yield Buffer.concat([...rest, piece.subarray(from, end)]).toString('utf8');
        [rest, length, from] = [[], 0, end + 1];
      }
      rest.push(piece.subarray(from));
      length += piece.length - from;
      if (length > bundleLimits.lineBytes)
        throw new AppError('bundle_invalid', `A line of ${name} is too long.`);
    }
    if (length > 0) yield Buffer.concat(rest).toString('utf8');
  }
}

/** Why an entry is not taken, or null. */
function refusal(
  name: string,
  entry: Entry,
  before: ReadonlyMap<string, Entry>,
): Omit<BundleFinding, 'path'> | null {
  const { uncompressedSize: size, compressedSize: packed, compressionMethod: method } = entry;
  if (/^([a-zA-Z]:|[/\\])/.test(name) || name.split(/[/\\]/).includes('..'))
    return { code: 'unsafe_name', message: 'Its name leads out of the bundle.' };
  if (!isKnown(name)) return { code: 'file_unlisted', message: 'A bundle holds no file of such a name.' };
  if (before.has(name)) return { code: 'file_unlisted', message: 'It stands in the bundle twice.' };
  if (entry.isEncrypted() || (method !== 0 && method !== 8))
    return { code: 'file_changed', message: 'It is packed in a way that bundles are not.' };
  if (size > bundleLimits.ratioFromBytes && size > packed * bundleLimits.ratio)
    return { code: 'too_large', message: `It unpacks from ${packed} to ${size} bytes, as a bomb does.` };
  return null;
}

const shownName = (name: string): string =>
  (/\p{Cc}/u.test(name) ? JSON.stringify(name) : name).slice(0, 300);
