/**
 * The packaged program: where it lies, whether it can run here, and how it is driven. Its fuses turn the inspector of Node
 * off, by which Playwright starts Electron; it is started with Chromium's own `--remote-debugging-port` instead, of which no
 * code of the program knows, and is attached to over the loopback. Its data go to a folder of their own.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync, readSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { chromium, type Browser, type Page } from 'playwright-core';

const dist = resolve(import.meta.dirname, '../../dist');
const places: Partial<Record<NodeJS.Platform, string[]>> = {
  linux: ['linux-unpacked/pentimento', 'linux-arm64-unpacked/pentimento'],
  win32: ['win-unpacked/Pentimento.exe', 'win-arm64-unpacked/Pentimento.exe'],
  darwin: ['mac', 'mac-arm64', 'mac-universal'].map(
    (folder) => `${folder}/Pentimento.app/Contents/MacOS/Pentimento`,
  ),
};

/** The one that `npm run package` packed, or null. */
export const findProgram = (): string | null =>
  (places[process.platform] ?? []).map((place) => join(dist, place)).find((path) => existsSync(path)) ?? null;

/** How executables of Linux, Windows and macOS begin. */
const beginnings = ['7f454c46', '4d5a', 'cffaedfe', 'cafebabe'];

function isExecutable(path: string): boolean {
  const head = Buffer.alloc(4);
  const file = openSync(path, 'r');
  try {
    readSync(file, head, 0, 4, 0);
  } finally {
    closeSync(file);
  }
  return beginnings.some((beginning) => head.toString('hex').startsWith(beginning));
}

/** Why the program cannot be run on this machine, in a sentence; null where it can be tried. */
export function obstacle(program: string | null, env: NodeJS.ProcessEnv = process.env): string | null {
  if (program === null || !existsSync(program))
    return 'There is no packaged program: `npm run package` packs one where the runtime of Electron can be had.';
  if (!isExecutable(program))
    return "The packaged program holds a stand-in for Electron's runtime, which shows no window.";
  if (process.platform === 'linux' && !env['DISPLAY'] && !env['WAYLAND_DISPLAY'])
    return 'This machine has no display, so that no window can be opened.';
  return null;
}

export interface RunningProgram {
  page: Page;
  /** Closes its window, and answers with the exit status of the program. */
  quit(): Promise<number | null>;
  /** Ends it at once. */
  kill(): Promise<void>;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** @param home an empty folder, or one of an earlier start, which the program takes for the person's own */
export async function startProgram(program: string, home: string): Promise<RunningProgram> {
  const port = await freePort();
  const places = { HOME: home, APPDATA: home, XDG_DATA_HOME: home, XDG_CONFIG_HOME: home };
  const child = spawn(program, [`--remote-debugging-port=${port}`], {
    stdio: 'ignore',
    env: { ...process.env, ...places },
  });
  const ended = once(child, 'exit') as Promise<[number | null]>;
  const started = await attach(port, ended).catch(async (cause: unknown) => {
    child.kill('SIGKILL');
    throw cause;
  });
  return {
    page: started.page,
    async quit() {
      await started.page.close();
      const [status] = await ended;
      return status;
    },
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** Waits until the program listens and shows its page. */
async function attach(
  port: number,
  ended: Promise<[number | null]>,
): Promise<{ browser: Browser; page: Page }> {
  const tries = async (): Promise<{ browser: Browser; page: Page }> => {
    for (let attempt = 0; ; attempt++) {
      try {
        const browser = await chromium.connectOverCDP(`http://127.0.0.1:${port}`);
        const [context] = browser.contexts();
        const page = context?.pages()[0] ?? (await context?.waitForEvent('page'));
        if (page) return { browser, page };
      } catch (cause) {
        if (attempt >= 60) throw cause;
      }
      await new Promise((resume) => setTimeout(resume, 1000));
    }
  };
  const end = ended.then(([status]) => {
    throw new Error(`The program ended with status ${status} before it showed a window.`);
  });
  return Promise.race([tries(), end]);
}
