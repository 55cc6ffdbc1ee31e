/**
 * The places on this machine's disk that the windows may name: what the person chose in a dialog, dropped on a window, or
 * opened the program with, since it started. A page that was taken over can ask for nothing else.
 */
import { realpath, stat } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';
import type { PathUse } from '#contract/host-path.ts';
import type { DirectoryListing } from '#contract/system.ts';
import { fileKind } from '#features/system/file-kind.ts';
import type { AllowedPaths } from '#features/rpc/guard-paths.ts';

/** Where a path really leads; of one that does not exist yet, where its folder does. */
async function target(path: string): Promise<string | null> {
  if (!isAbsolute(path) || path.includes('\0')) return null;
  const whole = resolve(path);
  const real = await realpath(whole).catch(() => null);
  if (real !== null) return real;
  const folder = await realpath(dirname(whole)).catch(() => null);
  return folder === null ? null : join(folder, basename(whole));
}

function holds(folder: string, path: string): boolean {
  const inside = relative(folder, path);
  return inside === '' || (inside !== '..' && !inside.startsWith(`..${sep}`) && !isAbsolute(inside));
}

export class ChosenPaths implements AllowedPaths {
  readonly #chosen: Record<PathUse, Set<string>> = { read: new Set(), write: new Set() };

  /** From now on, windows may name the place and, of a folder, what lies in it. */
  async allow(path: string, use: PathUse): Promise<void> {
    const real = await target(path);
    if (real !== null) this.#chosen[use].add(real);
  }

  /** Symbolic links count as what they lead to. */
  async allows(path: string, use: PathUse): Promise<boolean> {
    const real = await target(path);
    return real !== null && [...this.#chosen[use]].some((place) => holds(place, real));
  }

  /** What may be read, as if it lay in one folder. */
  async listing(): Promise<DirectoryListing> {
    const entries: DirectoryListing['entries'] = [];
    for (const path of this.#chosen.read) {
      const found = await stat(path).catch(() => null);
      if (!found) continue;
      const kind = found.isDirectory() ? 'folder' : (fileKind(path) ?? 'image');
      entries.push({ name: basename(path) || path, path, kind });
    }
    const images = entries.filter(({ kind }) => kind === 'image').length;
    return { path: '', parent: null, entries, images };
  }
}
