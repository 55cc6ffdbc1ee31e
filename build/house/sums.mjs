/** SHA-256 sums of what was packed, in the form that `sha256sum --check` reads. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { sha256 } from './native-files.mjs';

export const sumsName = 'SHA256SUMS';

/** Of every file in the folder itself, by name; without the list of sums. */
export const sumsOf = (folder) =>
  readdirSync(folder)
    .filter((name) => name !== sumsName && statSync(join(folder, name)).isFile())
    .toSorted()
    .map((name) => `${sha256(readFileSync(join(folder, name)))}  ${name}\n`)
    .join('');
