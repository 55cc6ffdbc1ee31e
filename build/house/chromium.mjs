/** Finds a Chromium for the end-to-end tests, or fetches one. */
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { failedLately, remember } from './attempt.mjs';
import { inModules, requireProjectNode, root, run, say } from './processes.mjs';

const places = JSON.parse(readFileSync(`${root}/src-main/hosts/node/chromium-places.json`, 'utf8'));
/** The one that Playwright keeps for itself, if it was installed. */
const playwrightsOwn = () =>
  createRequire(`${root}/package.json`)('playwright-core').chromium.executablePath();

/** The first that is there and starts; one without its libraries does not. */
async function firstThatStarts(candidates) {
  for (const path of candidates) {
    if (!path || !existsSync(path)) continue;
    if (process.platform === 'win32') return path; // there, `--version` would open a window
    if ((await run(path, ['--version', '--no-sandbox'], { quiet: true, timeout: 30_000 })) === 0) return path;
    say(`${path} does not start; looking further.`);
  }
  return null;
}

async function fetchWithApt() {
  if (process.platform !== 'linux' || process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get'))
    return null;
  say('installing Chromium with apt-get (about 100 MB; a minute or two) ...');
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  const options = { env, quiet: true, timeout: 300_000 };
  if ((await run('apt-get', ['update'], options)) !== 0) return null;
  await run('apt-get', ['install', '-y', '--no-install-recommends', 'chromium'], options);
  return firstThatStarts(places);
}

async function fetchWithPlaywright() {
  say('fetching Chromium with Playwright (about 180 MB; given up after three minutes) ...');
  const cli = inModules('playwright-core', 'cli.js');
  await run(requireProjectNode(), [cli, 'install', 'chromium'], { quiet: true, timeout: 180_000 });
  return firstThatStarts([playwrightsOwn()]);
}

/** The path of a Chromium that starts, or null where none can be had; says why. */
export async function findChromium() {
  if (process.env.CHROMIUM) {
    const named = await firstThatStarts([process.env.CHROMIUM]);
    if (!named) say(`CHROMIUM names ${process.env.CHROMIUM}, which is not there or does not start.`);
    return named;
  }
  const present = await firstThatStarts([...places, playwrightsOwn()]);
  if (present || failedLately('chromium')) return present;
  const fetched = (await fetchWithApt()) ?? (await fetchWithPlaywright());
  remember('chromium', fetched !== null);
  return fetched;
}
