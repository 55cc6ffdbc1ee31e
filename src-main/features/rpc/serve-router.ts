/** Serves a router over WebSockets or message ports: one protocol, MessagePack frames, on both. */
import type { IncomingMessage } from 'node:http';
import type { AnyTRPCRouter, TRPCError } from '@trpc/server';
import { getWSConnectionHandler } from '@trpc/server/adapters/ws';
import type { WebSocket, WebSocketServer } from 'ws';
import { msgpackEncoder } from '#transport/msgpack-encoder.ts';
import { PortSocket, type AnyPort } from '#transport/port-socket.ts';
import { AppError } from '#contract/errors.ts';

/** Told of every failure that is a fault of the program, with its cause, for the log. */
export type OnFault = (fault: { path: string | undefined; error: unknown }) => void;

const toStderr: OnFault = ({ path, error }) => console.error(`fault in ${path ?? 'a call'}:`, error);

/** A connection handler for sockets of `ws`; the caller has already checked who asks. */
export function socketHandler(
  router: AnyTRPCRouter,
  onFault: OnFault = toStderr,
): (socket: WebSocket, request: IncomingMessage) => void {
  return getWSConnectionHandler({
    router,
    wss: null as unknown as WebSocketServer, // read only by applyWSSHandler, which is not used
    experimental_encoder: msgpackEncoder,
    maxBatchSize: 50,
    onError({ path, error }: { path: string | undefined; error: TRPCError }) {
      // Without a path it is the connection's failure, such as an oversized message: the other side's doing.
      if (error.code !== 'INTERNAL_SERVER_ERROR' || path === undefined) return;
      const cause = error.cause ?? error;
      if (AppError.from(cause).code === 'internal') onFault({ path, error: cause });
    },
  });
}

/** Serves a router to whoever holds the other end of the port, until either end closes it. Answers how to close it. */
export function servePort(router: AnyTRPCRouter, port: AnyPort, onFault?: OnFault): () => void {
  const socket = new PortSocket(port, 'server');
  const request = { url: '/', headers: {} } as IncomingMessage;
  socketHandler(router, onFault)(socket as unknown as WebSocket, request);
  return () => socket.close();
}
