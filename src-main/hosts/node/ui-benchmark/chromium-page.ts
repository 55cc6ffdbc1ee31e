/**
 * A Chromium of this machine with one page, spoken to in its DevTools protocol: what `bench ui` needs and no more. It is started
 * with a profile of its own and without a way to the network.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import WebSocket from 'ws';
import { z } from 'zod';
import { AppError } from '#contract/errors.ts';
import { findChromium } from '../find-chromium.ts';

const answer = z.object({
  id: z.number().optional(),
  method: z.string().optional(),
  sessionId: z.string().optional(),
  result: z.record(z.string(), z.unknown()).optional(),
  error: z.object({ message: z.string() }).optional(),
});
const evaluated = z.object({
  result: z.object({ value: z.unknown() }),
  exceptionDetails: z
    .object({ text: z.string(), exception: z.object({ description: z.string().optional() }).optional() })
    .optional(),
});
type Waiting = { resolve: (result: Record<string, unknown>) => void; reject: (error: Error) => void };

const startMs = 60_000;
const argumentsFor = (profile: string, { width, height }: { width: number; height: number }): string[] => [
  '--headless=new',
  // Its sandbox does not work for root.
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
  ...['--no-first-run', '--disable-extensions', '--disable-dev-shm-usage', '--disable-sync'],
  ...['--disable-background-networking', '--disable-component-update', '--hide-scrollbars'],
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
  `--user-data-dir=${profile}`,
  `--window-size=${width},${height}`,
  '--remote-debugging-port=0',
  'about:blank',
];

export class ChromiumPage {
  readonly #child: ChildProcess;
  readonly #socket: WebSocket;
  readonly #profile: string;
  readonly #waiting = new Map<number, Waiting>();
  #last = 0;
  #ended = false;
  #session = '';

  private constructor(child: ChildProcess, socket: WebSocket, profile: string) {
    this.#child = child;
    this.#socket = socket;
    this.#profile = profile;
    socket.on('message', (data) => this.#receive(String(data)));
    socket.on('close', () => this.#end());
    socket.on('error', () => undefined); // `close` follows
  }

  /** @throws AppError `chromium_missing`, `internal` where it does not start */
  static async open(size: { width: number; height: number }): Promise<ChromiumPage> {
    const executable = findChromium();
    const profile = await mkdtemp(join(tmpdir(), 'pentimento-chromium-'));
    const child = spawn(executable, argumentsFor(profile, size), { stdio: ['ignore', 'ignore', 'pipe'] });
    try {
      const socket = new WebSocket(await addressOf(child), { perMessageDeflate: false });
      await once(socket, 'open');
      const page = new ChromiumPage(child, socket, profile);
      await page.#attach(size);
      return page;
    } catch (cause) {
      child.kill('SIGKILL');
      await rm(profile, { recursive: true, force: true, maxRetries: 5 });
      throw AppError.from(cause);
    }
  }

  /** One command of the protocol, to the page. */
  send(method: string, params: Record<string, unknown> = {}): Promise<Record<string, unknown>> {
    return this.#command(method, params, { sessionId: this.#session });
  }

  /** One command to the browser itself. */
  browser(method: string, params: Record<string, unknown> = {}): Promise<Record<string, unknown>> {
    return this.#command(method, params, {});
  }

  #command(
    method: string,
    params: Record<string, unknown>,
    session: { sessionId?: string },
  ): Promise<Record<string, unknown>> {
    const id = ++this.#last;
    const { promise, resolve, reject } = Promise.withResolvers<Record<string, unknown>>();
    if (this.#ended) return Promise.reject(ended());
    this.#waiting.set(id, { resolve, reject });
    this.#socket.send(JSON.stringify({ id, method, params, ...session }));
    return promise;
  }

  /** The value of an expression in the page; a promise is waited for. @throws AppError with what the page threw */
  async evaluate<T>(expression: string, schema: z.ZodType<T>): Promise<T> {
    const raw = await this.send('Runtime.evaluate', { expression, awaitPromise: true, returnByValue: true });
    const { result, exceptionDetails } = evaluated.parse(raw);
    if (exceptionDetails)
      throw new AppError(
        'internal',
        `The page failed: ${exceptionDetails.exception?.description ?? exceptionDetails.text}`,
      );
    return schema.parse(result.value);
  }

  /** Presses and releases a key that types a character. */
  async press(key: string): Promise<void> {
    await this.send('Input.dispatchKeyEvent', { type: 'keyDown', key, text: key });
    await this.send('Input.dispatchKeyEvent', { type: 'keyUp', key });
  }

  async close(): Promise<void> {
    // Where the executable is a script that starts the browser, killing it would not reach that.
    const exited = once(this.#child, 'exit');
    const running = this.#child.exitCode === null && this.#child.signalCode === null;
    await this.browser('Browser.close').catch(() => undefined);
    if (running) await exited;
    this.#socket.terminate();
    await rm(this.#profile, { recursive: true, force: true, maxRetries: 5 });
  }

  async #attach({ width, height }: { width: number; height: number }): Promise<void> {
    const { targetInfos } = z
      .object({ targetInfos: z.array(z.object({ targetId: z.string(), type: z.string() })) })
      .parse(await this.browser('Target.getTargets'));
    const page = targetInfos.find(({ type }) => type === 'page');
    const attached = await this.browser('Target.attachToTarget', { targetId: page?.targetId, flatten: true });
    this.#session = z.object({ sessionId: z.string() }).parse(attached).sessionId;
    await this.send('Page.enable');
    await this.send('Emulation.setDeviceMetricsOverride', {
      width,
      height,
      deviceScaleFactor: 1,
      mobile: false,
    });
  }

  #receive(text: string): void {
    const { id, result, error } = answer.parse(JSON.parse(text));
    const waiting = id === undefined ? undefined : this.#waiting.get(id);
    if (id === undefined || !waiting) return; // an event
    this.#waiting.delete(id);
    if (error) waiting.reject(new AppError('internal', `Chromium refused: ${error.message}`));
    else waiting.resolve(result ?? {});
  }

  #end(): void {
    this.#ended = true;
    for (const { reject } of this.#waiting.values()) reject(ended());
    this.#waiting.clear();
  }
}

const ended = (): AppError => new AppError('internal', 'Chromium has ended.');

/** Where it listens, which it says on stderr. */
async function addressOf(child: ChildProcess): Promise<string> {
  let said = '';
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const failed = (why: string) => reject(new AppError('internal', `Chromium did not start: ${why}`));
  const timer = setTimeout(() => failed(`it said nothing for ${startMs / 1000} s`), startMs);
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-50_000);
    const [, address] = /DevTools listening on (ws:\S+)/.exec(said) ?? [];
    if (address) resolve(address);
  });
  child.once('error', (error) => failed(error.message));
  child.once('exit', () => failed(said.trim().split('\n').at(-1) ?? 'it said nothing'));
  try {
    return await promise;
  } finally {
    clearTimeout(timer);
  }
}
