/**
 * A message port (of the DOM, of Node's worker threads, or Electron's MessagePortMain) dressed as a WebSocket, so that
 * tRPC's own WebSocket server and client run over it unchanged.
 */

import { maxMessageBytes } from './msgpack-encoder.ts';

/** The part that the three kinds of port have in common. */
export interface AnyPort {
  postMessage(message: unknown): void;
  close(): void;
  start?(): void;
  on?(event: string, listener: (event: unknown) => void): unknown;
  addEventListener?(event: string, listener: (event: unknown) => void): void;
}
type Listener = (...values: never[]) => void;

/** Ports of Electron's main process do not tell the other side that they were closed; this word does. */
const goodbye = 'pentimento:close';

/** Electron and the DOM wrap what was posted into an event; Node's `on` hands it over bare. */
function posted(event: unknown): unknown {
  return typeof event === 'object' && event !== null && 'data' in event && 'ports' in event
    ? event.data
    : event;
}

/** The socket. `role` says whether tRPC's client (DOM events) or its server (the events of `ws`) listens to it. */
export class PortSocket {
  static readonly CONNECTING = 0;
  static readonly OPEN = 1;
  static readonly CLOSING = 2;
  static readonly CLOSED = 3;
  readonly OPEN = 1;
  readyState = 1;
  binaryType = 'arraybuffer';
  readonly #listeners = new Map<string, Set<Listener>>();
  readonly #port: AnyPort;
  readonly #role: 'client' | 'server';

  constructor(port: AnyPort, role: 'client' | 'server') {
    this.#port = port;
    this.#role = role;
    const listen = port.addEventListener?.bind(port) ?? port.on?.bind(port);
    listen?.('message', (event) => this.#receive(posted(event)));
    listen?.('close', () => this.#ended());
    port.start?.();
    if (role === 'client') setTimeout(() => this.#emit('open', {}), 0);
  }

  addEventListener(event: string, listener: Listener): void {
    const listeners = this.#listeners.get(event) ?? new Set();
    this.#listeners.set(event, listeners.add(listener));
  }

  removeEventListener(event: string, listener: Listener): void {
    this.#listeners.get(event)?.delete(listener);
  }

  on(event: string, listener: Listener): this {
    this.addEventListener(event, listener);
    return this;
  }

  once(event: string, listener: Listener): this {
    const once = (...values: never[]) => {
      this.removeEventListener(event, once);
      listener(...values);
    };
    return this.on(event, once);
  }

  /** Posts an exact buffer: structured clone would copy the whole buffer beneath a view. */
  send(data: unknown): void {
    if (this.readyState !== 1) return;
    const view = data instanceof Uint8Array && data.byteLength !== data.buffer.byteLength;
    this.#port.postMessage(view ? Uint8Array.from(data) : data);
  }

  close(): void {
    if (this.readyState === 3) return;
    this.#port.postMessage(goodbye);
    this.#port.close();
    this.#ended();
  }

  #receive(data: unknown): void {
    if (data === goodbye) return this.#ended();
    if (!(data instanceof Uint8Array)) return; // nothing else is part of the protocol
    if (this.#role === 'server' && data.byteLength > maxMessageBytes) return this.close();
    if (this.#role === 'client') return this.#emit('message', { data });
    // tRPC's server insists on Node's Buffer for binary frames.
    this.#emit('message', Buffer.from(data.buffer, data.byteOffset, data.byteLength), true);
  }

  #ended(): void {
    if (this.readyState === 3) return;
    this.readyState = 3;
    this.#emit('close', { code: 1000 });
  }

  #emit(event: string, ...values: unknown[]): void {
    for (const listener of [...(this.#listeners.get(event) ?? [])]) listener(...(values as never[]));
  }
}
