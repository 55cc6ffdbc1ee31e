/**
 * The working folder of one row, held by one program at a time.
 *
 * ```
 * <work>/<name>-seed<seed>-<steps>-<configuration>-<data>/
 *   checkpoint.safetensors   while it is trained
 *   commits.json             of the programs that trained it, until it is measured
 *   model.onnx               the trained detector
 *   pictures.json            the scores of every whole picture
 *   lock                     which program works on it
 * ```
 */
import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '#contract/errors.ts';
import { writeFileWhole } from '#compute/write-file.ts';
import { WorkspaceLock } from '#storage/workspace-lock.ts';
import type { RowKey } from './study-row.ts';

/** The checkpoint file in a row's folder. */
export const checkpointIn = (folder: string): string => join(folder, 'checkpoint.safetensors');
const commitsIn = (folder: string): string => join(folder, 'commits.json');

/**
 * Does the work in the row's folder, or answers false where another program holds it.
 * @throws AppError `workspace_not_writable`, `disk_full`; whatever `measure` throws
 */
export async function holdRowFolder(
  work: string,
  { name, seed, steps, config_hash, data_hash }: RowKey,
  measure: (folder: string) => Promise<void>,
): Promise<boolean> {
  const parts = [name, `seed${seed}`, steps, config_hash.slice(0, 8), data_hash.slice(0, 8)];
  const folder = join(work, parts.join('-'));
  await mkdir(folder, { recursive: true });
  let lock: WorkspaceLock;
  try {
    lock = await WorkspaceLock.take(folder, 'bench method');
  } catch (cause) {
    if (AppError.from(cause).code === 'workspace_locked') return false;
    throw cause;
  }
  try {
    await measure(folder);
    return true;
  } finally {
    lock.release();
  }
}

/** Writes down that this commit trains the row; answers with the other ones that have trained it before. */
export async function noteCommit(folder: string, commit: string | null): Promise<string[]> {
  const earlier = await readFile(commitsIn(folder), 'utf8').then(
    (text) => JSON.parse(text) as string[],
    () => [],
  );
  const others = earlier.filter((other) => other !== commit);
  const all = commit === null ? others : [...others, commit];
  await writeFileWhole(commitsIn(folder), Buffer.from(JSON.stringify(all)));
  return others;
}

/** Removes what only an interrupted training needs. */
export async function forgetTraining(folder: string): Promise<void> {
  await rm(checkpointIn(folder), { force: true });
  await rm(commitsIn(folder), { force: true });
}
