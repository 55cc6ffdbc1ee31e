/** Printing in Electron against a stand-in of its API: what it is asked to do, and that nothing of it stays behind. */
import type { BrowserWindowConstructorOptions, PrintToPDFOptions } from 'electron';
import { expect, test } from 'vitest';
import { reportPrinter, type PrintingParts } from '#hosts/electron/report-printer.ts';
import { failureOf } from '#tests/support/app-error.ts';

type Ask = (details: { url: string }, answer: (given: { cancel: boolean }) => void) => void;

function stage(load: (url: string) => Promise<void> = async () => undefined) {
  const seen = {
    partitions: [] as string[],
    options: [] as BrowserWindowConstructorOptions[],
    urls: [] as string[],
    printed: [] as PrintToPDFOptions[],
    alive: 0,
    ask: undefined as Ask | undefined,
    permission: undefined as
      ((contents: null, name: string, answer: (granted: boolean) => void) => void) | undefined,
  };
  class Window {
    #destroyed = false;
    readonly webContents = {
      printToPDF: async (options: PrintToPDFOptions) => {
        seen.printed.push(options);
        return Buffer.from('%PDF-1.7');
      },
    };
    constructor(options: BrowserWindowConstructorOptions) {
      seen.options.push(options);
      seen.alive++;
    }
    async loadURL(url: string): Promise<void> {
      seen.urls.push(url);
      await load(url);
    }
    isDestroyed = () => this.#destroyed;
    destroy(): void {
      if (!this.#destroyed) seen.alive--;
      this.#destroyed = true;
    }
  }
  const session = {
    fromPartition: (name: string) => {
      seen.partitions.push(name);
      return {
        setPermissionRequestHandler: (handler: typeof seen.permission) => void (seen.permission = handler),
        webRequest: { onBeforeRequest: (handler: Ask) => void (seen.ask = handler) },
      };
    },
  };
  const parts = { BrowserWindow: Window, session } as unknown as PrintingParts;
  return { seen, printer: reportPrinter(parts) };
}
const signal = () => new AbortController().signal;

test('a report is printed by its own style in a hidden, sealed window that is gone afterwards', async () => {
  const { seen, printer } = stage();
  const bytes = await printer.print('/tmp/a b.html', { signal: signal() });
  expect(Buffer.from(bytes).toString()).toBe('%PDF-1.7');
  expect(seen.urls).toEqual(['file:///tmp/a%20b.html']);
  expect(seen.printed).toMatchObject([{ preferCSSPageSize: true, printBackground: true }]);
  expect(seen.options).toMatchObject([
    {
      show: false,
      webPreferences: {
        sandbox: true,
        contextIsolation: true,
        nodeIntegration: false,
        webSecurity: true,
        devTools: false,
      },
    },
  ]);
  expect(seen.options[0]!.webPreferences).not.toHaveProperty('preload');
  // Without `persist:` a partition is kept in memory.
  expect(seen.partitions[0]).toMatch(/^report-/);
  expect(seen.alive).toBe(0);
});

test('its session loads the file and what is inside it, and grants nothing', async () => {
  const { seen, printer } = stage();
  await printer.print('/tmp/a.html', { signal: signal() });
  const cancelled = (url: string): boolean => {
    let answer = false;
    seen.ask!({ url }, ({ cancel }) => (answer = cancel));
    return answer;
  };
  expect(['file:///tmp/a.html', 'data:image/png;base64,AA'].map(cancelled)).toEqual([false, false]);
  const refused = [
    'file:///etc/passwd',
    'file:///tmp/b.html',
    'https://example.org/',
    'app://local/',
    'media://local/',
  ];
  for (const url of refused) expect(cancelled(url), url).toBe(true);
  seen.permission!(null, 'clipboard-read', (granted) => expect(granted).toBe(false));
});

test('a window that cannot load, and a printing that is stopped, leave no window', async () => {
  const broken = stage(() => Promise.reject(new Error('ERR_FAILED')));
  const failure = await failureOf(broken.printer.print('/tmp/a.html', { signal: signal() }));
  expect(failure).toMatchObject({
    code: 'report_not_printed',
    message: expect.stringContaining('ERR_FAILED'),
  });
  expect(broken.seen.alive).toBe(0);
  const controller = new AbortController();
  const stopped = stage(async () => {
    controller.abort();
    throw new Error('Object has been destroyed');
  });
  expect((await failureOf(stopped.printer.print('/tmp/a.html', { signal: controller.signal }))).code).toBe(
    'cancelled',
  );
  expect(stopped.seen.alive).toBe(0);
});
