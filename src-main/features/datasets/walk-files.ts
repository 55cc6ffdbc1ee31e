/** Finds the files that an import names, in natural order (`2.jpg` before `10.jpg`), folder by folder. */
import { readdir, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '#contract/errors.ts';
import type { Refusal } from '#contract/common.ts';
import { shownPath } from '#compute/decoding/decode-photograph.ts';

const natural = new Intl.Collator('en', { numeric: true });
const compare = (a: string, b: string): number => natural.compare(a, b) || (a < b ? -1 : a > b ? 1 : 0);

/**
 * Every file named by `paths` or below a folder among them, as absolute paths, each once.
 * Skipped: names that begin with a dot, and the folder `without`. Links are followed, and no folder is entered twice,
 * so a loop of links ends. What cannot be listed is a refusal, and the walk goes on.
 */
export async function walkFiles(
  paths: readonly string[],
  without: string | null = null,
): Promise<{ files: string[]; refused: Refusal[] }> {
  const files = new Set<string>();
  const refused: Refusal[] = [];
  const entered = new Set<string>();
  if (without !== null) entered.add(await realpath(without).catch(() => path.resolve(without)));

  const visit = async (file: string): Promise<void> => {
    try {
      if (!(await stat(file)).isDirectory()) {
        files.add(file);
        return;
      }
      const real = await realpath(file);
      if (entered.has(real)) return;
      entered.add(real);
      const names = (await readdir(file)).filter((name) => !name.startsWith('.'));
      for (const name of names.toSorted(compare)) await visit(path.join(file, name));
    } catch (error) {
      refused.push({ path: file, error: listingError(error, file).toData() });
    }
  };
  for (const named of paths) await visit(path.resolve(named));
  return { files: [...files], refused };
}

function listingError(error: unknown, file: string): AppError {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const shown = shownPath(file);
  if (code === 'ENOENT' || code === 'ENOTDIR')
    return new AppError('file_not_found', `${shown} does not exist.`, { cause: error });
  const reason = error instanceof Error ? error.message : String(error);
  return new AppError('file_unreadable', `${shown} cannot be listed: ${reason}.`, { cause: error });
}
