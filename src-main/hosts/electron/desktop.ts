/**
 * The desktop application, written against the parts of Electron's API that it is given, so that it can be run against
 * a stand-in. It wires; whatever a window asks for goes through the router.
 */
import type {
  app,
  BrowserWindow,
  dialog,
  ipcMain,
  IpcMainEvent,
  Menu,
  powerSaveBlocker,
  protocol,
  screen,
  session,
} from 'electron';
import type { AnyTRPCRouter } from '@trpc/server';
import type { MenuOffer } from '#contract/desktop.ts';
import type { RunEvent } from '#contract/training-run.ts';
import { servePort } from '#features/rpc/serve-router.ts';
import type { AnyPort } from '#transport/port-socket.ts';
import type { MediaSource } from '../content/media.ts';
import type { UploadTarget } from '../content/upload.ts';
import { handleSchemes, pageOrigin, registerSchemes } from './app-protocol.ts';
import type { ChosenPaths } from './chosen-paths.ts';
import { surviveCrashes } from './crashes.ts';
import type { DesktopLink } from './desktop-link.ts';
import { placeOn, type DesktopState } from './desktop-state.ts';
import { isOwnPage, sealContents, sealedPreferences, sealSession } from './guards.ts';
import { menuTemplate } from './menu.ts';
import { filesAmong, openFiles } from './opened-files.ts';
import { RefusedRequests } from './refused-requests.ts';
import { RunWatch } from './run-watch.ts';
import { explainUnopened, type UnopenedParts } from './unopened.ts';

export interface ElectronParts {
  app: typeof app;
  BrowserWindow: typeof BrowserWindow;
  dialog: Pick<typeof dialog, 'showErrorBox' | 'showMessageBox'>;
  ipcMain: Pick<typeof ipcMain, 'on'>;
  Menu: Pick<typeof Menu, 'buildFromTemplate' | 'setApplicationMenu'>;
  protocol: Pick<typeof protocol, 'registerSchemesAsPrivileged' | 'handle'>;
  powerSaveBlocker: Pick<typeof powerSaveBlocker, 'start' | 'stop'>;
  screen: Pick<typeof screen, 'getAllDisplays'>;
  session: Pick<typeof session, 'defaultSession'>;
}
/** The part of the program that a window needs. */
export interface DesktopApp {
  router: AnyTRPCRouter;
  media: MediaSource;
  uploads: UploadTarget;
  /** Training runs as they are, then every change, until `signal` is aborted. */
  watchRuns(signal: AbortSignal): AsyncIterable<RunEvent>;
  /** Takes up a run that was interrupted. */
  resume(run: string): Promise<unknown>;
  /** Ends the program's work at a safe point: a run in progress writes a checkpoint. */
  close(): Promise<void>;
}
export interface DesktopOptions {
  pages: string;
  preload: string;
  chosen: ChosenPaths;
  state: DesktopState;
  link: DesktopLink;
  /** What the program was started with, without itself. */
  args: readonly string[];
  /** As `process.platform`. */
  platform: string;
  /** Opens the workspace; called once the application is ready. */
  open: () => Promise<DesktopApp>;
  /** What is offered where it cannot be opened. */
  unopened: Omit<UnopenedParts, 'dialog'>;
}

/** Whether a message comes from the main frame of a window of ours, showing a page of ours. */
export function isTrustedSender(event: Pick<IpcMainEvent, 'sender' | 'senderFrame'>): boolean {
  const { sender, senderFrame } = event;
  return senderFrame !== null && senderFrame === sender.mainFrame && isOwnPage(senderFrame.url);
}

