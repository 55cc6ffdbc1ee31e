/**
 * Where the stored files of a workspace lie: in its own folder `blobs`, or in one elsewhere, e.g. on a larger disk. A folder
 * elsewhere bears a mark that says whose it is, so that neither an empty mount point nor the files of another workspace are
 * taken for it.
 */
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, realpathSync, renameSync } from 'node:fs';
import { readdirSync, rmSync, writeSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import { AppError } from '#contract/errors.ts';
import type { SettingValue } from '#contract/setting.ts';

export type FileHome = SettingValue<'files'>;
const markSchema = z.object({
  /** As the settings of the workspace have it. */
  id: z.string().min(1),
  /** The folder of the workspace when it was written. */
  workspace: z.string().min(1),
});
export type FileMark = z.infer<typeof markSchema>;
const markName = 'pentimento-files.json';
const unfinishedName = `${markName}.next`;

/** The folder of the files of the workspace in `folder`. */
export const filesFolder = (folder: string, home: FileHome): string =>
  home?.folder ?? path.join(folder, 'blobs');

/** Null where there is none that can be read. */
export function readMark(folder: string): FileMark | null {
  try {
    const parsed = markSchema.safeParse(JSON.parse(readFileSync(path.join(folder, markName), 'utf8')));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

/** Whole or not at all. */
export function writeMark(folder: string, mark: FileMark): void {
  const file = path.join(folder, markName);
  const unfinished = path.join(folder, unfinishedName);
  const descriptor = openSync(unfinished, 'w');
  try {
    writeSync(descriptor, `${JSON.stringify(mark)}\n`);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  renameSync(unfinished, file);
}

export function removeMark(folder: string): void {
  for (const name of [markName, unfinishedName]) rmSync(path.join(folder, name), { force: true });
}

/** Whether the folder holds nothing but what a program left that was killed while it wrote a mark. */
export const isFree = (folder: string): boolean =>
  readdirSync(folder).every((name) => name === unfinishedName);

/**
 * That a folder elsewhere is there and is the workspace's. Where the workspace itself was moved, the mark follows it.
 * Errors: `files_missing`, those of writing the mark.
 */
export function expectFiles(workspace: string, home: FileHome): void {
  if (home === null || home.folder === null) return;
  const { folder, id } = home;
  const found = readMark(folder);
  if (found?.id !== id)
    throw new AppError(
      'files_missing',
      existsSync(folder)
        ? `The folder ${folder} is there, but it does not hold the files of this workspace.`
        : `The folder of its files, ${folder}, is not there.`,
    );
  const here = realpathSync(workspace);
  if (found.workspace === here) return;
  if (existsSync(path.join(found.workspace, 'workspace.sqlite')))
    throw new AppError(
      'files_missing',
      `The files in ${folder} belong to the workspace ${found.workspace}, of which this one is a copy.`,
      {
        hint: 'Open that workspace, or make one of a backup with `backup restore`: it gets files of its own.',
      },
    );
  writeMark(folder, { id, workspace: here });
}
