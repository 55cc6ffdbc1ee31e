/** The pictures that analyses compare with: found where a request says, hashed, and each kept once. */
import type { ComparedWith, ReferenceSource } from '#contract/analysis.ts';
import { AppError } from '#contract/errors.ts';
import type { ReferenceFile } from '#analysis/open-picture.ts';
import { shownPath } from '#compute/decoding/decode-photograph.ts';
import type { DatasetService } from '#features/datasets/dataset.service.ts';
import { walkFiles } from '#features/datasets/walk-files.ts';
import type { EvidenceService } from '#features/evidence/evidence.service.ts';
import { hashFile } from '#storage/hash-file.ts';

/** As they are found, by SHA-256: an order that no name and no folder decides. */
export interface References {
  source: ReferenceSource;
  files: readonly ReferenceFile[];
}

export class ReferencePictures {
  readonly #evidence: EvidenceService;
  readonly #datasets: DatasetService;

  constructor(parts: { evidence: EvidenceService; datasets: DatasetService }) {
    this.#evidence = parts.evidence;
    this.#datasets = parts.datasets;
  }

  /**
   * @throws AppError `not_found`, `evidence_*`, `file_not_found`, `file_unreadable`, `cancelled`; `invalid_input` where there is
   *   no picture
   */
  async find(source: ReferenceSource, options: { signal?: AbortSignal } = {}): Promise<References> {
    const found = await this.#files(source, options);
    if (found.files.length === 0)
      throw new AppError('invalid_input', 'There is no picture to compare with where the request says.');
    const once = new Map(found.files.map((file) => [file.sha256, file]));
    return { ...found, files: [...once.values()].toSorted((a, b) => (a.sha256 < b.sha256 ? -1 : 1)) };
  }

  async #files(source: ReferenceSource, options: { signal?: AbortSignal }): Promise<References> {
    switch (source.kind) {
      case 'evidence':
        return { source, files: await this.#evidence.provenFiles(source.items, options) };
      case 'files':
        return { source, files: await hashed(source.paths, options) };
      case 'dataset': {
        const { dataset, version: number } = source;
        const { version, photographs } =
          number === undefined
            ? await this.#datasets.freeze(dataset)
            : await this.#datasets.frozen(dataset, number);
        const files = photographs
          .filter(({ label }) => label === 'real')
          .map(({ path: file, sha256 }) => ({ file, path: `${dataset}: ${sha256}`, sha256 }));
        return { source: { ...source, version: version.number }, files };
      }
    }
  }
}

async function hashed(paths: readonly string[], options: { signal?: AbortSignal }): Promise<ReferenceFile[]> {
  const { files, refused } = await walkFiles(paths);
  if (refused[0]) throw AppError.fromData(refused[0].error);
  const found: ReferenceFile[] = [];
  for (const file of files) {
    const sha256 = await hashFile(file, options).catch((cause: unknown) => {
      if (cause instanceof AppError) throw cause;
      throw new AppError('file_unreadable', `${shownPath(file)} cannot be read.`, { cause });
    });
    found.push({ file, path: file, sha256 });
  }
  return found;
}

/**
 * Of what was found, what an analysis of the picture of that hash takes: never the picture itself.
 * @throws AppError `invalid_input` where one picture is to be named, and several are
 */
export function takenFor(
  { source, files }: References,
  sha256: string,
  most: number,
): { files: ReferenceFile[]; recorded: ComparedWith } {
  const others = files.filter((file) => file.sha256 !== sha256);
  if (most === 1 && others.length > 1)
    throw new AppError(
      'invalid_input',
      `It is to be compared with one picture, and ${others.length} were named.`,
    );
  const taken = others.slice(0, most);
  const pictures = taken.map(({ path, sha256: hash }) => ({ path, sha256: hash }));
  return { files: taken, recorded: { source, available: others.length, pictures } };
}
