/**
 * The typed client of Pentimento's API, over a WebSocket (headless host) or a message port (Electron). Failures arrive
 * as `AppError`; a lost connection is taken up again by itself, and with it every subscription and every call that waits for
 * its answer. A call that changes something bears a name, by which the host makes it once however often it is sent.
 */
import { createTRPCUntypedClient, createWSClient, TRPCClientError, wsLink } from '@trpc/client';
import type { z } from 'zod';
import { api, type PentimentoClient } from '#contract/api.ts';
import type { ApiDefinition, Client, Unsubscribe } from '#contract/api-definition.ts';
import { AppError, errorData } from '#contract/errors.ts';
import { msgpackEncoder } from '#transport/msgpack-encoder.ts';
import { PortSocket, type AnyPort } from '#transport/port-socket.ts';

export type Transport =
  /** `protocols` carry the token, because a browser can set no header on a WebSocket. */
  | { kind: 'websocket'; url: string; protocols: string[]; WebSocket?: typeof WebSocket }
  /** Called at every (re)connection; answers the near end of a fresh channel. */
  | { kind: 'port'; connect: () => AnyPort };

export type ConnectionState = 'connecting' | 'open' | 'closed';
export interface ApiConnection {
  readonly state: ConnectionState;
  /** Calls `listener` with the state now and at every change. */
  watch(listener: (state: ConnectionState) => void): Unsubscribe;
  /** Ends the connection for good; calls that wait fail with `connection_lost`. */
  close(): Promise<void>;
}
export type ApiClient<A extends ApiDefinition> = Client<A> & { readonly connection: ApiConnection };

/** How long a call waits for a lost connection, and how often it is sent at most. */
const PATIENCE_MS = 60_000;
const TRIES = 3;

/** Any failure of a call as an `AppError`. */
function toAppError(cause: unknown): AppError {
  const data = cause instanceof TRPCClientError ? (cause.data as { error?: unknown } | undefined) : undefined;
  const known = errorData.safeParse(data?.error);
  if (known.success) return AppError.fromData(known.data);
  return new AppError('connection_lost', 'The connection to the workbench was lost.', { cause });
}

/** An answer as its declaration has it. @throws AppError `internal` where it is anything else */
function promised(path: string, output: z.ZodType, answer: unknown): unknown {
  const checked = output.safeParse(answer);
  if (checked.success) return checked.data;
  throw new AppError('internal', `The workbench answered ${path} with something else than it promised.`, {
    cause: checked.error,
  });
}

function socketClass(transport: Transport): typeof WebSocket {
  if (transport.kind === 'port') {
    const { connect } = transport;
    return class extends PortSocket {
      constructor() {
        super(connect(), 'client');
      }
    } as unknown as typeof WebSocket;
  }
  const { protocols, WebSocket: Base = WebSocket } = transport;
  return class extends Base {
    constructor(url: string | URL) {
      super(url, protocols);
    }
  };
}

/** A client for any API definition; `createApiClient` is the one for Pentimento's. */
export function createApiClientOf<A extends ApiDefinition>(
  definition: A,
  transport: Transport,
): ApiClient<A> {
  let state: ConnectionState = 'connecting';
  const watchers = new Set<(state: ConnectionState) => void>();
  const change = (next: ConnectionState) => {
    if (state === next) return;
    state = next;
    for (const watcher of [...watchers]) watcher(state);
  };
  const socket = createWSClient({
    url: transport.kind === 'websocket' ? transport.url : 'ws://port',
    WebSocket: socketClass(transport),
    experimental_encoder: msgpackEncoder,
    retryDelayMs: (attempt) => Math.min(100 * 2 ** attempt, 5000),
    onOpen: () => change('open'),
    onClose: () => change('connecting'),
  });
  const trpc = createTRPCUntypedClient({ links: [wsLink({ client: socket })] });

  const connection: ApiConnection = {
    get state() {
      return state;
    },
    watch(listener) {
      watchers.add(listener);
      listener(state);
      return () => watchers.delete(listener);
    },
    async close() {
      await socket.close();
      change('closed');
    },
  };

  const groups = Object.entries(definition).map(([group, procedures]) => {
    const calls = Object.entries(procedures).map(([name, { kind, output }]) => {
      const path = `${group}.${name}`;
      if (kind === 'subscription') return [name, subscribe(path, output)] as const;
      const call = async (input: unknown) => {
        const sent = kind === 'mutation' ? { call: crypto.randomUUID(), input } : input;
        for (let tries = 1; ; tries++)
          try {
            return promised(path, output, await trpc[kind](path, sent));
          } catch (cause) {
            const error = cause instanceof AppError ? cause : toAppError(cause);
            if (error.code !== 'connection_lost' || tries === TRIES || !(await backAgain())) throw error;
          }
      };
      return [name, call] as const;
    });
    return [group, Object.fromEntries(calls)] as const;
  });
  return { ...Object.fromEntries(groups), connection } as ApiClient<A>;

  /** Whether the connection is open again before the patience ends. */
  function backAgain(): Promise<boolean> {
    return new Promise((resolve) => {
      const end = (open: boolean) => {
        clearTimeout(timer);
        watchers.delete(look);
        resolve(open);
      };
      const timer = setTimeout(() => end(false), PATIENCE_MS);
      const look = (now: ConnectionState) => {
        if (now !== 'connecting') end(now === 'open');
      };
      watchers.add(look);
      // Failures of calls are told before the change of state that they come with.
      queueMicrotask(() => look(state));
    });
  }

  function subscribe(path: string, output: z.ZodType) {
    type On = { event: (event: unknown) => void; error?: (error: Error) => void; end?: () => void };
    return (input: unknown, on: On): Unsubscribe => {
      const { unsubscribe } = trpc.subscription(path, input, {
        onData: (event) => {
          try {
            on.event(promised(path, output, event));
          } catch (cause) {
            on.error?.(AppError.from(cause));
          }
        },
        onError: (cause) => on.error?.(toAppError(cause)),
        onComplete: () => on.end?.(),
      });
      return unsubscribe;
    };
  }
}

/** The client of Pentimento's own API. */
export const createApiClient = (transport: Transport): PentimentoClient & { connection: ApiConnection } =>
  createApiClientOf(api, transport);
