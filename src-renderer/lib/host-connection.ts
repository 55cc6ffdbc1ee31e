/**
 * How this page reaches its host: over a message port inside Electron, over a WebSocket of its own origin otherwise.
 * The page is told the start's token in the address' fragment, which no server and no log ever sees.
 */
import { AppError } from '#contract/errors.ts';
import type { Transport } from './api-client.ts';

const tokenKey = 'pentimento-token';
const inElectron = (): boolean => location.protocol === 'app:';
/** Whether the host can have the person choose in dialogs of the operating system. */
export const hasDialogs = inElectron;

/** Takes the token out of the address, so that it cannot be copied along with it, and keeps it for reloads. */
function takeToken(): string {
  const token = new URLSearchParams(location.hash.slice(1)).get('token');
  if (token !== null) {
    sessionStorage.setItem(tokenKey, token);
    history.replaceState(null, '', location.pathname + location.search);
  }
  return token ?? sessionStorage.getItem(tokenKey) ?? '';
}

/** The token of this start, for requests that carry bytes. */
export const sessionToken = (): string => sessionStorage.getItem(tokenKey) ?? '';

/** Where a dropped file lies on this machine; null in a browser, which does not tell. */
export const pathOfFile = (file: File): string | null =>
  (globalThis as { pentimento?: { pathOfFile(file: File): string } }).pentimento?.pathOfFile(file) || null;

/** The near end of a fresh channel; the preload hands its far end to the main process. */
function openPort(): MessagePort {
  const channel = new MessageChannel();
  window.postMessage('pentimento:port', location.origin, [channel.port2]);
  return channel.port1;
}

/**
 * Presents the token to the host, which answers with a cookie for pictures, and says how to call it.
 * @throws AppError `unauthorised` where the address holds no token or an old one.
 */
export async function reachHost(): Promise<Transport> {
  if (inElectron()) return { kind: 'port', connect: openPort };
  const token = takeToken();
  const answer = await fetch('/session', { method: 'POST', headers: { authorization: `Bearer ${token}` } });
  if (!answer.ok)
    throw new AppError('unauthorised', 'This page was opened without the token of the running workbench.');
  const url = `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/rpc`;
  return { kind: 'websocket', url, protocols: ['pentimento', `token.${token}`] };
}
