/**
 * The dataset guard: everything that is known to make a detector learn, or be measured, wrongly, each finding with its items
 * and with remedies that can be applied. It runs on demand and before every training.
 */
import type { DatasetFinding } from '#contract/dataset.ts';
import { AppError } from '#contract/errors.ts';
import type { Examiner } from '#compute/decoding/examiner.ts';
import type { BlobStore } from '#storage/blob-store.ts';
import type { DatasetCatalogue } from './dataset-catalogue.ts';
import {
  checkAmount,
  checkElsewhere,
  checkEvidence,
  checkLabels,
  checkNearDuplicates,
  countOf,
  nearPairs,
  oppose,
  verb,
  type NearPair,
} from './dataset-check.ts';
import type { CheckRow, DatasetRepository } from './dataset.repository.ts';
import { findFileBias } from './file-bias.ts';
import type { FileFacts, FileFactsRepository } from './file-facts.repository.ts';
import { blockMeans, lookSame } from './look-alike.ts';
import { toPlaced } from './item-changes.ts';
import { SplitComponents } from './split-components.ts';

export interface GuardParts {
  catalogue: DatasetCatalogue;
  repository: DatasetRepository;
  facts: FileFactsRepository;
  blobs: BlobStore;
  /** Reads what files are. */
  examiner: Examiner;
}
export interface GuardOptions {
  /**
   * Files of so many bytes in all are hashed again; of the others only presence and size are looked at, and a finding says
   * so. The trainer hashes each file again whenever it reads it.
   */
  hashAtMost?: number;
}

/** Files that are read at once. */
const atOnce = 4;

export class DatasetGuard {
  readonly #parts: GuardParts;

  constructor(parts: GuardParts) {
    this.#parts = parts;
  }

  /** All findings, the gravest first. Errors: `not_found`. */
  async check(reference: string, { hashAtMost = Infinity }: GuardOptions = {}): Promise<DatasetFinding[]> {
    const { catalogue, repository } = this.#parts;
    const { id } = await catalogue.find(reference);
    const items = await repository.itemsToCheck(id);
    const damaged = await this.#damaged(items, hashAtMost);
    const intact = items.filter((item) => !damaged.ids.has(item.id));
    const pairs = nearPairs(items);
    const findings = [
      ...damaged.findings,
      ...checkEvidence(await repository.undecidedEvidence(id)),
      ...checkLabels(pairs, await this.#sameAmong(pairs)),
      ...checkElsewhere(await repository.itemsElsewhere(id)),
      ...checkNearDuplicates(pairs),
      ...checkAmount(items),
      ...(await this.#masks(intact)),
      ...findFileBias(await this.#fileRows(intact)),
    ];
    const grave = ['error', 'warning', 'info'];
    return findings.sort((a, b) => grave.indexOf(a.severity) - grave.indexOf(b.severity));
  }

  /** Files that are gone, or no longer those that were taken in. */
  async #damaged(
    items: readonly CheckRow[],
    hashAtMost: number,
  ): Promise<{ ids: Set<string>; findings: DatasetFinding[] }> {
    const { blobs } = this.#parts;
    const reasons = new Map<string, string>();
    const hashed = new Set<string>();
    let left = hashAtMost;
    for (const { sha256, mask, bytes } of items) {
      if (bytes > left) continue;
      left -= bytes;
      for (const hash of [sha256, mask]) if (hash !== null) hashed.add(hash);
    }
    const files = [
      ...new Set(items.flatMap(({ sha256, mask }) => (mask === null ? [sha256] : [sha256, mask]))),
    ];
    await eachOf(files, async (hash) => {
      await (hashed.has(hash) ? blobs.verify(hash) : blobs.expect(hash)).catch((error: unknown) => {
        reasons.set(hash, AppError.from(error).message);
      });
    });
    const bad = items.filter(
      ({ sha256, mask }) => reasons.has(sha256) || (mask !== null && reasons.has(mask)),
    );
    const ids = bad.map((item) => item.id);
    const findings: DatasetFinding[] = [];
    if (bad.length > 0)
      findings.push({
        code: 'damaged_items',
        severity: 'error',
        blocking: true,
        message:
          `${countOf(bad, 'picture has', 'pictures have')} stored files that are gone or changed; the first: ` +
          `${bad[0]!.source_path}: ${reasons.get(bad[0]!.sha256) ?? reasons.get(bad[0]!.mask!)}`,
        remedy:
          'Restore the workspace from a backup, or remove them and import them again from their source.',
        items: ids,
        actions: [{ label: 'Remove them', items: ids, change: { kind: 'remove' } }],
      });
    const unhashed = items.filter(({ sha256 }) => !hashed.has(sha256)).map((item) => item.id);
    if (unhashed.length > 0)
      findings.push({
        code: 'items_not_hashed',
        severity: 'info',
        blocking: false,
        message: `${countOf(unhashed, 'picture was', 'pictures were')} looked at for presence and size only; training hashes each file when it reads it.`,
        remedy: 'Run the check by itself, which hashes everything.',
        items: unhashed,
        actions: [],
      });
    return { ids: new Set(ids), findings };
  }

  /** Of pairs with opposite labels: which are one picture saved in two ways. */
  async #sameAmong(pairs: readonly NearPair[]): Promise<(pair: NearPair) => boolean> {
    const means = new Map<string, Float64Array>();
    const opposed = pairs.filter(([a, b]) => oppose(a.label, b.label));
    await eachOf([...new Set(opposed.flat().map(({ thumbnail }) => thumbnail))], async (thumbnail) => {
      const found = await blockMeans(this.#parts.blobs.pathOf(thumbnail)).catch(() => null);
      if (found) means.set(thumbnail, found);
    });
    return ([a, b]) => {
      const [one, other] = [means.get(a.thumbnail), means.get(b.thumbnail)];
      return one !== undefined && other !== undefined && lookSame(one, other);
    };
  }

  async #masks(items: readonly CheckRow[]): Promise<DatasetFinding[]> {
    const { examiner } = this.#parts;
    const masked = items.filter(({ mask }) => mask !== null);
    const largest = masked.reduce((most, { width, height }) => Math.max(most, width * height), 1);
    const facts = await this.#facts(
      masked.map(({ mask }) => mask!),
      'mask',
      async (file) => ({ kind: 'mask', ...(await examiner.readMaskFacts(file, 4 * largest)) }),
    );
    const of = (item: CheckRow) => {
      const found = facts.get(item.mask!);
      return found?.kind === 'mask' ? found : null;
    };
    const wrong = masked.filter((item) => {
      const mask = of(item);
      return mask?.width !== item.width || mask.height !== item.height;
    });
    const empty = masked.filter((item) => !wrong.includes(item) && of(item)!.white === 0);
    const finding = (code: string, some: readonly CheckRow[], what: string): DatasetFinding[] => {
      if (some.length === 0) return [];
      const ids = some.map(({ id }) => id);
      return [
        {
          code,
          severity: 'warning',
          blocking: false,
          message: `${countOf(some, 'picture has a mask', 'pictures have masks')} that ${verb(some, 'is', 'are')} ${what}.`,
          remedy: 'Give them the right masks, or take the masks away.',
          items: ids,
          actions: [
            { label: 'Take the masks away', items: ids, change: { kind: 'drop-masks' } },
            { label: 'Remove the pictures', items: ids, change: { kind: 'remove' } },
          ],
        },
      ];
    };
    return [
      ...finding('mask_wrong_size', wrong, 'not as large as the picture, or cannot be read'),
      ...finding('mask_empty', empty, 'black all over, although it should say where the picture was edited'),
    ];
  }

