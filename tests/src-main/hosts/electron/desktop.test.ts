/**
 * The desktop host against a stand-in of Electron's API, typed by Electron's own declarations. No Electron runs here:
 * what is checked is what this program asks of it, and what it answers.
 */
import { once } from 'node:events';
import { EventEmitter } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import type {
  BrowserWindowConstructorOptions,
  CustomScheme,
  MenuItemConstructorOptions,
  WebContents,
  WindowOpenHandlerResponse,
} from 'electron';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { z } from 'zod';
import { query } from '#contract/api-definition.ts';
import { commands } from '#contract/command.ts';
import type { DesktopEvent } from '#contract/desktop.ts';
import { AppError } from '#contract/errors.ts';
import type { UploadedEvidence } from '#contract/evidence.ts';
import type { TrainingRun } from '#contract/training-run.ts';
import { maxMessageBytes } from '#transport/msgpack-encoder.ts';
import { buildRouterOf } from '#features/rpc/build-router.ts';
import { mayRequest } from '#hosts/electron/app-protocol.ts';
import { RunChannel } from '#features/training/run-channel.ts';
import { DesktopLink } from '#hosts/electron/desktop-link.ts';
import { acceleratorOf } from '#hosts/electron/menu.ts';
import { DesktopState, placeOn } from '#hosts/electron/desktop-state.ts';
import { ChosenPaths } from '#hosts/electron/chosen-paths.ts';
import { fileDialogs } from '#hosts/electron/file-dialogs.ts';
import { RefusedRequests } from '#hosts/electron/refused-requests.ts';
import { runDesktop, type DesktopApp, type ElectronParts } from '#hosts/electron/desktop.ts';
import { createApiClientOf } from '#renderer/lib/api-client.ts';

const definition = { desk: { double: query(z.number(), z.number()) } };
const hash = 'a'.repeat(64);

/** What the program did to Electron. */
class Stage {
  readonly app = Object.assign(new EventEmitter(), {
    isPackaged: true,
    first: true,
    quits: 0,
    exits: [] as number[],
    requestSingleInstanceLock: () => this.app.first,
    whenReady: () => Promise.resolve(),
    quit: () => void (this.app.quits += 1),
    exit: (status: number) => void this.app.exits.push(status),
  });
  readonly ipcMain = new EventEmitter();
  /** The menu as it was shown last. */
  menu: MenuItemConstructorOptions[] = [];
  readonly Menu = {
    buildFromTemplate: (template: MenuItemConstructorOptions[]) => template,
    setApplicationMenu: (menu: MenuItemConstructorOptions[]) => void (this.menu = menu),
  };
  readonly link = new DesktopLink();
  args: string[] = [];
  platform = 'linux';
  readonly schemes: CustomScheme[] = [];
  readonly handlers = new Map<string, (request: Request) => Response | Promise<Response>>();
  readonly protocol = {
    registerSchemesAsPrivileged: (schemes: CustomScheme[]) => void this.schemes.push(...schemes),
    handle: (scheme: string, handler: (request: Request) => Response | Promise<Response>) =>
      void this.handlers.set(scheme, handler),
  };
  permission: ((contents: null, name: string, answer: (granted: boolean) => void) => void) | undefined;
  permissionCheck: ((contents: null, name: string) => boolean) | undefined;
  beforeRequest: ((details: { url: string }, answer: (a: { cancel: boolean }) => void) => void) | undefined;
  readonly session = {
    defaultSession: {
      setPermissionRequestHandler: (handler: typeof this.permission) => void (this.permission = handler),
      setPermissionCheckHandler: (handler: typeof this.permissionCheck) =>
        void (this.permissionCheck = handler),
      webRequest: {
        onBeforeRequest: (handler: typeof this.beforeRequest) => void (this.beforeRequest = handler),
      },
    },
  };
  readonly errors: string[] = [];
  readonly dialog = {
    showErrorBox: (title: string, text: string) => void this.errors.push(`${title}: ${text}`),
    showMessageBox: async ({ detail }: { detail?: string }) => {
      this.asked.push(detail ?? '');
      return { response: this.answers.shift() ?? this.answer };
    },
  };
  readonly asked: string[] = [];
  /** The number of the button that is pressed, and of those that are pressed before. */
  answer = 0;
  answers: number[] = [];
  /** Places that are chosen for diagnostics, and what was collected. */
  targets: (string | null)[] = [];
  readonly collected: [path: string, failure: unknown][] = [];
  readonly blocked: string[] = [];
  readonly powerSaveBlocker = {
    start: (type: string) => this.blocked.push(`start ${type}`),
    stop: (id: number) => void this.blocked.push(`stop ${id}`),
  };
  readonly screen = { getAllDisplays: () => [{ workArea: { x: 0, y: 0, width: 1920, height: 1080 } }] };
  readonly runs = new RunChannel();
  readonly resumed: string[] = [];
  readonly windows: (EventEmitter & {
    options: BrowserWindowConstructorOptions;
    url: string;
    focused: number;
    maximised: boolean;
  })[] = [];
  readonly BrowserWindow = windowClass(this.windows);
  readonly chosen = new ChosenPaths();
  readonly state = new DesktopState(join(folder, 'desktop.json'));
  closes = 0;

