/** What an import of folders will look at: its files and their masks, found before anything is changed. */
import path from 'node:path';
import type { ImportRequest } from '#contract/dataset.ts';
import { AppError } from '#contract/errors.ts';
import { shownPath } from '#compute/decoding/decode-photograph.ts';
import { MaskFinder } from './mask-finder.ts';
import type { ImportSources } from './picture-source.ts';
import { walkFiles } from './walk-files.ts';

/**
 * Walks what the request names, in natural order. A folder of masks inside it, and masks beside pictures, are not taken as
 * pictures. Errors: `file_not_found` where there is no file at all, or no folder of masks.
 */
export async function findSources(request: ImportRequest): Promise<ImportSources> {
  const masks = request.masks === undefined ? null : await MaskFinder.open(request.masks);
  const apart = !request.paths.some((named) => path.resolve(named) === path.resolve(request.masks ?? ''));
  const { files, refused } = await walkFiles(request.paths, apart ? (request.masks ?? null) : null);
  if (files.length === 0) {
    if (refused[0]) throw AppError.fromData(refused[0].error);
    throw new AppError('file_not_found', `There is no file in ${request.paths.map(shownPath).join(', ')}.`);
  }
  const used = new Set(files.flatMap((file) => masks?.candidates(file) ?? []));
  const found: ImportSources = { sources: [], refused };
  for (const file of files.filter((candidate) => !used.has(candidate)))
    try {
      found.sources.push({
        file,
        shown: file,
        mask: masks?.find(file) ?? null,
        label: request.label,
        category: request.category || null,
        group: request.groupBy === 'folder' ? folderGroup(file, request.paths) : null,
        byCamera: request.groupBy === 'camera',
        split: null,
        licence: request.licence || null,
        sha256: null,
        maskSha256: null,
        rendered: false,
      });
    } catch (error) {
      found.refused.push({ path: file, error: AppError.from(error).toData() });
    }
  return found;
}

/**
 * The folder of a file, beginning with the one that was named: the same wherever that lies. Long ones are cut at their
 * beginning, so that at worst too much belongs together.
 */
function folderGroup(file: string, named: readonly string[]): string {
  const folder = path.dirname(file);
  const top = named
    .map((one) => path.resolve(one))
    .find(
      (one) => !path.relative(one, folder).startsWith('..') && !path.isAbsolute(path.relative(one, folder)),
    );
  const shown =
    top === undefined ? path.basename(folder) : path.join(path.basename(top), path.relative(top, folder));
  return `folder:${shown.split(path.sep).join('/').slice(-180)}`;
}
