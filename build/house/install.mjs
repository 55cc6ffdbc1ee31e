/** Installs the dependencies where they are missing or the lockfile has changed. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { giveUp, inModules, root, run, say } from './processes.mjs';

const stamp = inModules('.pentimento-installed');
const lockfile = () => readFileSync(join(root, 'package-lock.json'));
const fingerprint = () =>
  createHash('sha256').update(lockfile()).update(`${process.platform} ${process.arch}`).digest('hex');

/** Whether npm's own record of what it installed has every package of the lockfile, in its version. */
function recordMatches() {
  const record = inModules('.package-lock.json');
  if (!existsSync(record)) return false;
  const wanted = Object.entries(JSON.parse(lockfile()).packages).filter(([path]) => path !== '');
  const { packages: installed } = JSON.parse(readFileSync(record));
  return wanted.every(([path, { version, optional }]) =>
    installed[path] ? installed[path].version === version : optional === true,
  );
}

/** Resolves when the dependencies are there; ends the program where they cannot be had. */
export async function installDependencies() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major < 20 || (major === 20 && minor < 19))
    giveUp(
      `Node 20.19 or newer is needed; this is ${process.versions.node}. Get it from https://nodejs.org.`,
      2,
    );
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === fingerprint()) return;
  if (!recordMatches()) {
    say('installing the dependencies with `npm ci` (1.2 GB on the disk; one to three minutes) ...');
    const windows = process.platform === 'win32';
    const status = await run(windows ? 'npm.cmd' : 'npm', ['ci', '--no-progress', '--loglevel', 'error'], {
      shell: windows,
    });
    if (status !== 0)
      giveUp('`npm ci` failed; what it said stands above. Is the package registry reachable from here?');
  }
  writeFileSync(stamp, fingerprint());
}
