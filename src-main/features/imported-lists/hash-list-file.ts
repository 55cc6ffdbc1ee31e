/**
 * Reads lists of hashes of known files: CSV with a line of column names, as the reference data set of NIST (NSRL) has them, or one
 * hash a line, alone or before a file name as sha256sum writes it. Lines that begin with # are passed over in the latter.
 */
import { parse } from 'csv-parse/sync';
import type { HashAlgorithm } from '#contract/imported-list.ts';
import { AppError } from '#contract/errors.ts';

export interface HashList {
  /** By `algorithm:hash`, the name that the list gives; empty where it gives none. */
  exact: ReadonlyMap<string, string>;
  alike: readonly { hash: string; name: string }[];
  counts: Partial<Record<HashAlgorithm, number>>;
  notComparable: Record<string, number>;
}

/** Hashes of one list: they are held in memory while they are compared. */
const mostHashes = 1_000_000;
const lengths: Record<HashAlgorithm, number> = { sha256: 64, sha1: 40, md5: 32, dhash: 16 };
const byLength: Record<number, HashAlgorithm> = { 64: 'sha256', 40: 'sha1', 32: 'md5' };
/** Column names without signs and case. */
const known: Record<string, HashAlgorithm> = { sha256: 'sha256', sha1: 'sha1', md5: 'md5', dhash: 'dhash' };
const foreign = new Set([
  ...['crc32', 'sha512', 'sha384', 'phash', 'ahash', 'whash', 'blockhash', 'pdq', 'pdqhash', 'photodna'],
  ...['ssdeep', 'tlsh', 'sdhash'],
]);
const names = new Set(['filename', 'name', 'file', 'path']);
const plain = (column: string): string => column.toLowerCase().replaceAll(/[^a-z0-9]/g, '');

/** @param shown what errors call the file @throws AppError `invalid_input` with the number of the line */
export function readHashList(bytes: Uint8Array, shown: string): HashList {
  const hint = 'A list has a column sha-256, sha-1, md5 or dhash, or one such hash a line, in UTF-8.';
  const invalid = (what: string, cause?: unknown): AppError =>
    new AppError('invalid_input', `${shown}: ${what}.`, { hint, cause });
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw invalid('it is not text in UTF-8', cause);
  }
  const list = new Collected(invalid);
  const first = text.split('\n').find((line) => line.trim() !== '' && !line.startsWith('#')) ?? '';
  const columns = first.split(',').map(plain);
  if (columns.some((column) => column in known || foreign.has(column))) readTable(text, list, invalid);
  else readLines(text, list, invalid);
  return list.done();
}

type Invalid = (what: string, cause?: unknown) => AppError;

function readTable(text: string, list: Collected, invalid: Invalid): void {
  let rows: { record: string[]; info: { lines: number } }[];
  try {
    rows = parse(text, {
      info: true,
      skip_empty_lines: true,
      trim: true,
      max_record_size: 1 << 16,
    }) as unknown as typeof rows;
  } catch (cause) {
    throw invalid(cause instanceof Error ? cause.message.replace(/\.$/, '') : String(cause), cause);
  }
  const [head, ...lines] = rows;
  const columns = head!.record.map(plain);
  const nameAt = columns.findIndex((column) => names.has(column));
  for (const { record, info } of lines) {
    const name = record[nameAt] ?? '';
    for (const [at, column] of columns.entries()) {
      const value = record[at]!;
      if (value === '') continue;
      const algorithm = known[column];
      if (algorithm) list.add(algorithm, value, name, info.lines);
      else if (foreign.has(column)) list.leave(column);
    }
  }
}

function readLines(text: string, list: Collected, invalid: Invalid): void {
  for (const [at, raw] of text.split('\n').entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    const [, hash, name = ''] = /^([0-9a-fA-F]+)(?:\s+\*?(.*))?$/.exec(line) ?? [];
    const algorithm = hash === undefined ? undefined : byLength[hash.length];
    if (hash === undefined || algorithm === undefined)
      throw invalid(`line ${at + 1} is no SHA-256, SHA-1 or MD5`);
    list.add(algorithm, hash, name, at + 1);
  }
}

class Collected {
  readonly #exact = new Map<string, string>();
  readonly #alike: { hash: string; name: string }[] = [];
  readonly #counts: Partial<Record<HashAlgorithm, number>> = {};
  readonly #left: Record<string, number> = {};
  readonly #invalid: Invalid;
  #total = 0;

  constructor(invalid: Invalid) {
    this.#invalid = invalid;
  }

  add(algorithm: HashAlgorithm, value: string, name: string, line: number): void {
    const hash = value.toLowerCase();
    if (hash.length !== lengths[algorithm] || !/^[0-9a-f]+$/.test(hash))
      throw this.#invalid(`line ${line}: "${value.slice(0, 80)}" is no ${algorithm}`);
    if (++this.#total > mostHashes) throw this.#invalid(`it has more than ${mostHashes} hashes; split it`);
    if (algorithm === 'dhash') this.#alike.push({ hash, name });
    else this.#exact.set(`${algorithm}:${hash}`, name);
    this.#counts[algorithm] = (this.#counts[algorithm] ?? 0) + 1;
  }

  leave(column: string): void {
    this.#left[column] = (this.#left[column] ?? 0) + 1;
  }

  done(): HashList {
    if (this.#total === 0 && Object.keys(this.#left).length === 0) throw this.#invalid('it lists no hash');
    return { exact: this.#exact, alike: this.#alike, counts: this.#counts, notComparable: this.#left };
  }
}
