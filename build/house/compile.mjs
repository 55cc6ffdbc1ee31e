/** Builds out/ where it is older than what it is made of. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { giveUp, inModules, requireProjectNode, root, run, say } from './processes.mjs';

const sources = [
  ...['src-main', 'src-preload', 'src-renderer', 'resources'],
  ...['package.json', 'package-lock.json', 'electron.vite.config.ts', 'svelte.config.js'],
];
const stamp = join(root, 'out', '.built-from');

function* filesOf(path) {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found?.isDirectory()) for (const name of readdirSync(path)) yield* filesOf(join(path, name));
  else if (found) yield `${path} ${found.size} ${found.mtimeMs}`;
}

/** Changes whenever a source file is added, removed or written. */
function fingerprint() {
  const hash = createHash('sha256');
  for (const source of sources) for (const file of filesOf(join(root, source))) hash.update(`${file}\n`);
  return hash.digest('hex');
}

/** Resolves when out/ is up to date; ends the program where it cannot be built. */
export async function build() {
  const current = fingerprint();
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === current) return;
  say('building (about ten seconds) ...');
  const status = await run(requireProjectNode(), [
    inModules('electron-vite', 'bin', 'electron-vite.js'),
    'build',
    '--logLevel',
    'warn',
  ]);
  if (status !== 0) giveUp('the build failed; what it said stands above.');
  writeFileSync(stamp, current);
}