  async run(open?: () => Promise<DesktopApp>): Promise<void> {
    const program: DesktopApp = {
      router: buildRouterOf(definition, { desk: { double: (n) => n * 2 } }),
      media: {
        find: async (wanted) =>
          wanted === hash ? { path: join(folder, 'blob'), bytes: 5, contentType: 'image/png' } : null,
        tile: async () => null,
      },
      uploads: {
        takeBytes: async (caseId, name, bytes) => {
          let length = 0;
          for await (const piece of bytes) length += piece.length;
          return { item: { caseId, name, length }, duplicate: false } as unknown as UploadedEvidence;
        },
      },
      watchRuns: (signal) => this.runs.watch(undefined, async () => [], signal),
      resume: async (run) => this.resumed.push(run),
      close: async () => void (this.closes += 1),
    };
    await runDesktop(this as unknown as ElectronParts, {
      pages: join(folder, 'pages'),
      preload: '/preload.cjs',
      chosen: this.chosen,
      state: this.state,
      link: this.link,
      args: this.args,
      platform: this.platform,
      open: open ?? (async () => program),
      unopened: {
        chooseTarget: async () => ({ path: this.targets.shift() ?? null }),
        collect: async (path, failure) => {
          this.collected.push([path, failure]);
          if (path === 'there.zip') throw new AppError('invalid_input', 'there.zip is there already.');
          return { path, bytes: 1, files: [] };
        },
      },
    });
  }
  async ask(url: string, init: RequestInit = {}): Promise<Response> {
    const handler = this.handlers.get(new URL(url).protocol.slice(0, -1));
    if (!handler) throw new Error(`nothing handles ${url}`);
    return handler(new Request(url, init));
  }
  /** Posts a port as a window would; answers the near end. */
  knock(url: string, subframe = false): MessagePort {
    const { port1, port2 } = new MessageChannel();
    ports.push(port1);
    const frame = { url };
    const sender = { mainFrame: subframe ? { url: 'app://local/' } : frame };
    this.ipcMain.emit('pentimento:port', { sender, senderFrame: frame, ports: [port2] });
    return port1;
  }
}

function windowClass(windows: Stage['windows']) {
  return class extends EventEmitter {
    readonly options: BrowserWindowConstructorOptions;
    url = '';
    focused = 0;
    static getAllWindows = () => windows;
    constructor(options: BrowserWindowConstructorOptions) {
      super();
      this.options = options;
      windows.push(this);
    }
    loadURL = async (url: string) => void (this.url = url);
    isMinimized = () => false;
    focus = () => void (this.focused += 1);
    show = () => undefined;
    maximised = false;
    maximize = () => void (this.maximised = true);
    isMaximized = () => this.maximised;
    getNormalBounds = () => ({ x: 10, y: 20, width: 1000, height: 700 });
  };
}

