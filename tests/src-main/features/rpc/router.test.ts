/** The router and its client, joined over a real WebSocket and over a real message port. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { MessageChannel } from 'node:worker_threads';
import { afterEach, describe, expect, test } from 'vitest';
import { WebSocketServer } from 'ws';
import { z } from 'zod';
import { mutation, query, subscription, type ApiHandlers } from '#contract/api-definition.ts';
import { AppError } from '#contract/errors.ts';
import { buildRouterOf } from '#features/rpc/build-router.ts';
import { OnceCalls } from '#features/rpc/once-calls.ts';
import { servePort, socketHandler, type OnFault } from '#features/rpc/serve-router.ts';
import { createApiClientOf, type ApiClient, type ConnectionState } from '#renderer/lib/api-client.ts';

const definition = {
  desk: {
    double: query(z.object({ n: z.number().int() }), z.object({ n: z.number() })),
    bytes: mutation(z.object({ data: z.instanceof(Uint8Array) }), z.instanceof(Uint8Array)),
    fail: query(
      z.object({ how: z.enum(['typed', 'system', 'fault', 'shape']) }),
      z.object({ n: z.number() }),
    ),
    count: subscription(z.object({ upTo: z.number() }), z.object({ i: z.number() })),
  },
};
type Definition = typeof definition;

const faults: Parameters<OnFault>[0][] = [];
let left: PromiseWithResolvers<void>;

const handlers: ApiHandlers<Definition> = {
  desk: {
    double: ({ n }) => ({ n: n * 2 }),
    bytes: ({ data }) => data.map((b) => 255 - b),
    fail({ how }) {
      if (how === 'typed') throw new AppError('not_found', 'There is no run 7.', { details: { run: 7 } });
      if (how === 'system') throw Object.assign(new Error('no space'), { code: 'ENOSPC' });
      if (how === 'fault') throw new Error('secret inside');
      return { n: 'seven' } as never;
    },
    async *count({ upTo }, signal) {
      try {
        for (let i = 0; i < upTo; i += 1) yield { i };
        if (upTo === 3) return;
        if (upTo === 2) throw new AppError('trainer_crashed', 'The trainer ended by itself.');
        await once(signal, 'abort').catch(() => undefined);
      } finally {
        left.resolve();
      }
    },
  },
};

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
  faults.length = 0;
});
const router = () => buildRouterOf(definition, handlers);

async function overWebSocket(): Promise<ApiClient<Definition>> {
  left = Promise.withResolvers();
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  await once(server, 'listening');
  server.on(
    'connection',
    socketHandler(router(), (fault) => faults.push(fault)),
  );
  const { port } = server.address() as AddressInfo;
  const client = createApiClientOf(definition, {
    kind: 'websocket',
    url: `ws://127.0.0.1:${port}`,
    protocols: ['pentimento'],
  });
  closers.push(
    () => server.close(),
    () => client.connection.close(),
  );
  return client;
}

async function overPort(): Promise<ApiClient<Definition>> {
  left = Promise.withResolvers();
  const connect = () => {
    const { port1, port2 } = new MessageChannel();
    closers.push(servePort(router(), port2, (fault) => faults.push(fault)));
    return port1;
  };
  const client = createApiClientOf(definition, { kind: 'port', connect });
  closers.push(() => client.connection.close());
  return client;
}

const failure = (call: Promise<unknown>): Promise<AppError> =>
  call.then(
    () => expect.unreachable('the call was to fail'),
    (error: AppError) => error,
  );

describe.each([
  ['a WebSocket', overWebSocket],
  ['a message port', overPort],
])('over %s', (_, open) => {
  test('a query answers', async () => {
    const client = await open();
    expect(await client.desk.double({ n: 21 })).toEqual({ n: 42 });
  });

  test('bytes travel as bytes', async () => {
    const client = await open();
    const answer = await client.desk.bytes({ data: new Uint8Array([0, 1, 254]) });
    expect([...answer]).toEqual([255, 254, 1]);
    expect(answer).toBeInstanceOf(Uint8Array);
  });

  test('an error arrives with its code, sentence, remedy and details', async () => {
    const client = await open();
    const error = await failure(client.desk.fail({ how: 'typed' }));
    expect(error).toBeInstanceOf(AppError);
    expect(error.toData()).toEqual(
      new AppError('not_found', 'There is no run 7.', { details: { run: 7 } }).toData(),
    );
    expect(faults).toEqual([]);
  });

  test('a full disk arrives as such', async () => {
    const client = await open();
    expect((await failure(client.desk.fail({ how: 'system' }))).code).toBe('disk_full');
  });

  test('a fault of the program tells its place and neither its message nor its stack, which are logged', async () => {
    const client = await open();
    const error = await failure(client.desk.fail({ how: 'fault' }));
    expect(error.code).toBe('internal');
    expect(error.message).toBe('The program failed while it handled desk.fail.');
    expect(JSON.stringify(error.toData())).not.toContain('secret');
    expect(faults).toEqual([{ path: 'desk.fail', error: new Error('secret inside') }]);
  });

  test('invalid input is refused with the field that is wrong', async () => {
    const client = await open();
    const error = await failure(client.desk.double({ n: 'x' } as never));
    expect(error.code).toBe('invalid_input');
    expect(error.message).toMatch(/^desk\.double refused its input: n: /);
  });

  test('an answer that breaks the contract does not leave the host', async () => {
    const client = await open();
    const error = await failure(client.desk.fail({ how: 'shape' }));
    expect(error.code).toBe('internal');
    expect(error.message).not.toContain('seven');
    expect(faults).toHaveLength(1);
  });

  test('a subscription streams and ends', async () => {
    const client = await open();
    const events = await new Promise<number[]>((resolve, reject) => {
      const seen: number[] = [];
      client.desk.count(
        { upTo: 3 },
        { event: ({ i }) => seen.push(i), end: () => resolve(seen), error: reject },
      );
    });
    expect(events).toEqual([0, 1, 2]);
  });

  test('a subscription that fails tells why', async () => {
    const client = await open();
    const error = await new Promise<Error>((resolve) => {
      client.desk.count({ upTo: 2 }, { event: () => undefined, error: resolve });
    });
    expect(error).toMatchObject({ code: 'trainer_crashed', message: 'The trainer ended by itself.' });
  });

  test('leaving a subscription ends it at the host', async () => {
    const client = await open();
    await new Promise<void>((resolve) => {
      const leave = client.desk.count(
        { upTo: 1 },
        {
          event: () => {
            leave();
            resolve();
          },
        },
      );
    });
    await left.promise;
  });

  test('closing the connection ends its subscriptions at the host and says so', async () => {
    const client = await open();
    const states: ConnectionState[] = [];
    client.connection.watch((state) => states.push(state));
    await new Promise<void>((resolve) => client.desk.count({ upTo: 1 }, { event: () => resolve() }));
    await client.connection.close();
    await left.promise;
    expect(states.at(0)).toBe('connecting');
    expect(states).toContain('open');
    expect(client.connection.state).toBe('closed');
  });
});

test('a lost connection is taken up again, with its subscriptions', async () => {
  left = Promise.withResolvers();
  const ends: (() => void)[] = [];
  const connect = () => {
    const { port1, port2 } = new MessageChannel();
    ends.push(servePort(router(), port2));
    return port1;
  };
  const client = createApiClientOf(definition, { kind: 'port', connect });
  closers.push(() => client.connection.close());
  let events = 0;
  await new Promise<void>((resolve) => {
    client.desk.count(
      { upTo: 1 },
      {
        event: () => {
          events += 1;
          if (events === 2) resolve();
          else ends[0]?.();
        },
      },
    );
  });
  expect(ends).toHaveLength(2);
  expect(await client.desk.double({ n: 1 })).toEqual({ n: 2 });
});

test('a router without one of its handlers is refused when it is built', () => {
  const partial = { desk: { ...handlers.desk, double: undefined } } as unknown as ApiHandlers<Definition>;
  expect(() => buildRouterOf(definition, partial)).toThrow('no handler for desk.double');
});

describe('a connection that is lost in the middle of a call', () => {
  test('comes back by itself; the call is answered, and what it changes is changed once', async () => {
    const made: string[] = [];
    const gate = Promise.withResolvers<void>();
    const arrived = Promise.withResolvers<void>();
    const noting = { desk: { note: mutation(z.object({ text: z.string() }), z.number()) } };
    const router = buildRouterOf(noting, {
      desk: {
        async note({ text }) {
          made.push(text);
          arrived.resolve();
          await gate.promise;
          return made.length;
        },
      },
    });
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    closers.push(() => server.close());
    server.on('connection', socketHandler(router));
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const client = createApiClientOf(noting, {
      kind: 'websocket',
      url: `ws://127.0.0.1:${port}`,
      protocols: [],
    });
    closers.push(() => client.connection.close());
    const answer = client.desk.note({ text: 'a seam' });
    await arrived.promise;
    for (const socket of server.clients) socket.terminate();
    await once(server, 'connection');
    gate.resolve();
    expect(await answer).toBe(1);
    expect(made).toEqual(['a seam']);
    // Another call with the same words is another call.
    expect(await client.desk.note({ text: 'a seam' })).toBe(2);
  });
});

test('the answers of calls are kept for ten minutes and no longer', async () => {
  let now = 0;
  let made = 0;
  const calls = new OnceCalls(() => now);
  const make = () => calls.make('a', () => ++made);
  expect([await make(), await make()]).toEqual([1, 1]);
  now = 11 * 60_000;
  await calls.make('b', () => 0);
  expect(await make()).toBe(2);
  const fail = () => calls.make('c', () => Promise.reject(new Error(`failure ${++made}`)));
  await expect(fail()).rejects.toThrow('failure 3');
  await expect(fail()).rejects.toThrow('failure 3');
});
