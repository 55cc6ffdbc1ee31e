/** The folders that a worker may read, and where it sees what another machine names. */
import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '#contract/errors.ts';
import { shownPath } from '#compute/decoding/decode-photograph.ts';

export interface SharedFolder {
  /** As the machine that holds the workspace names it. */
  there: string;
  /** As this machine sees it. */
  here: string;
}

const isBelow = (file: string, folder: string): boolean =>
  file === folder || file.startsWith(folder.endsWith(path.sep) ? folder : `${folder}${path.sep}`);

/**
 * The path at which this machine sees a file of another one.
 * @throws AppError `queue_folder` where it lies in none of the folders, `file_unreadable` where a link leads out of them
 */
export async function seenHere(file: string, folders: readonly SharedFolder[]): Promise<string> {
  for (const { there, here } of folders) {
    // Normalised: a name with `..` in it must not lead out.
    if (!isBelow(path.normalize(file), there)) continue;
    const seen = path.join(here, path.relative(there, path.normalize(file)));
    const [real, within] = await Promise.all([realpath(seen).catch(() => null), realpath(here)]);
    // What is not there is said by whoever opens it.
    if (real === null || isBelow(real, within)) return seen;
    throw new AppError(
      'file_unreadable',
      `${shownPath(file)} leads out of the folder that this worker may read.`,
    );
  }
  throw new AppError(
    'queue_folder',
    `${shownPath(file)} lies in none of the folders that this worker may read.`,
  );
}
