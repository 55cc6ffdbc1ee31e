/** What windows may not do: leave their page, open others, ask for permissions, reach the network. */
import type { Session, WebContents, WebPreferences } from 'electron';
import { mayRequest, pageOrigin } from './app-protocol.ts';
import type { RefusedRequests } from './refused-requests.ts';

/** Preferences of every window. */
export const sealedPreferences = (preload: string, development: boolean): WebPreferences => ({
  preload,
  contextIsolation: true,
  sandbox: true,
  nodeIntegration: false,
  nodeIntegrationInWorker: false,
  nodeIntegrationInSubFrames: false,
  webSecurity: true,
  allowRunningInsecureContent: false,
  webviewTag: false,
  navigateOnDragDrop: false,
  spellcheck: false, // dictionaries would be fetched
  devTools: development,
});

/** Refuses every permission and every request beyond the program's own schemes, of which `refused` is told. */
export function sealSession(
  session: Pick<Session, 'setPermissionRequestHandler' | 'setPermissionCheckHandler'> & {
    webRequest: Pick<Session['webRequest'], 'onBeforeRequest'>;
  },
  development: boolean,
  refused: RefusedRequests,
): void {
  session.setPermissionRequestHandler((_, permission, answer) =>
    answer(permission === 'clipboard-sanitized-write'),
  );
  session.setPermissionCheckHandler((_, permission) => permission === 'clipboard-sanitized-write');
  session.webRequest.onBeforeRequest((details, answer) => {
    const cancel = !mayRequest(details.url, development);
    if (cancel) refused.note(details.url);
    answer({ cancel });
  });
}

/** Keeps a window on the program's own page. */
export function sealContents(contents: WebContents): void {
  contents.setWindowOpenHandler(() => ({ action: 'deny' }));
  contents.on('will-navigate', (event) => {
    if (!isOwnPage(event.url)) event.preventDefault();
  });
  contents.on('will-redirect', (event) => event.preventDefault());
  contents.on('will-attach-webview', (event) => event.preventDefault());
}

/** Whether the address is a page of the program. */
export function isOwnPage(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, host } = new URL(url);
  return `${protocol}//${host}` === pageOrigin;
}