let folder: string;
let stage: Stage;
const ports: MessagePort[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pentimento-desktop-'));
  await mkdir(join(folder, 'pages'));
  await writeFile(join(folder, 'pages', 'index.html'), '<!doctype html>');
  await writeFile(join(folder, 'secret.txt'), 'outside');
  await writeFile(join(folder, 'blob'), 'bytes');
  stage = new Stage();
});
afterEach(async () => {
  for (const port of ports.splice(0)) port.close();
  await rm(folder, { recursive: true, force: true });
});

test('the window is sealed and shows the own page', async () => {
  await stage.run();
  expect(stage.windows).toHaveLength(1);
  expect(stage.windows[0]?.url).toBe('app://local/');
  expect(stage.windows[0]?.options.webPreferences).toEqual({
    preload: '/preload.cjs',
    contextIsolation: true,
    sandbox: true,
    nodeIntegration: false,
    nodeIntegrationInWorker: false,
    nodeIntegrationInSubFrames: false,
    webSecurity: true,
    allowRunningInsecureContent: false,
    webviewTag: false,
    navigateOnDragDrop: false,
    spellcheck: false,
    devTools: false,
  });
});

test('a second instance gives way, and the first comes to the front', async () => {
  stage.app.first = false;
  await stage.run();
  expect([stage.app.quits, stage.windows.length]).toEqual([1, 0]);
  stage = new Stage();
  await stage.run();
  stage.app.emit('second-instance', {}, ['/opt/pentimento'], folder);
  expect(stage.windows[0]?.focused).toBe(1);
});

describe('a workspace that cannot be opened', () => {
  const locked = new AppError('workspace_locked', 'Held by another.');
  const fail = () => stage.run(() => Promise.reject(locked));

  test('is explained, and the program ends', async () => {
    await fail();
    expect(stage.asked).toEqual([expect.stringContaining('Held by another.\n\nClose the other program')]);
    expect([stage.app.exits, stage.windows, stage.collected]).toEqual([[1], [], []]);
  });

  test('leaves diagnostics to be collected, once a place was chosen, and says what became of them', async () => {
    stage.answers = [1, 1, 1, 0];
    stage.targets = [null, 'there.zip', 'new.zip'];
    await fail();
    expect(stage.collected).toEqual([
      ['there.zip', locked],
      ['new.zip', locked],
    ]);
    expect(stage.asked).toEqual([
      ...[expect.anything(), expect.not.stringContaining('diagnostics')],
      expect.stringMatching(/Held by another[^]*were not written\. there\.zip is there already\./),
      expect.stringMatching(/Held by another[^]*The diagnostics are in new\.zip\./),
    ]);
    expect(stage.app.exits).toEqual([1]);
  });
});

describe('calls', () => {
  const connect = (port: MessagePort) => createApiClientOf(definition, { kind: 'port', connect: () => port });

  test('pass over the port of the own page', async () => {
    await stage.run();
    const client = connect(stage.knock('app://local/'));
    expect(await client.desk.double(21)).toBe(42);
    await client.connection.close();
  });

  test.each([
    ['a foreign page', 'https://evil.example/', false],
    ['a page of another scheme host', 'app://elsewhere/', false],
    ['a blob', 'media://local/media/x', false],
    ['no page', '', false],
    ['a frame inside the own page', 'app://local/frame.html', true],
  ])('are refused to %s', async (_, url, subframe) => {
    await stage.run();
    const port = stage.knock(url, subframe);
    await once(port, 'close');
  });
});

test('an oversized message ends its port', async () => {
  await stage.run();
  const port = stage.knock('app://local/');
  port.start();
  port.postMessage(new Uint8Array(maxMessageBytes + 1));
  await once(port, 'close');
});

