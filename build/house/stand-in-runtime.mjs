/**
 * A folder that looks like Electron's runtime for Linux to the packer and holds nothing that runs: names, and the wire of
 * fuses. With it, everything about a package can be checked but that it opens a window.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What marks the fuses in the executable; they follow it with their version, their number, and a digit each. */
const sentinel = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX';
const fuses = 9;

export function makeStandInRuntime(folder, version) {
  mkdirSync(join(folder, 'resources'), { recursive: true });
  mkdirSync(join(folder, 'locales'));
  for (const file of [
    'chrome_100_percent.pak',
    'icudtl.dat',
    'LICENSE',
    'LICENSES.chromium.html',
    'locales/en-US.pak',
  ])
    writeFileSync(join(folder, file), '');
  writeFileSync(join(folder, 'version'), version);
  const wire = Buffer.concat([
    Buffer.from(sentinel),
    Buffer.from([1, fuses]),
    Buffer.from('0'.repeat(fuses)),
  ]);
  writeFileSync(join(folder, 'electron'), wire, { mode: 0o755 });
}
