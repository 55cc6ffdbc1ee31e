/** The licences of the program and of what it is made of, from its own files. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '#contract/errors.ts';
import type { LicenceNotices } from '#contract/system.ts';
import { componentNotices, programRoot } from './program-files.ts';

/** @throws AppError `file_not_found`, `file_unreadable` where the program is not whole */
export async function licenceNotices(): Promise<LicenceNotices> {
  const own = (...names: string[]): Promise<string> => readFile(join(programRoot, ...names), 'utf8');
  try {
    const [licence, notice, fonts, components] = await Promise.all([
      own('LICENSE'),
      own('NOTICE'),
      own('resources', 'licences', 'ibm-plex.txt'),
      readFile(componentNotices, 'utf8').catch(() => null),
    ]);
    return { licence, notice, fonts, components };
  } catch (cause) {
    throw AppError.from(cause);
  }
}
