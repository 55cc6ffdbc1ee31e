/**
 * The photographs of a run, kept in its folder from the start: a dataset may grow while a run is interrupted, and a run
 * that went on with other photographs would not be the same run. Paths are relative to the workspace, which may move.
 */
import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { writeFileWhole } from '#compute/write-file.ts';
import { AppError } from '#contract/errors.ts';
import { trainerPhotograph, type TrainerPhotograph } from '#contract/trainer-messages.ts';

/** A blend needs two different photographs, and a batch of sixteen from fewer than these repeats itself at once. */
export const MINIMUM_TRAINING_PHOTOGRAPHS = 8;
/** Without a photograph set aside, nothing at all can be measured. */
export const MINIMUM_VALIDATION_PHOTOGRAPHS = 1;

const fileName = 'photographs.json';
const schema = z.array(trainerPhotograph);

/** Those that training may see: labelled, and not set aside for tests. */
export function forTraining(photographs: TrainerPhotograph[]): TrainerPhotograph[] {
  return photographs.filter(({ label, split }) => label !== 'unlabelled' && split !== 'test');
}

/** @throws AppError `dataset_too_small` with what is there and what is needed */
export function requireEnough(photographs: TrainerPhotograph[], dataset: string): void {
  const real = (split: TrainerPhotograph['split']): number =>
    photographs.filter((photograph) => photograph.label === 'real' && photograph.split === split).length;
  const [training, validation] = [real('train'), real('validation')];
  if (training >= MINIMUM_TRAINING_PHOTOGRAPHS && validation >= MINIMUM_VALIDATION_PHOTOGRAPHS) return;
  throw new AppError(
    'dataset_too_small',
    `The dataset "${dataset}" has ${training} real photographs to train on and ${validation} to validate with; ` +
      `at least ${MINIMUM_TRAINING_PHOTOGRAPHS} and ${MINIMUM_VALIDATION_PHOTOGRAPHS} are needed.`,
    { hint: 'Add more photographs labelled "real" to the dataset.', details: { training, validation } },
  );
}

function withPaths(photographs: TrainerPhotograph[], change: (file: string) => string): TrainerPhotograph[] {
  return photographs.map((photograph) => ({
    ...photograph,
    path: change(photograph.path),
    maskPath: photograph.maskPath === null ? null : change(photograph.maskPath),
  }));
}

/** Writes the list into the run's folder, whole or not at all; both folders are absolute. */
export async function writePhotographList(
  folder: string,
  workspace: string,
  photographs: TrainerPhotograph[],
): Promise<void> {
  await mkdir(folder, { recursive: true });
  const target = path.join(folder, fileName);
  const list = withPaths(photographs, (file) => path.relative(workspace, file).split(path.sep).join('/'));
  await writeFileWhole(target, Buffer.from(JSON.stringify(list)));
}

/** @throws AppError `run_not_resumable` where the list is gone or damaged */
export async function readPhotographList(folder: string, workspace: string): Promise<TrainerPhotograph[]> {
  try {
    const list = schema.parse(JSON.parse(await readFile(path.join(folder, fileName), 'utf8')));
    return withPaths(list, (file) => path.join(workspace, file));
  } catch (cause) {
    const what = `The list of the photographs that the run was trained on cannot be read in ${folder}.`;
    throw new AppError('run_not_resumable', what, { cause });
  }
}