describe('a dropped file', () => {
  async function drop(url: string, path: unknown): Promise<unknown> {
    const frame = { url };
    const event = { sender: { mainFrame: frame }, senderFrame: frame, returnValue: undefined as unknown };
    stage.ipcMain.emit('pentimento:dropped', event, path);
    await expect.poll(() => event.returnValue).toBeDefined();
    return event.returnValue;
  }

  test('may be named from then on, and nothing else', async () => {
    await stage.run();
    const file = join(folder, 'blob');
    expect(await stage.chosen.allows(file, 'read')).toBe(false);
    expect(await drop('app://local/', file)).toBe(true);
    expect(await stage.chosen.allows(file, 'read')).toBe(true);
    expect(await stage.chosen.allows(join(folder, 'secret.txt'), 'read')).toBe(false);
  });

  test('of a foreign page, or without a path, allows nothing', async () => {
    await stage.run();
    expect(await drop('https://evil.example/', join(folder, 'secret.txt'))).toBe(false);
    expect(await drop('app://local/', { path: join(folder, 'secret.txt') })).toBe(false);
    expect(await stage.chosen.allows(join(folder, 'secret.txt'), 'read')).toBe(false);
  });
});

describe('the menu', () => {
  const items = (list = stage.menu): MenuItemConstructorOptions[] =>
    list.flatMap((item) => [item, ...(Array.isArray(item.submenu) ? items(item.submenu) : [])]);
  const item = (id: string) => items().find((one) => one.id === id);
  const choose = (id: string) => (item(id)?.click as () => void)();
  /** What a window that is open hears. */
  function heard(): DesktopEvent[] {
    const events: DesktopEvent[] = [];
    const leaving = new AbortController();
    onTestFinished(() => leaving.abort());
    void (async () => {
      for await (const event of stage.link.watch(leaving.signal)) events.push(event);
    })();
    return events;
  }

  test('holds every command of the table, and none can be chosen before a window offers it', async () => {
    await stage.run();
    for (const { id, title } of commands)
      expect(item(id), id).toMatchObject({ label: title, enabled: false });
    stage.link.offer({ commands: ['go.cases', 'case.check'], recent: [] });
    const enabled = commands.filter(({ id }) => item(id)?.enabled).map(({ id }) => id);
    expect(enabled).toEqual(['go.cases', 'case.check']);
  });

  test('has the window do what was chosen, and leaves the keys to it', async () => {
    await stage.run();
    const events = heard();
    stage.link.offer({ commands: ['case.take-in'], recent: [{ id: 'c1', name: 'Smith & Sons' }] });
    choose('case.take-in');
    choose('recent.c1');
    await expect
      .poll(() => events)
      .toEqual([
        { type: 'command', id: 'case.take-in' },
        { type: 'case', id: 'c1' },
      ]);
    expect(item('recent.c1')?.label).toBe('Smith && Sons');
    expect(item('case.take-in')).toMatchObject({ accelerator: 'T', registerAccelerator: false });
    expect(['Mod+Shift+z', 'Alt+ArrowLeft', '+', 'Escape'].map(acceleratorOf)).toEqual([
      ...['CommandOrControl+Shift+Z', 'Alt+Left', 'Plus', 'Esc'],
    ]);
  });

  test('names no keys on macOS, where they would be taken from a person who types', async () => {
    stage.platform = 'darwin';
    await stage.run();
    expect(items().filter((one) => one.accelerator)).toEqual([]);
  });

  test('offers nothing that opens the tools of developers or loads the page anew', async () => {
    await stage.run();
    const roles = items().flatMap(({ role }) => role ?? []);
    expect(roles).not.toEqual([]);
    expect(roles.filter((role) => /devtools|reload|viewMenu|about|help/i.test(role))).toEqual([]);
  });

  describe('a file that the program is opened with', () => {
    beforeEach(async () => {
      for (const name of ['case.pentimento', 'model.onnx', 'photo.jpg'])
        await writeFile(join(folder, name), 'x');
    });
    const file = (what: string, name: string) => ({ type: 'file', file: { what, path: join(folder, name) } });

    test('on its command line is asked about once its window is there, and may then be read', async () => {
      stage.args = [
        '--some-switch',
        join(folder, 'case.pentimento'),
        join(folder, 'photo.jpg'),
        'absent.onnx',
      ];
      await stage.run();
      await expect.poll(() => stage.chosen.allows(join(folder, 'case.pentimento'), 'read')).toBe(true);
      const events = heard();
      await expect.poll(() => events).toEqual([file('bundle', 'case.pentimento')]);
      expect(await stage.chosen.allows(join(folder, 'photo.jpg'), 'read')).toBe(false);
    });

    test('by a second start or by the system goes to the window that is open', async () => {
      await stage.run();
      const events = heard();
      stage.app.emit('second-instance', {}, ['/opt/pentimento', '--flag', 'model.onnx'], folder);
      await expect.poll(() => events).toEqual([file('model', 'model.onnx')]);
      let prevented = false;
      const event = { preventDefault: () => (prevented = true) };
      stage.app.emit('open-file', event, join(folder, 'case.pentimento'));
      await expect.poll(() => events.at(-1)).toEqual(file('bundle', 'case.pentimento'));
      expect(prevented).toBe(true);
    });

    test('is told to no window that has gone', async () => {
      await stage.run();
      const leaving = new AbortController();
      const gone = stage.link.watch(leaving.signal).next();
      leaving.abort();
      expect((await gone).done).toBe(true);
      stage.link.send({ type: 'case', id: 'c1' });
      const events = heard();
      await expect.poll(() => events).toEqual([{ type: 'case', id: 'c1' }]);
    });
  });
});

