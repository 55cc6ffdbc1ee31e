/**
 * The desktop application, written against the parts of Electron's API that it is given, so that it can be run against
 * a stand-in. It wires; whatever a window asks for goes through the router.
 */
import type { app, BrowserWindow, dialog, ipcMain, IpcMainEvent, protocol, session } from 'electron';
import type { AnyTRPCRouter } from '@trpc/server';
import { AppError } from '#contract/errors.ts';
import { servePort } from '#features/rpc/serve-router.ts';
import type { AnyPort } from '#transport/port-socket.ts';
import type { MediaSource } from '../content/media.ts';
import type { UploadTarget } from '../content/upload.ts';
import { handleSchemes, pageOrigin, registerSchemes } from './app-protocol.ts';
import type { ChosenPaths } from './chosen-paths.ts';
import { isOwnPage, sealContents, sealedPreferences, sealSession } from './guards.ts';
import { RefusedRequests } from './refused-requests.ts';

export interface ElectronParts {
  app: typeof app;
  BrowserWindow: typeof BrowserWindow;
  dialog: Pick<typeof dialog, 'showErrorBox'>;
  ipcMain: Pick<typeof ipcMain, 'on'>;
  protocol: Pick<typeof protocol, 'registerSchemesAsPrivileged' | 'handle'>;
  session: Pick<typeof session, 'defaultSession'>;
}
/** The part of the program that a window needs. */
export interface DesktopApp {
  router: AnyTRPCRouter;
  media: MediaSource;
  uploads: UploadTarget;
  /** Ends the program's work at a safe point: a run in progress writes a checkpoint. */
  close(): Promise<void>;
}
export interface DesktopOptions {
  pages: string;
  preload: string;
  chosen: ChosenPaths;
  /** Opens the workspace; called once the application is ready. */
  open: () => Promise<DesktopApp>;
}

/** Whether a message comes from the main frame of a window of ours, showing a page of ours. */
export function isTrustedSender(event: Pick<IpcMainEvent, 'sender' | 'senderFrame'>): boolean {
  const { sender, senderFrame } = event;
  return senderFrame !== null && senderFrame === sender.mainFrame && isOwnPage(senderFrame.url);
}

/** Runs the application until it quits. Resolves when its window is up, or when it had to give way. */
export async function runDesktop(electron: ElectronParts, options: DesktopOptions): Promise<void> {
  const { app, BrowserWindow, dialog, ipcMain, protocol, session } = electron;
  if (!app.requestSingleInstanceLock()) return app.quit();
  const development = !app.isPackaged;
  registerSchemes(protocol);

  let desktop: DesktopApp | undefined;
  let closing: Promise<void> | undefined;
  let closed = false;

  app.on('web-contents-created', (_, contents) => sealContents(contents));
  app.on('window-all-closed', () => app.quit());
  app.on('second-instance', () => {
    const [window] = BrowserWindow.getAllWindows();
    if (window?.isMinimized()) window.restore();
    window?.focus();
  });
  app.on('before-quit', (event) => {
    if (closed || !desktop) return;
    event.preventDefault();
    closing ??= desktop
      .close()
      .catch((error: unknown) => console.error('closing failed:', error))
      .then(() => {
        closed = true;
        app.quit();
      });
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

  await app.whenReady();
  const refused = new RefusedRequests((line) => console.error(line));
  sealSession(session.defaultSession, development, refused);
  try {
    desktop = await options.open();
  } catch (error) {
    const { message, hint } = AppError.from(error);
    dialog.showErrorBox('Pentimento cannot open its workspace', `${message}\n\n${hint}`);
    return app.exit(1);
  }
  handleSchemes(protocol, { pages: options.pages, media: desktop.media, uploads: desktop.uploads });
  const window = new BrowserWindow({
    title: 'Pentimento',
    width: 1440,
    height: 900,
    minWidth: 960,
    minHeight: 600,
    show: false,
    autoHideMenuBar: true,
    backgroundColor: '#16181b',
    webPreferences: sealedPreferences(options.preload, development),
  });
  window.once('ready-to-show', () => window.show());
  await window.loadURL(`${pageOrigin}/`);
}
