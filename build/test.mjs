/**
 * `npm test`: installs what is missing, a Chromium and a Redis server included where they can be had, builds, and runs every test.
 * Arguments go to vitest: `npm test -- tests/src-main/engine`.
 */
import { findChromium } from './house/chromium.mjs';
import { build } from './house/compile.mjs';
import { installDependencies } from './house/install.mjs';
import { findRedis } from './house/redis.mjs';
import { inModules, requireProjectNode, run, say } from './house/processes.mjs';

await installDependencies();
const node = requireProjectNode();
const chromium = await findChromium();
const redis = await findRedis();
await build();

if (chromium) say(`end-to-end tests run in ${chromium}.`);
else
  say(
    'NO CHROMIUM can be had here: the end-to-end tests are skipped. Set CHROMIUM=/path/to/chromium to run them.',
  );
if (!redis)
  say(
    'NO REDIS SERVER can be had here: the tests of the queue between machines are skipped. REDIS_SERVER names one.',
  );
say('running the tests (a few minutes on two cores) ...');
const status = await run(node, [inModules('vitest', 'vitest.mjs'), 'run', ...process.argv.slice(2)], {
  env: chromium ? { CHROMIUM: chromium } : {},
});
if (!chromium) say('the end-to-end tests were SKIPPED for want of a Chromium.');
if (!redis) say('the tests of the queue between machines were SKIPPED for want of a Redis server.');
process.exit(status);