describe('a dialog', () => {
  const dialogs = (paths: string[]) =>
    fileDialogs(
      {
        showOpenDialog: async () => ({ canceled: paths.length === 0, filePaths: paths }),
        showSaveDialog: async () => ({ canceled: paths.length === 0, filePath: paths[0] ?? '' }),
      } as Parameters<typeof fileDialogs>[0],
      stage.chosen,
    );

  test('allows what was chosen in it: to be read, or to be written', async () => {
    const [read, written] = [join(folder, 'blob'), join(folder, 'new.zip')];
    expect(await dialogs([read]).choose({ what: 'pictures' })).toEqual({ paths: [read] });
    expect(await dialogs([written]).chooseTarget({ what: 'bundle', name: 'new.zip' })).toEqual({
      path: written,
    });
    const allowed = [read, written].map((path) =>
      Promise.all([stage.chosen.allows(path, 'read'), stage.chosen.allows(path, 'write')]),
    );
    expect(await Promise.all(allowed)).toEqual([
      [true, false],
      [false, true],
    ]);
  });

  test('in which nothing was chosen allows nothing', async () => {
    expect(await dialogs([]).choose({ what: 'folder' })).toEqual({ paths: [] });
    expect(await dialogs([]).chooseTarget({ what: 'folder', name: '' })).toEqual({ path: null });
    expect((await stage.chosen.listing()).entries).toEqual([]);
  });
});

test('refused requests are counted and logged without their paths', () => {
  const lines: string[] = [];
  const refused = new RefusedRequests((line) => lines.push(line));
  refused.note('https://evil.example/case-name?secret');
  refused.note('nonsense');
  expect(refused.count).toBe(2);
  expect(lines[0]).toBe('a request to https://evil.example was refused; 1 so far');
});

describe('what a window may not do', () => {
  function contents() {
    let open: ((details: { url: string }) => WindowOpenHandlerResponse) | undefined;
    const emitter = Object.assign(new EventEmitter(), {
      setWindowOpenHandler: (handler: typeof open) => void (open = handler),
    });
    stage.app.emit('web-contents-created', {}, emitter as unknown as WebContents);
    const prevented = (name: string, url: string) => {
      let stopped = false;
      emitter.emit(name, { url, preventDefault: () => (stopped = true) });
      return stopped;
    };
    return { prevented, open: (url: string) => open?.({ url }) };
  }

  test('leave its page, open another, or hold a webview', async () => {
    await stage.run();
    const { prevented, open } = contents();
    expect(open('https://evil.example')).toEqual({ action: 'deny' });
    expect(prevented('will-navigate', 'https://evil.example/')).toBe(true);
    expect(prevented('will-navigate', 'file:///etc/passwd')).toBe(true);
    expect(prevented('will-navigate', 'app://local.evil/')).toBe(true);
    expect(prevented('will-navigate', 'app://local/')).toBe(false);
    expect(prevented('will-redirect', 'app://local/')).toBe(true);
    expect(prevented('will-attach-webview', '')).toBe(true);
  });

  test('be granted a permission', async () => {
    await stage.run();
    for (const name of ['media', 'geolocation', 'notifications', 'clipboard-read', 'fileSystem', 'usb']) {
      let answer: boolean | undefined;
      stage.permission?.(null, name, (granted) => (answer = granted));
      expect([name, answer, stage.permissionCheck?.(null, name)]).toEqual([name, false, false]);
    }
  });

  test.each([
    'https://evil.example/',
    'http://127.0.0.1/',
    'ws://127.0.0.1/',
    'file:///etc/passwd',
    'devtools://x',
  ])('ask for %s', async (url) => {
    await stage.run();
    const told = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    onTestFinished(() => told.mockRestore());
    let cancelled: boolean | undefined;
    stage.beforeRequest?.({ url }, ({ cancel }) => (cancelled = cancel));
    expect(cancelled).toBe(true);
    expect(told.mock.calls).toEqual([[expect.stringMatching(/ was refused; 1 so far$/)]]);
    expect(mayRequest('app://local/index.html', false) && mayRequest('media://local/x', false)).toBe(true);
  });
});

