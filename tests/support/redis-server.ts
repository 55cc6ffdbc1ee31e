/** A real Redis server on a free port of this machine, which keeps nothing on the disk. */
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { onTestFinished } from 'vitest';
import { startProgram } from './start-program.ts';
import { temporaryFolder } from './temporary-folder.ts';

const places = [process.env['REDIS_SERVER'], '/usr/bin/redis-server', '/usr/local/bin/redis-server'];

/**
 * The program of the server, or null where it is absent; tests that need it are then skipped by name.
 * @throws Error where it is absent although PENTIMENTO_REQUIRE_REDIS=1 says that it may not be.
 */
export function redisServer(): string | null {
  const found = places.find((path) => path && existsSync(path)) ?? null;
  if (found === null && process.env['PENTIMENTO_REQUIRE_REDIS'] === '1')
    throw new Error('PENTIMENTO_REQUIRE_REDIS is set, and there is no redis-server');
  return found;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

export interface RunningRedis {
  /** E.g. `redis://127.0.0.1:40123/0`. */
  address: string;
  /** Ends it at once, with all that it holds. */
  stop(): Promise<void>;
}

/** For the running test. Resolves once it takes connections. @throws Error with what it printed where it does not */
export async function startRedis(program: string): Promise<RunningRedis> {
  const port = await freePort();
  const options = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--dir', temporaryFolder()];
  const child = startProgram(options, program);
  onTestFinished(() => void child.kill('SIGKILL'));
  const exited = once(child, 'exit');
  const printed: string[] = [];
  const lines = createInterface({ input: child.stdout });
  const ready = new Promise<boolean>((resolve) => {
    lines.on('line', (line) => {
      printed.push(line);
      if (/ready to accept connections/i.test(line)) resolve(true);
    });
  });
  if (!(await Promise.race([ready, exited.then(() => false)])))
    throw new Error(`${program} ended:\n${printed.join('\n')}`);
  return {
    address: `redis://127.0.0.1:${port}/0`,
    async stop() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}
