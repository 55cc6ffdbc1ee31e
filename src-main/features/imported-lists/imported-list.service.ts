/** Lists that a person imported: taken in as they are, and asked by analyses. A list is never changed: it is removed, and another imported. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { importedList, type ImportedList, type ListKind } from '#contract/imported-list.ts';
import { AppError } from '#contract/errors.ts';
import type { KnownFileFacts, TrustListFacts } from '#analysis/analysis.ts';
import { shownPath } from '#compute/decoding/decode-photograph.ts';
import { examinePhotograph, hammingDistance } from '#compute/decoding/examine-photograph.ts';
import { pemOf } from '#features/time-stamps/certificate-file.ts';
import { newId } from '#storage/new-id.ts';
import type { Workspace } from '#storage/workspace.ts';
import { readHashList, type HashList } from './hash-list-file.ts';
import { ImportedListRepository, type ImportedListRow } from './imported-list.repository.ts';

const largest = 64 * 2 ** 20;
/** Bits of 64 by which difference hashes differ at most that may show the same. */
const alike = 8;
const mostMatches = 50;

export class ImportedListService {
  readonly #workspace: Workspace;
  readonly #repository: ImportedListRepository;
  /** By the hash of the list's file. */
  readonly #read = new Map<string, HashList>();

  constructor(workspace: Workspace) {
    this.#workspace = workspace;
    this.#repository = new ImportedListRepository(workspace.db);
  }