  async #fileRows(items: readonly CheckRow[]) {
    const { examiner } = this.#parts;
    const labelled = items.filter(({ label }) => label === 'real' || label === 'simulated');
    const facts = await this.#facts(
      labelled.map(({ sha256 }) => sha256),
      'picture',
      async (file) => ({ kind: 'picture', ...(await examiner.readPictureFacts(file)) }),
    );
    const components = new SplitComponents(labelled.map(toPlaced));
    const componentOf = new Map(
      components
        .around(labelled.map(({ id }) => id))
        .flatMap((component) => component.map(({ id }) => [id, component[0]!.id] as const)),
    );
    return labelled.flatMap((item) => {
      const found = facts.get(item.sha256);
      if (found?.kind !== 'picture') return [];
      return [{ ...item, component: componentOf.get(item.id)!, facts: found }];
    });
  }

  /** Facts of files, read where they are not kept yet; a file that cannot be read has none. */
  async #facts(
    hashes: readonly string[],
    kind: FileFacts['kind'],
    read: (file: string) => Promise<FileFacts>,
  ): Promise<Map<string, FileFacts>> {
    const { facts, blobs } = this.#parts;
    const all = await facts.find([...new Set(hashes)], kind);
    const fresh = new Map<string, FileFacts>();
    await eachOf(
      [...new Set(hashes)].filter((hash) => !all.has(hash)),
      async (hash) => {
        const found = await read(blobs.pathOf(hash)).catch(() => null);
        if (found) fresh.set(hash, found);
      },
    );
    await facts.keep(fresh);
    return new Map([...all, ...fresh]);
  }
}

/** Does `work` for each, a few at once. */
async function eachOf<T>(all: readonly T[], work: (one: T) => Promise<void>): Promise<void> {
  const rest = all.values();
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (const one of rest) await work(one);
    }),
  );
}
