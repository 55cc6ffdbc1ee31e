/**
 * The headless workbench's server: the built pages, blobs and calls, on 127.0.0.1 and for holders of the token only.
 *
 *     GET  /...              the renderer's files; they hold nothing secret
 *     POST /session          token -> cookie
 *     POST /evidence         the bytes of a picture, into a case; with the token
 *     GET  /media/<sha256>   a blob, with the cookie; below it `/tiles/...`, tiles of an original
 *     GET  /rpc              calls, as a WebSocket whose protocols carry the token
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadableStream as WebStream } from 'node:stream/web';
import type { AnyTRPCRouter } from '@trpc/server';
import { WebSocketServer } from 'ws';
import { socketHandler, type OnFault } from '#features/rpc/serve-router.ts';
import { maxMessageBytes } from '#transport/msgpack-encoder.ts';
import { plainResponse } from '../content/file-response.ts';
import { mediaResponse, type MediaSource } from '../content/media.ts';
import { pageResponse } from '../content/pages.ts';
import { uploadResponse, type UploadTarget } from '../content/upload.ts';
import { baseHeaders, contentSecurityPolicy } from '../content/security-headers.ts';
import { Access } from './access.ts';

export interface ServerOptions {
  router: AnyTRPCRouter;
  media: MediaSource;
  uploads: UploadTarget;
  /** Folder of the built renderer. */
  pages: string;
  /** 0 takes any free port. */
  port: number;
  onFault?: OnFault;
}
export interface RunningServer {
  port: number;
  /** The address to open, token included. */
  url: string;
  token: string;
  close(): Promise<void>;
}

async function send(response: Response, out: ServerResponse): Promise<void> {
  out.writeHead(response.status, Object.fromEntries(response.headers));
  if (response.body) await pipeline(Readable.fromWeb(response.body as WebStream), out);
  else out.end();
}

function refuseSocket(socket: Duplex, status: string): void {
  socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
}

/** Starts listening. @throws the system's error where the port is taken. */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const server = createServer();
  server.listen(options.port, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const access = new Access(port);
  const policy = contentSecurityPolicy({ connect: `ws://127.0.0.1:${port}`, media: '' });
  const headers: Record<string, string> = { ...baseHeaders, 'content-security-policy': policy };

  async function answer(incoming: IncomingMessage): Promise<Response> {
    const refusal = access.refusal(incoming);
    if (refusal) return plainResponse(refusal.status, refusal.text, headers);
    const { pathname, searchParams } = new URL(incoming.url ?? '/', access.origin);
    const method = incoming.method ?? 'GET';
    if (pathname === '/evidence') {
      const closing = { ...headers, connection: 'close' };
      if (method !== 'POST') return plainResponse(405, 'Only POST.', { ...closing, allow: 'POST' });
      if (!access.hasBearer(incoming)) return plainResponse(401, 'Wrong token.', closing);
      return uploadResponse(options.uploads, searchParams, incoming, headers);
    }
    if (Number(incoming.headers['content-length'] ?? 0) > 0 || incoming.headers['transfer-encoding'])
      return plainResponse(413, 'Send no body.', { ...headers, connection: 'close' });
    if (pathname === '/session') {
      if (method !== 'POST') return plainResponse(405, 'Only POST.', { ...headers, allow: 'POST' });
      if (!access.hasBearer(incoming)) return plainResponse(401, 'Wrong token.', headers);
      return new Response(null, { status: 204, headers: { ...headers, 'set-cookie': access.sessionCookie } });
    }
    if (method !== 'GET' && method !== 'HEAD')
      return plainResponse(405, 'Only GET and HEAD.', { ...headers, allow: 'GET, HEAD' });
    if (pathname === '/rpc') return plainResponse(426, 'Only as a WebSocket.', headers);
    const request = new Request(access.origin + pathname, { method, headers: rangeHeaders(incoming) });
    if (!pathname.startsWith('/media/')) return pageResponse(options.pages, request, headers);
    if (!access.hasSession(incoming)) return plainResponse(401, 'No session.', headers);
    return mediaResponse(options.media, request, headers);
  }

  server.on('request', (incoming, out) => {
    answer(incoming)
      .catch((error: unknown) => {
        options.onFault?.({ path: incoming.url, error });
        return plainResponse(500, 'The program failed.', headers);
      })
      .then((response) => send(response, out))
      .catch(() => out.destroy()); // the asker left, or the file vanished midway
  });

  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: maxMessageBytes,
    perMessageDeflate: false,
    handleProtocols: () => 'pentimento',
  });
  const serve = socketHandler(options.router, options.onFault);
  server.on('upgrade', (incoming, socket, head) => {
    socket.on('error', () => socket.destroy());
    const refusal = access.refusal(incoming);
    if (refusal) return refuseSocket(socket, `${refusal.status} Refused`);
    if (incoming.url !== '/rpc') return refuseSocket(socket, '404 Not Found');
    if (!access.maySocket(incoming)) return refuseSocket(socket, '401 Unauthorized');
    sockets.handleUpgrade(incoming, socket, head, (accepted) => serve(accepted, incoming));
  });

  return {
    port,
    url: `${access.origin}/#token=${access.token}`,
    token: access.token,
    async close() {
      for (const socket of sockets.clients) socket.close(1001, 'the workbench ends');
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      for (const socket of sockets.clients) socket.terminate();
      await closed;
    },
  };
}

/** The headers that a file's answer depends on. */
function rangeHeaders(incoming: IncomingMessage): Headers {
  const headers = new Headers();
  for (const name of ['range', 'if-none-match']) {
    const value = incoming.headers[name];
    if (typeof value === 'string') headers.set(name, value);
  }
  return headers;
}
