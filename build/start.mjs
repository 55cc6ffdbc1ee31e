/**
 * `npm start`: installs what is missing, builds what is out of date, and opens the workbench: in Electron's window where
 * its runtime is there or can be fetched, in a local browser otherwise.
 *
 *     npm start -- [--headless] [--port P] [--data-dir DIR] [--no-open]
 */
import { join } from 'node:path';
import { build } from './house/compile.mjs';
import { electronRuntime } from './house/electron.mjs';
import { installDependencies } from './house/install.mjs';
import { requireProjectNode, root, run, say } from './house/processes.mjs';

const args = process.argv.slice(2);
await installDependencies();
const node = requireProjectNode();
await build();

// The arguments of the headless workbench mean nothing to a window, so any of them asks for it.
const electron = args.length > 0 ? null : await electronRuntime();
if (electron) {
  say('opening the workbench in its window.');
  const started = Date.now();
  const status = await run(electron, [root]);
  if (status === 0 || Date.now() - started > 5000) process.exit(status);
  say(`the window ended at once (status ${status}).`);
}
say('serving the workbench to a local browser; Ctrl-C ends it.');
process.exit(
  await run(node, [join(root, 'out/main/headless.js'), ...args.filter((a) => a !== '--headless')]),
);