describe('the schemes', () => {
  test('are registered before the application is ready, as standard and secure', async () => {
    stage.app.whenReady = async () => {
      expect(stage.schemes.map((s) => s.scheme)).toEqual(['app', 'media']);
      expect(stage.schemes.every((s) => s.privileges?.standard && s.privileges.secure)).toBe(true);
    };
    await stage.run();
  });

  test('serve pages with a strict policy, and nothing outside their folder', async () => {
    await stage.run();
    const page = await stage.ask('app://local/');
    expect([page.status, await page.text()]).toEqual([200, '<!doctype html>']);
    expect(page.headers.get('content-security-policy')).toContain("script-src 'self' 'wasm-unsafe-eval';");
    for (const path of ['..%2fsecret.txt', '%2e%2e/secret.txt', 'nothing', '%00'])
      expect((await stage.ask(`app://local/${path}`)).status).toBe(404);
    expect((await stage.ask('app://elsewhere/')).status).toBe(404);
    expect((await stage.ask('app://local/', { method: 'POST' })).status).toBe(405);
    expect((await stage.ask('app://elsewhere/evidence?case=a', { method: 'POST' })).status).toBe(404);
  });

  test('take in evidence that comes as bytes', async () => {
    await stage.run();
    const init = { method: 'POST', body: 'bytes' };
    const answer = await stage.ask('app://local/evidence?case=c1&name=a.png', init);
    expect([answer.status, await answer.json()]).toEqual([
      200,
      { item: { caseId: 'c1', name: 'a.png', length: 5 }, duplicate: false },
    ]);
    expect((await stage.ask('app://local/evidence?name=a.png', init)).status).toBe(422);
  });

  test('serve blobs to pages, whole or in part', async () => {
    await stage.run();
    const whole = await stage.ask(`media://local/media/${hash}`);
    expect([whole.status, whole.headers.get('content-type'), await whole.text()]).toEqual([
      200,
      'image/png',
      'bytes',
    ]);
    expect(whole.headers.get('access-control-allow-origin')).toBe('app://local');
    const part = await stage.ask(`media://local/media/${hash}`, { headers: { range: 'bytes=1-2' } });
    expect([part.status, await part.text()]).toEqual([206, 'yt']);
    const beyond = await stage.ask(`media://local/media/${hash}`, { headers: { range: 'bytes=5-' } });
    expect([beyond.status, beyond.headers.get('content-range')]).toEqual([416, 'bytes */5']);
    expect((await stage.ask(`media://elsewhere/media/${hash}`)).status).toBe(404);
    expect((await stage.ask(`media://local/media/${hash}`, { method: 'POST' })).status).toBe(405);
    expect((await stage.ask(`media://local/media/${'b'.repeat(64)}`)).status).toBe(404);
    expect((await stage.ask('media://local/media/..%2fsecret.txt')).status).toBe(404);
  });
});

