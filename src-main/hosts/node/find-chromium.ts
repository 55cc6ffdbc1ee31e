/** The Chromium of this machine: the one that the environment variable CHROMIUM names, or one in its usual places. */
import { existsSync } from 'node:fs';
import { AppError } from '#contract/errors.ts';
import places from './chromium-places.json' with { type: 'json' };

/** Errors: `chromium_missing`. */
export function findChromium(): string {
  const named = process.env['CHROMIUM'];
  if (named && !existsSync(named))
    throw new AppError(
      'chromium_missing',
      `The environment variable CHROMIUM names ${named}, which is not there.`,
    );
  const found = named || places.find((place) => existsSync(place));
  if (!found) throw new AppError('chromium_missing', 'There is no Chromium on this machine.');
  return found;
}
