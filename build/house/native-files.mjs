/** The native libraries of a package, which lie outside the archive and so outside its integrity: each with its hash. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { filesOf, isPacked, neededPackages } from './packages.mjs';

export const isNative = (file) => /\.(node|dll|dylib|so)$|\.so\./.test(file);
export const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

/** `{ path: sha256 }` of what is packed for a platform, by paths from the project. */
export function nativeFiles(project, platform, arch) {
  const found = {};
  for (const [path, name] of neededPackages(project))
    for (const file of filesOf(join(project, path)))
      if (isNative(file) && isPacked(name, file, platform, arch))
        found[`${path}/${file}`] = sha256(readFileSync(join(project, path, file)));
  return found;
}
