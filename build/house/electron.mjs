/**
 * Finds Electron's runtime, or fetches it. Never by `require('electron')`: from Node, that starts a download by itself.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { failedLately, remember } from './attempt.mjs';
import { inModules, requireProjectNode, run, say } from './processes.mjs';

const hasDisplay = () =>
  process.platform !== 'linux' || Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY);

/** Why no window can be opened on this machine, whatever is installed; null where one can. */
function whyNoWindow() {
  if (!hasDisplay()) return 'there is no display here, so no window can be opened.';
  const root = process.platform === 'linux' && process.getuid?.() === 0;
  return root ? "Electron's sandbox does not work for root, so no window can be opened." : null;
}

/** The runtime's executable, or null. */
function runtime() {
  const pathFile = inModules('electron', 'path.txt');
  if (!existsSync(pathFile)) return null;
  const folder = process.env.ELECTRON_OVERRIDE_DIST_PATH ?? inModules('electron', 'dist');
  const executable = join(folder, readFileSync(pathFile, 'utf8').trim());
  return existsSync(executable) ? executable : null;
}

/** The runtime's executable, fetched where need be; null, with the reason said, where a window cannot be had. */
export async function electronRuntime() {
  const obstacle = whyNoWindow();
  if (obstacle) {
    say(obstacle);
    return null;
  }
  if (runtime()) return runtime();
  if (failedLately('electron')) {
    say("Electron's runtime could not be fetched lately; `npm run setup:electron` tries again.");
    return null;
  }
  say("fetching Electron's runtime (about 120 MB; given up after two minutes) ...");
  const install = inModules('electron', 'install.js');
  const status = await run(requireProjectNode(), [install, '--no'], { timeout: 120_000, quiet: true });
  const found = status === 0 ? runtime() : null;
  remember('electron', found !== null);
  if (!found) say("Electron's runtime cannot be fetched here; `npm run setup:electron` tries again.");
  return found;
}