  async list(): Promise<ImportedList[]> {
    return (await this.#repository.list()).map(toImportedList);
  }

  /** Errors: `invalid_input` (no such list, a name that is taken), `file_not_found`, `file_unreadable`. */
  async import(request: { path: string; kind: ListKind; name: string; date: string }): Promise<ImportedList> {
    const source = path.resolve(request.path);
    const bytes = await readList(source);
    const { kind, name, date } = request;
    if (await this.#repository.named(name))
      throw new AppError('invalid_input', `There is a list "${name}" already.`, {
        hint: 'Choose another name.',
      });
    const { blobs, db, audit } = this.#workspace;
    const { counts, notComparable } =
      kind === 'hashes'
        ? readHashList(bytes, shownPath(source))
        : { counts: { certificates: certificatesIn(bytes, shownPath(source)) }, notComparable: {} };
    const { hash } = await blobs.put(bytes, 'text/plain', 'original');
    const now = Date.now();
    const row: ImportedListRow = {
      ...{ id: newId(now), kind, name, date, file: hash, source_path: source, imported_at: now },
      ...{ counts: JSON.stringify(counts), not_comparable: JSON.stringify(notComparable) },
    };
    await db.transaction().execute(async (transaction) => {
      await this.#repository.insert(transaction, row);
      audit.record(transaction, {
        action: 'list.imported',
        subject: { kind: 'list', id: row.id },
        payload: { kind, name, date, file: source, sha256: hash, counts },
        seal: [{ table: 'imported_lists', id: row.id }],
      });
    });
    return toImportedList(row);
  }

  /** The file stays until files that nothing refers to are removed. Errors: `not_found`. */
  async remove(id: string): Promise<ImportedList> {
    const row = await this.#repository.find(id);
    if (!row) throw new AppError('not_found', `There is no list ${id}.`);
    const { db, audit } = this.#workspace;
    await db.transaction().execute(async (transaction) => {
      await this.#repository.delete(transaction, id);
      const { kind, name, date, file } = row;
      audit.record(transaction, {
        action: 'list.removed',
        subject: { kind: 'list', id },
        payload: { kind, name, date, sha256: file },
        // From here on, that there is no such row.
        seal: [{ table: 'imported_lists', id }],
      });
    });
    this.#read.delete(row.file);
    return toImportedList(row);
  }

  /** The trust list of the latest date, and of those the one imported last; null where there is none. */
  async trustList(): Promise<TrustListFacts | null> {
    const rows = (await this.#repository.list()).filter(({ kind }) => kind === 'trust');
    const latest = rows
      .toSorted((a, b) => (a.date < b.date ? -1 : a.date > b.date ? 1 : a.imported_at - b.imported_at))
      .at(-1);
    if (!latest) return null;
    const pem = pemOf(Buffer.from(await this.#workspace.blobs.read(latest.file)), latest.name);
    return { name: latest.name, date: latest.date, sha256: latest.file, pem };
  }

  /** What the imported lists say of a file. The difference hash is that of its pixels, where they can be read. */
  async known(file: string, signal?: AbortSignal): Promise<KnownFileFacts> {
    const rows = (await this.#repository.list()).filter(({ kind }) => kind === 'hashes');
    const hashes: Record<string, string> = await hashesOf(file, signal);
    const facts: KnownFileFacts = { perceptualHash: null, lists: [], matches: [], alike: [] };
    for (const row of rows) {
      const { counts, notComparable, name, sha256, date } = toImportedList(row);
      facts.lists.push({ name, date, sha256, counts, notComparable });
      const list = await this.#hashList(row);
      for (const [algorithm, hash] of Object.entries(hashes)) {
        const entry = list.exact.get(`${algorithm}:${hash}`);
        if (entry !== undefined) facts.matches.push({ list: name, algorithm, hash, entry });
      }
      if (list.alike.length === 0) continue;
      // A picture that cannot be read has none, which the analysis says.
      facts.perceptualHash ??= await examinePhotograph(file).then(
        ({ perceptualHash }) => perceptualHash,
        () => null,
      );
      for (const { hash, name: entry } of facts.perceptualHash === null ? [] : list.alike) {
        const distance = hammingDistance(facts.perceptualHash!, hash);
        if (distance <= alike && facts.alike.length < mostMatches)
          facts.alike.push({ list: name, distance, hash, entry });
      }
    }
    return facts;
  }

  async #hashList({ file, name }: ImportedListRow): Promise<HashList> {
    const list = this.#read.get(file) ?? readHashList(await this.#workspace.blobs.read(file), name);
    this.#read.set(file, list);
    return list;
  }
}

const toImportedList = (row: ImportedListRow): ImportedList =>
  importedList.parse({
    ...{ id: row.id, kind: row.kind, name: row.name, date: row.date, sha256: row.file },
    ...{ sourcePath: row.source_path, importedAt: row.imported_at },
    ...{ counts: JSON.parse(row.counts), notComparable: JSON.parse(row.not_comparable) },
  });

async function readList(file: string): Promise<Buffer> {
  const failed = (cause: unknown): never => {
    throw AppError.from(cause);
  };
  const stats = await stat(file).catch(failed);
  if (!stats.isFile()) throw new AppError('invalid_input', `${shownPath(file)} is not a file.`);
  if (stats.size > largest)
    throw new AppError(
      'invalid_input',
      `${shownPath(file)} has ${stats.size} bytes; a list may have ${largest}.`,
      {
        hint: 'Split it into several lists.',
      },
    );
  return readFile(file).catch(failed);
}

const certificatesIn = (bytes: Buffer, shown: string): number =>
  pemOf(bytes, shown).match(/-----BEGIN CERTIFICATE-----/g)?.length ?? 0;

async function hashesOf(
  file: string,
  signal?: AbortSignal,
): Promise<Record<'sha256' | 'sha1' | 'md5', string>> {
  const digests = { sha256: createHash('sha256'), sha1: createHash('sha1'), md5: createHash('md5') };
  for await (const piece of createReadStream(file)) {
    if (signal?.aborted) throw new AppError('cancelled', 'Hashing was stopped.');
    for (const digest of Object.values(digests)) digest.update(piece as Buffer);
  }
  return {
    ...{ sha256: digests.sha256.digest('hex'), sha1: digests.sha1.digest('hex') },
    md5: digests.md5.digest('hex'),
  };
}
