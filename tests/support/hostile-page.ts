/** A page that was taken over: it holds a port to the program and sends whatever it likes, past the typed client. */
import { randomUUID } from 'node:crypto';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import { createTRPCUntypedClient, createWSClient, TRPCClientError, wsLink } from '@trpc/client';
import type { AnyTRPCRouter } from '@trpc/server';
import type { AnyProcedure } from '#contract/api-definition.ts';
import { errorData, type ErrorData } from '#contract/errors.ts';
import { servePort } from '#features/rpc/serve-router.ts';
import { msgpackEncoder } from '#transport/msgpack-encoder.ts';
import { PortSocket, type AnyPort } from '#transport/port-socket.ts';

export type Answer =
  { kind: 'value'; value: unknown } | { kind: 'error'; error: ErrorData } | { kind: 'untyped'; text: string };

export class HostilePage {
  /** Faults of the program that calls brought to light. */
  readonly faults: unknown[] = [];
  readonly #socket;
  readonly #client;
  readonly #router: AnyTRPCRouter;

  constructor(router: AnyTRPCRouter) {
    this.#router = router;
    const serve = () => this.open() as unknown as AnyPort;
    const PagePort = class extends PortSocket {
      constructor() {
        super(serve(), 'client');
      }
    };
    this.#socket = createWSClient({
      url: 'ws://port',
      WebSocket: PagePort as unknown as typeof WebSocket,
      experimental_encoder: msgpackEncoder,
    });
    this.#client = createTRPCUntypedClient({ links: [wsLink({ client: this.#socket })] });
  }

  /** A port of its own, for messages that no client would write. */
  open(): MessagePort {
    const { port1, port2 } = new MessageChannel();
    servePort(this.#router, port2 as unknown as AnyPort, ({ path, error }) =>
      this.faults.push(`${path}: ${String(error)}`),
    );
    return port1;
  }

  /** Of a subscription: its first event, or its end. */
  async call(kind: AnyProcedure['kind'], path: string, input: unknown): Promise<Answer> {
    try {
      return { kind: 'value', value: await this.#send(kind, path, input) };
    } catch (cause) {
      const data = cause instanceof TRPCClientError ? (cause.data as { error?: unknown } | undefined) : null;
      const known = errorData.safeParse(data?.error);
      return known.success
        ? { kind: 'error', error: known.data }
        : { kind: 'untyped', text: `${path}: ${String(cause)}` };
    }
  }

  #send(kind: AnyProcedure['kind'], path: string, input: unknown): Promise<unknown> {
    if (kind === 'query') return this.#client.query(path, input);
    if (kind === 'mutation') return this.#client.mutation(path, { call: randomUUID(), input });
    return new Promise((resolve, reject) => {
      const settle = (act: () => void) => {
        act();
        queueMicrotask(() => unsubscribe());
      };
      const { unsubscribe } = this.#client.subscription(path, input, {
        onData: (event) => settle(() => resolve(event)),
        onComplete: () => resolve(undefined),
        onError: (error) => reject(error),
      });
    });
  }

  async close(): Promise<void> {
    await this.#socket.close();
  }
}
