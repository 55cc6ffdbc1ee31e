/**
 * Starts the real, built headless workbench on a temporary workspace, as `npm start` would. The tests, and programs that are none,
 * use it: what calls it sees to it that none outlives it, with `killHeadless`.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';

const entry = resolve(import.meta.dirname, '../../out/main/headless.js');

const started = new Set<ChildProcess>();

/** Ends all that run still, at once. */
export function killHeadless(): void {
  for (const child of started) child.kill('SIGKILL');
}

export interface Headless {
  /** The printed address, with its token. */
  url: string;
  workspace: string;
  pid: number;
  /** What it wrote to stderr so far. */
  log(): string;
  /** Ends it as Ctrl-C would, and answers its exit status. */
  end(): Promise<number | null>;
  /** Ends it, and removes the workspace unless it was given. */
  stop(): Promise<void>;
}

/**
 * Resolves once it listens.
 * @param workspace an existing workspace, which is then kept; a new temporary one where none is given
 * @throws Error with its stderr where it ends instead, or where nothing has been built
 */
export async function startHeadless(workspace?: string): Promise<Headless> {
  if (!existsSync(entry)) throw new Error(`${entry} is absent: run \`npm run build\` first`);
  const folder = workspace ?? (await mkdtemp(join(tmpdir(), 'pentimento-headless-')));
  const child = spawn(process.execPath, [entry, '--data-dir', folder, '--no-open'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  started.add(child);
  let log = '';
  child.stderr.on('data', (text: Buffer) => (log += String(text)));
  const exited = once(child, 'exit') as Promise<[number | null]>;
  void exited.then(() => started.delete(child));
  const line = once(createInterface(child.stdout), 'line') as Promise<[string]>;
  const url = await Promise.race([
    line.then(([address]) => address),
    exited.then(([status]) => {
      throw new Error(`the workbench ended with status ${status}:\n${log}`);
    }),
  ]);
  const end = async () => {
    child.kill('SIGTERM');
    const [status] = await exited;
    return status;
  };
  return {
    url,
    workspace: folder,
    pid: child.pid as number,
    log: () => log,
    end,
    async stop() {
      await end();
      if (workspace === undefined) await rm(folder, { recursive: true, force: true });
    },
  };
}
