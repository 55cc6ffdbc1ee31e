/** `npm run -s pentimento -- <verb>`: the command line from source, on a Node that can run it. Installs nothing. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { giveUp, inModules, requireProjectNode, root, run } from './house/processes.mjs';

if (!existsSync(inModules('zod'))) giveUp('the dependencies are missing; run `npm ci` once.', 2);
const cli = join(root, 'src-main/hosts/node/cli.ts');
process.exit(
  await run(requireProjectNode(), ['--disable-warning=ExperimentalWarning', cli, ...process.argv.slice(2)]),
);