test('quitting ends the work at a safe point first, once', async () => {
  await stage.run();
  let prevented = 0;
  const quit = () => stage.app.emit('before-quit', { preventDefault: () => (prevented += 1) });
  quit();
  quit();
  await expect.poll(() => stage.app.quits).toBe(1);
  expect([stage.closes, prevented]).toEqual([1, 2]);
  quit();
  expect(prevented, 'the second time it may go').toBe(2);
});

describe('while a run goes on', () => {
  const run = (state: 'running' | 'done') =>
    stage.runs.publish({
      type: 'run',
      run: { id: 'run-1', state, datasetName: 'The set' } as unknown as TrainingRun,
    });
  const quit = () => stage.app.emit('before-quit', { preventDefault: () => undefined });
  beforeEach(async () => {
    await stage.run();
    await expect
      .poll(() => {
        run('running');
        return stage.blocked;
      })
      .toEqual(['start prevent-app-suspension']);
  });

  test('the machine is kept awake, and no longer', async () => {
    run('done');
    await expect.poll(() => stage.blocked).toEqual(['start prevent-app-suspension', 'stop 1']);
  });

  test('quitting asks; whoever thinks better of it goes on, and is asked again the next time', async () => {
    stage.answer = 1;
    quit();
    await expect.poll(() => stage.asked).toEqual([expect.stringContaining('The set')]);
    expect([stage.closes, stage.app.quits]).toEqual([0, 0]);
    stage.answer = 0;
    await expect
      .poll(() => {
        quit();
        return stage.app.quits;
      })
      .toBe(1);
    expect(stage.closes).toBe(1);
  });

  test('quitting all the same remembers the run, and the next start takes it up, once', async () => {
    quit();
    await expect.poll(() => stage.app.quits).toBe(1);
    for (const expected of [['run-1'], []]) {
      stage = new Stage();
      await stage.run();
      expect(stage.resumed).toEqual(expected);
    }
  });

  test('a window that was closed before comes back where the person goes on', async () => {
    stage.windows.length = 0;
    stage.answer = 1;
    quit();
    await expect.poll(() => stage.windows.length).toBe(1);
  });
});

test('the window comes back where it was, unless that screen is gone', async () => {
  await stage.run();
  stage.windows[0]!.maximised = true;
  stage.windows[0]!.emit('close');
  stage = new Stage();
  await stage.run();
  expect(stage.windows[0]?.options).toMatchObject({ x: 10, y: 20, width: 1000, height: 700 });
  expect(stage.windows[0]?.maximised).toBe(true);
  expect(placeOn([{ x: 5000, y: 0, width: 800, height: 600 }], stage.state.get().window)).toBeNull();
  await writeFile(join(folder, 'desktop.json'), '{ damaged');
  expect(new DesktopState(join(folder, 'desktop.json')).get()).toEqual({ window: null, resume: [] });
});

describe('a crash', () => {
  test('of the window is shown, and the window comes back', async () => {
    await stage.run();
    let reloads = 0;
    const contents = { isDestroyed: () => false, reload: () => (reloads += 1) };
    stage.app.emit('render-process-gone', {}, contents, { reason: 'clean-exit', exitCode: 0 });
    stage.app.emit('render-process-gone', {}, contents, { reason: 'crashed', exitCode: 5 });
    await expect.poll(() => reloads).toBe(1);
    expect(stage.asked).toEqual([expect.stringContaining('crashed')]);
    stage.answer = 1;
    stage.app.emit('render-process-gone', {}, contents, { reason: 'oom', exitCode: 5 });
    await expect.poll(() => stage.app.quits).toBe(1);
  });

  test('of another process is shown; that of a worker is told by what it worked for', async () => {
    await stage.run();
    const gone = (type: string, reason: string) =>
      stage.app.emit('child-process-gone', {}, { type, reason, exitCode: 5 });
    gone('GPU', 'crashed');
    gone('GPU', 'killed');
    gone('Utility', 'crashed');
    expect(stage.errors).toEqual([expect.stringContaining('GPU: crashed (5)')]);
  });
});

test('closing the last window quits', async () => {
  await stage.run();
  stage.app.emit('window-all-closed');
  expect(stage.app.quits).toBe(1);
});
