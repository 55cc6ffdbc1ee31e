/** Finds the files that an import names, in natural order (`2.jpg` before `10.jpg`), folder by folder. */
import { readdir, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '#contract/errors.ts';
import type { Refusal } from '#contract/common.ts';
import { shownPath } from '#compute/decoding/decode-photograph.ts';

const natural = new Intl.Collator('en', { numeric: true });
const compare = (a: string, b: string): number => natural.compare(a, b) || (a < b ? -1 : a > b ? 1 : 0);

/** What a walk meets: a file, or what cannot be listed. */
export type Walked = { file: string } | { refusal: Refusal };

/**
 * The files named by `paths` or below a folder among them, as absolute paths, one after another; it holds no more than the
 * names in the folders that it stands in. A file that two paths name comes twice.
 */
export async function* walk(
  paths: readonly string[],
  without: string | null = null,
): AsyncGenerator<Walked, void, undefined> {
  const entered = new Set<string>();
  if (without !== null) entered.add(await realpath(without).catch(() => path.resolve(without)));
  async function* visit(file: string): AsyncGenerator<Walked, void, undefined> {
    let names: string[];
    try {
      if (!(await stat(file)).isDirectory()) return yield { file };
      const real = await realpath(file);
      if (entered.has(real)) return;
      entered.add(real);
      names = (await readdir(file)).filter((name) => !name.startsWith('.'));
    } catch (error) {
      return yield { refusal: { path: file, error: listingError(error, file).toData() } };
    }
    for (const name of names.toSorted(compare)) yield* visit(path.join(file, name));
  }
  for (const named of paths) yield* visit(path.resolve(named));
}

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
  for await (const met of walk(paths, without))
    if ('file' in met) files.add(met.file);
    else refused.push(met.refusal);
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
