/** Whether the rows of a bundle are rows, agree with each other, and are what the audit log recorded of them. */
import { z } from 'zod';
import type { BundleFinding, BundleManifest } from '#contract/bundle.ts';
import { AppError } from '#contract/errors.ts';
import { entryHash } from '#storage/audit-log.ts';
import { digestOf } from '#storage/row-seals.ts';
import {
  filePath,
  newerKinds,
  rowKinds,
  rowSchemas,
  rowsPath,
  type BundleRow,
  type RowKind,
} from './bundle-layout.ts';
import type { BundleReader } from './bundle-reader.ts';

const sealsOf = z.array(z.object({ table: z.string(), id: z.string(), digest: z.string().nullable() }));

/** The rows of one kind, each with the number of its line. Errors: `bundle_invalid` for a line that is no such row. */
export async function* readRows<K extends RowKind>(
  reader: BundleReader,
  kind: K,
): AsyncGenerator<BundleRow<K>> {
  if (newerKinds.has(kind) && !reader.has(rowsPath(kind))) return;
  const schema: z.ZodType = rowSchemas[kind];
  let line = 0;
  for await (const text of reader.lines(rowsPath(kind))) {
    line++;
    yield parseRow(schema, text, `Line ${line}`) as BundleRow<K>;
  }
}

function parseRow(schema: z.ZodType, text: string, where: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new AppError('bundle_invalid', `${where} is not JSON.`, { cause });
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  throw new AppError('bundle_invalid', `${where} is no such row: ${issue.path.join('.')}: ${issue.message}.`);
}

/** Each after those that it names. */
const checked = [
  ...(['files', 'case', 'evidence', 'derived', 'models', 'verdicts'] as const),
  ...(['analyses', 'reviews', 'audit'] as const),
];

/** Adds what is wrong to `findings`. */
export async function checkRows(
  reader: BundleReader,
  manifest: BundleManifest,
  findings: BundleFinding[],
): Promise<void> {
  const absent = rowKinds.filter((kind) => !newerKinds.has(kind) && !reader.has(rowsPath(kind)));
  for (const kind of absent)
    findings.push({ code: 'file_missing', path: rowsPath(kind), message: 'A case bundle holds it.' });
  if (absent.length > 0) return;
  const check = new RowCheck(reader, manifest);
  for (const kind of checked)
    try {
      for await (const row of readRows(reader, kind)) {
        const message = check.row(kind, row);
        if (message !== null) findings.push({ code: 'row_contradiction', path: rowsPath(kind), message });
      }
    } catch (error) {
      const { message } = AppError.from(error);
      findings.push({ code: 'row_invalid', path: rowsPath(kind), message });
      return;
    }
  for (const message of check.totals())
    findings.push({ code: 'row_contradiction', path: 'manifest.json', message });
}

/** What is said of items. */
type SaidKind = 'verdicts' | 'analyses' | 'reviews';

