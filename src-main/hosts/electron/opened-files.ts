/** The files that the program is opened with: by its command line, a second start, or the system's word. */
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { openable } from '#contract/desktop.ts';
import type { ChosenPaths } from './chosen-paths.ts';
import type { DesktopLink } from './desktop-link.ts';

/** Of the arguments of a start, without the program itself: what is no option. */
export const filesAmong = (args: readonly string[], folder: string): string[] =>
  args.filter((text) => text !== '' && !text.startsWith('-')).map((text) => resolve(folder, text));

/**
 * Lets the window name each that is a case bundle or a model by its name, and tells it; the window asks before it does
 * anything. What is nothing of the kind is left alone.
 */
export async function openFiles(
  paths: readonly string[],
  { chosen, link }: { chosen: ChosenPaths; link: DesktopLink },
): Promise<void> {
  for (const path of paths) {
    const what = openable(path);
    const found = what === null ? null : await stat(path).catch(() => null);
    if (what === null || !found?.isFile()) continue;
    await chosen.allow(path, 'read');
    link.send({ type: 'file', file: { what, path } });
  }
}