/** Runs the application until it quits. Resolves when its window is up, or when it had to give way. */
export async function runDesktop(electron: ElectronParts, options: DesktopOptions): Promise<void> {
  const { app, BrowserWindow, dialog, ipcMain, protocol, session } = electron;
  const { link, state } = options;
  const open = (paths: readonly string[]) => void openFiles(paths, options);
  if (!app.requestSingleInstanceLock()) return app.quit();
  const development = !app.isPackaged;
  registerSchemes(protocol);

  let desktop: DesktopApp | undefined;
  let closing: Promise<void> | undefined;
  let closed = false;
  const watching = new AbortController();
  const runs = new RunWatch(electron.powerSaveBlocker);

  app.on('web-contents-created', (_, contents) => sealContents(contents));
  surviveCrashes({ app, dialog });
  app.on('window-all-closed', () => app.quit());
  app.on('second-instance', (_, args, folder) => {
    const [window] = BrowserWindow.getAllWindows();
    if (window?.isMinimized()) window.restore();
    window?.focus();
    open(filesAmong(args.slice(1), folder));
  });
  app.on('open-file', (event, path) => {
    event.preventDefault();
    open([path]);
  });
  app.on('before-quit', (event) => {
    if (closed || !desktop) return;
    event.preventDefault();
    closing ??= quit(desktop);
  });
  ipcMain.on('pentimento:port', (event) => {
    const [port] = event.ports;
    if (!port) return;
    if (desktop && isTrustedSender(event)) servePort(desktop.router, port as unknown as AnyPort);
    else port.close();
  });

  ipcMain.on('pentimento:dropped', (event, path: unknown) => {
    const known = isTrustedSender(event) && typeof path === 'string';
    const allowed = known ? options.chosen.allow(path, 'read') : Promise.resolve();
    void allowed.finally(() => (event.returnValue = known)); // the preload waits for it
  });

  /** Asks first where a run goes on; resolves when the program may quit, or when the person thought better of it. */
  async function quit(program: DesktopApp): Promise<void> {
    if (runs.active.length > 0 && !(await mayInterrupt(dialog, runs.active))) {
      closing = undefined;
      if (BrowserWindow.getAllWindows().length === 0) await openWindow();
      return;
    }
    state.set({ resume: runs.active.map(({ id }) => id) });
    watching.abort();
    await program.close().catch((error: unknown) => console.error('closing failed:', error));
    closed = true;
    app.quit();
  }

  async function openWindow(): Promise<void> {
    const screens = electron.screen.getAllDisplays().map(({ workArea }) => workArea);
    const remembered = state.get().window;
    const window = new BrowserWindow({
      title: 'Pentimento',
      width: 1440,
      height: 900,
      ...placeOn(screens, remembered),
      minWidth: 960,
      minHeight: 600,
      show: false,
      backgroundColor: '#16181b',
      webPreferences: sealedPreferences(options.preload, development),
    });
    if (remembered?.maximised) window.maximize();
    window.on('close', () =>
      state.set({ window: { ...window.getNormalBounds(), maximised: window.isMaximized() } }),
    );
    window.once('ready-to-show', () => window.show());
    await window.loadURL(`${pageOrigin}/`);
  }

  const showMenu = (offer: MenuOffer): void =>
    electron.Menu.setApplicationMenu(
      electron.Menu.buildFromTemplate(menuTemplate(offer, (event) => link.send(event), options.platform)),
    );

  await app.whenReady();
  const refused = new RefusedRequests((line) => console.error(line));
  sealSession(session.defaultSession, development, refused);
  try {
    desktop = await options.open();
  } catch (error) {
    console.error('the workspace was not opened:', error);
    await explainUnopened({ dialog, ...options.unopened }, error);
    return app.exit(1);
  }
  link.onOffer = showMenu;
  showMenu({ commands: [], recent: [] });
  open(filesAmong(options.args, process.cwd()));
  handleSchemes(protocol, { pages: options.pages, media: desktop.media, uploads: desktop.uploads });
  runs
    .follow(desktop.watchRuns(watching.signal))
    .catch((error: unknown) => console.error('runs cannot be followed:', error));
  await resumeRuns(desktop, state);
  await openWindow();
}

/** Takes up what quitting interrupted. A run that cannot go on says why by itself. */
async function resumeRuns(program: DesktopApp, state: DesktopState): Promise<void> {
  const { resume } = state.get();
  if (resume.length > 0) state.set({ resume: [] });
  for (const run of resume)
    await program.resume(run).catch((error: unknown) => console.error(`run ${run} was not taken up:`, error));
}

async function mayInterrupt(
  box: ElectronParts['dialog'],
  active: readonly { name: string }[],
): Promise<boolean> {
  const { response } = await box.showMessageBox({
    type: 'question',
    message: 'A training run goes on.',
    detail: `${active.map(({ name }) => name).join(', ')}. It writes a checkpoint, and goes on from it at the next start.`,
    buttons: ['Stop it and quit', 'Go on working'],
    defaultId: 1,
    cancelId: 1,
  });
  return response === 0;
}