class RowCheck {
  readonly #reader: BundleReader;
  readonly #manifest: BundleManifest;
  readonly #absent: Set<string>;
  readonly #files = new Set<string>();
  /** SHA-256 by the id of an item. */
  readonly #items = new Map<string, string>();
  readonly #models = new Set<string>();
  /** The digests of the rows that the audit log seals, by their ids. */
  readonly #sealed = {
    verdicts: new Map<string, string>(),
    analyses: new Map<string, string>(),
    reviews: new Map<string, string>(),
  };
  readonly #seen: Record<RowKind, number> = {
    ...{ case: 0, evidence: 0, derived: 0, verdicts: 0, models: 0, files: 0, audit: 0 },
    ...{ analyses: 0, reviews: 0 },
  };
  #lastEntry = 0;

  constructor(reader: BundleReader, manifest: BundleManifest) {
    this.#reader = reader;
    this.#manifest = manifest;
    this.#absent = new Set(manifest.absent.map((item) => item.id));
  }

  /** What is wrong with a row that says something of an item. */
  #said<K extends SaidKind>(kind: K, row: BundleRow<K>): string | null {
    const { id, evidence_id, sha256 } = row;
    if (this.#sealed[kind].has(id)) return `The row ${id} of ${kind} stands there twice.`;
    this.#sealed[kind].set(id, digestOf(kind, [row]));
    if (this.#items.get(evidence_id) === sha256) return null;
    return `The row ${id} of ${kind} is of other bytes than its item.`;
  }

  /** What is wrong with a row, given those before it; null where nothing is. */
  row<K extends RowKind>(kind: K, row: BundleRow<K>): string | null {
    this.#seen[kind]++;
    const check = this.#checks[kind] as (row: BundleRow<K>) => string | null;
    return check(row);
  }

  totals(): string[] {
    const { counts } = this.#manifest;
    const kinds = ['evidence', 'derived', 'verdicts', 'analyses', 'reviews', 'audit'] as const;
    const wrong = kinds
      .filter((kind) => counts[kind] !== this.#seen[kind])
      .map((kind) => `It counts ${counts[kind]} rows of ${kind}, and there are ${this.#seen[kind]}.`);
    return this.#seen.case === 1 ? wrong : [`There are ${this.#seen.case} cases instead of one.`, ...wrong];
  }

  readonly #checks: { [K in RowKind]: (row: BundleRow<K>) => string | null } = {
    files: ({ hash, bytes }) => {
      this.#files.add(hash);
      if (!this.#reader.has(filePath(hash))) return `The file ${hash} is not there.`;
      return this.#reader.size(filePath(hash)) === bytes ? null : `The file ${hash} has another size.`;
    },
    case: ({ id, name }) =>
      id === this.#manifest.case.id && name === this.#manifest.case.name
        ? null
        : 'The case is not the one that the manifest names.',
    evidence: (row) => {
      const { id, case_id, sha256, blob, storage, thumbnail, width, height, pixels, state } = row;
      const item = `The item ${id}`;
      if (this.#items.has(id)) return `${item} stands there twice.`;
      this.#items.set(id, sha256);
      if (case_id !== this.#manifest.case.id) return `${item} is of another case.`;
      if (blob !== null && (blob !== sha256 || storage !== 'copy'))
        return `${item} has other bytes than its hash.`;
      if (!this.#files.has(thumbnail)) return `The thumbnail of ${id} is not there.`;
      if (pixels !== width * height) return `${item} has another number of pixels.`;
      if (
        (row.state_reason === null) !== (state === 'intact') ||
        (row.verdict === null) !== (row.score === null)
      )
        return `${item} contradicts itself.`;
      const wanted = this.#manifest.contents === 'originals' && !this.#absent.has(id);
      return !wanted || this.#files.has(sha256) ? null : `The original of ${id} is not there.`;
    },
    derived: ({ case_id, evidence_id, blob }) => {
      if (case_id !== this.#manifest.case.id) return `The derived file ${blob} is of another case.`;
      if (evidence_id !== null && !this.#items.has(evidence_id))
        return `The derived file ${blob} is of an item that is not there.`;
      return this.#files.has(blob) ? null : `The derived file ${blob} is not there.`;
    },
    models: ({ id, sha256 }) => {
      this.#models.add(id);
      return this.#files.has(sha256) ? null : `The model ${id} is not there.`;
    },
    verdicts: (row) => {
      const { id, model_id, preview, maps } = row;
      const wrong = this.#said('verdicts', row);
      if (wrong !== null) return wrong;
      if (!this.#models.has(model_id)) return `The model of the verdict ${id} is not there.`;
      const blobs = [preview, ...hashesIn(JSON.parse(maps))];
      return blobs.every((hash) => this.#files.has(hash)) ? null : `A map of the verdict ${id} is not there.`;
    },
    analyses: (row) => {
      const blobs = hashesIn([JSON.parse(row.maps), JSON.parse(row.files)]);
      const wrong = this.#said('analyses', row);
      if (wrong !== null || blobs.every((hash) => this.#files.has(hash))) return wrong;
      return `A map or file of the analysis ${row.id} is not there.`;
    },
    reviews: (row) => this.#said('reviews', row),
    audit: (entry) => {
      const { sequence, subject, action, payload } = entry;
      const { hash, ...content } = entry;
      if (sequence <= this.#lastEntry) return `The entry ${sequence} stands out of order.`;
      this.#lastEntry = sequence;
      if (entryHash(content) !== hash) return `The entry ${sequence} was changed.`;
      const item = this.#items.get(subject.id);
      if (action === 'evidence.taken-in' && item !== payload['sha256'])
        return `The item ${subject.id} has another hash than the entry ${sequence} recorded.`;
      const table = sealing[action];
      if (table === undefined) return null;
      const { data: all = [] } = sealsOf.safeParse(payload['seals']);
      const seals = all.filter((seal) => seal.table === table);
      const wrong = seals.find(({ id, digest }) => digest !== this.#sealed[table].get(id));
      return seals.length > 0 && wrong === undefined
        ? null
        : `What is there of the ${table} of ${subject.id} is not what the entry ${sequence} recorded.`;
    },
  };
}

/** The entries that seal rows as they are in a bundle, and whose. */
const sealing: Partial<Record<string, SaidKind>> = {
  'verdict.given': 'verdicts',
  'analysis.recorded': 'analyses',
  'review.opened': 'reviews',
};

/** Every string in a JSON value that is a hash. */
export function hashesIn(value: unknown): string[] {
  if (typeof value === 'string') return /^[0-9a-f]{64}$/.test(value) ? [value] : [];
  if (value === null || typeof value !== 'object') return [];
  return Object.values(value).flatMap(hashesIn);
}
