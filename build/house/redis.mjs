/** Finds the Redis server for the tests of the queue between machines, or installs Debian's. */
import { existsSync } from 'node:fs';
import { failedLately, remember } from './attempt.mjs';
import { run, say } from './processes.mjs';

const places = ['/usr/bin/redis-server', '/usr/local/bin/redis-server'];
const present = () => places.find((path) => existsSync(path)) ?? null;

async function fetchWithApt() {
  if (process.platform !== 'linux' || process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get'))
    return null;
  say('installing the Redis server with apt-get (about 7 MB) ...');
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  const options = { env, quiet: true, timeout: 300_000 };
  if ((await run('apt-get', ['update'], options)) !== 0) return null;
  await run('apt-get', ['install', '-y', '--no-install-recommends', 'redis-server'], options);
  return present();
}

/** The path of the server, or null where none can be had. */
export async function findRedis() {
  const found = process.env.REDIS_SERVER ?? present();
  if (found || failedLately('redis')) return found;
  const fetched = await fetchWithApt();
  remember('redis', fetched !== null);
  return fetched;
}
