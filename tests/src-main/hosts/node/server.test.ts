/** The headless server as its attackers and its own page meet it: over real sockets, with a real blob store. */
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, unlink, writeFile } from 'node:fs/promises';
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { z } from 'zod';
import { AppError } from '#contract/errors.ts';
import { query } from '#contract/api-definition.ts';
import { buildRouterOf } from '#features/rpc/build-router.ts';
import { blobMedia } from '#hosts/content/media.ts';
import { startServer, type RunningServer } from '#hosts/node/server.ts';
import { createApiClientOf } from '#renderer/lib/api-client.ts';
import { Workspace } from '#storage/workspace.ts';
import { maxMessageBytes } from '#transport/msgpack-encoder.ts';

const definition = { desk: { length: query(z.object({ text: z.string() }), z.number()) } };
const bytes = Uint8Array.from({ length: 1000 }, (_, i) => i % 256);

/** Uploads have a test of their own. */
const uploads = { takeBytes: () => Promise.reject(new Error('no upload is expected')) };

/** One tile of one picture, and one whose original was changed. */
const shownHash = '1'.repeat(64);
const changedHash = '2'.repeat(64);
const tiles: Parameters<typeof blobMedia>[1] = {
  expect: () => undefined,
  tile: async (hash, { level, x, y }) => {
    if (hash === changedHash) throw new AppError('evidence_changed', 'The original of a.jpg is changed.');
    return hash === shownHash && level === 1 && x === 2 && y === 3 ? bytes : null;
  },
};

let folder: string;
let workspace: Workspace;
let server: RunningServer;
let picture: string;
let model: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pentimento-server-'));
  const pages = join(folder, 'pages');
  await mkdir(join(pages, 'assets'), { recursive: true });
  await mkdir(join(folder, 'pages-of-others'));
  await writeFile(join(pages, 'index.html'), '<!doctype html><title>Pentimento</title>');
  await writeFile(join(pages, 'assets', 'a.wasm'), bytes);
  await writeFile(join(folder, 'secret.txt'), 'outside');
  await writeFile(join(folder, 'pages-of-others', 'secret.txt'), 'outside');
  workspace = await Workspace.open(join(folder, 'workspace'), { holder: 'a test' });
  picture = (await workspace.blobs.put(bytes, 'image/png', 'derived')).hash;
  model = (await workspace.blobs.put(bytes.slice(1), 'text/html', 'derived')).hash;
  const router = buildRouterOf(definition, { desk: { length: ({ text }) => text.length } });
  server = await startServer({ router, media: blobMedia(workspace.blobs, tiles), uploads, pages, port: 0 });
});
afterAll(async () => {
  await server.close();
  await workspace.close();
  await rm(folder, { recursive: true, force: true });
});

type Answer = { status: number; headers: IncomingHttpHeaders; body: Buffer };
/** A request exactly as written: no normalised path, no forbidden header. */
async function ask(
  path: string,
  { method = 'GET', body, ...headers }: Record<string, string> = {},
): Promise<Answer> {
  const sent = httpRequest({ host: '127.0.0.1', port: server.port, path, method, headers, agent: false });
  sent.on('error', () => undefined);
  sent.end(body);
  const [response] = await once(sent, 'response');
  const parts: Buffer[] = [];
  for await (const part of response) parts.push(part);
  return { status: response.statusCode, headers: response.headers, body: Buffer.concat(parts) };
}
const origin = () => `http://127.0.0.1:${server.port}`;
const bearer = () => ({ authorization: `Bearer ${server.token}` });
async function session(): Promise<{ cookie: string }> {
  const { headers } = await ask('/session', { method: 'POST', ...bearer() });
  return { cookie: headers['set-cookie']?.[0]?.split(';')[0] ?? '' };
}
/** Resolves with what became of a WebSocket: `open`, or the status of its refusal. */
function knock(path: string, protocols: string[], headers: Record<string, string>): Promise<string> {
  return new Promise((resolve) => {
    const socket = new WebSocket(`ws://127.0.0.1:${server.port}${path}`, protocols, { headers });
    socket.on('open', () => {
      socket.terminate();
      resolve('open');
    });
    socket.on('unexpected-response', (_, response) => resolve(String(response.statusCode)));
    socket.on('error', () => undefined);
  });
}
const protocols = () => ['pentimento', `token.${server.token}`];

describe('pages', () => {
  test('come with their types and with headers that isolate them', async () => {
    const page = await ask('/');
    expect(page.status).toBe(200);
    expect(page.body.toString()).toContain('<title>Pentimento</title>');
    expect(page.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-embedder-policy': 'require-corp',
      'cross-origin-resource-policy': 'same-origin',
      'x-content-type-options': 'nosniff',
    });
    const policy = String(page.headers['content-security-policy']);
    expect(policy).toContain("script-src 'self' 'wasm-unsafe-eval';");
    expect(policy).toContain("default-src 'none'");
    const asset = await ask('/assets/a.wasm');
    expect(asset.headers['content-type']).toBe('application/wasm');
    expect(asset.headers['cache-control']).toContain('immutable');
  });

  test.each([
    '/../secret.txt',
    '/%2e%2e/secret.txt',
    '/..%2fsecret.txt',
    '/assets/..%2f..%2fsecret.txt',
    '/..%2fpages-of-others%2fsecret.txt',
    '/..%5csecret.txt',
    '//../secret.txt',
    '/%00',
    '/%',
    '/assets',
    '/nothing.html',
    'http://127.0.0.1/..%2fsecret.txt',
  ])('a path that leads nowhere good is not found: %s', async (path) => {
    const answer = await ask(path);
    expect(answer.status).toBe(404);
    expect(answer.body.toString()).not.toContain('outside');
  });

  test('only GET and HEAD', async () => {
    expect((await ask('/', { method: 'PUT' })).status).toBe(405);
    const head = await ask('/', { method: 'HEAD' });
    expect([head.status, head.body.length]).toEqual([200, 0]);
  });
});

describe('who asks', () => {
  test.each(['evil.example', 'localhost.evil.example', '127.0.0.1', '127.0.0.1:1', '[::1]'])(
    'a foreign Host is refused: %s',
    async (host) => {
      expect((await ask('/', { host })).status).toBe(421);
      expect(
        await knock('/rpc', protocols(), { host, origin: `http://${host}` }),
        'also for calls, as after DNS rebinding',
      ).toBe('421');
    },
  );

  test.each(['http://evil.example', 'null', 'http://127.0.0.1:1'])(
    'a foreign Origin is refused: %s',
    async (foreign) => {
      expect((await ask('/', { origin: foreign })).status).toBe(403);
      const form = await ask('/session', { method: 'POST', origin: foreign, ...bearer() });
      expect([form.status, form.headers['set-cookie']]).toEqual([403, undefined]);
      expect(await knock('/rpc', protocols(), { origin: foreign })).toBe('403');
    },
  );

  test('another site may not embed anything, though it may link to the workbench', async () => {
    const { cookie } = await session();
    const embedded = { 'sec-fetch-site': 'same-site', 'sec-fetch-mode': 'no-cors' };
    expect((await ask(`/media/${picture}`, { cookie, ...embedded })).status).toBe(403);
    const linked = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate' };
    expect((await ask('/', linked)).status).toBe(200);
    expect((await ask('/session', { method: 'POST', ...bearer(), ...linked })).status).toBe(403);
  });

  test('a wrong, short or missing token opens neither a session nor calls', async () => {
    const wrong = 'x'.repeat(server.token.length);
    for (const authorization of [`Bearer ${wrong}`, 'Bearer x', 'Bearer', '', `Basic ${server.token}`]) {
      const answer = await ask('/session', { method: 'POST', authorization });
      expect([answer.status, answer.headers['set-cookie']]).toEqual([401, undefined]);
    }
    for (const offered of [[`token.${wrong}`, 'pentimento'], ['token.x', 'pentimento'], ['pentimento']])
      expect(await knock('/rpc', offered, { origin: origin() })).toBe('401');
    expect(await knock('/rpc', protocols(), {}), 'no Origin at all').toBe('401');
    expect(await knock('/elsewhere', protocols(), { origin: origin() })).toBe('404');
    expect(await knock('/rpc', protocols(), { origin: origin() })).toBe('open');
  });

  test('the session cookie is for this program only, and is not the token', async () => {
    const { headers } = await ask('/session', { method: 'POST', ...bearer() });
    const cookie = headers['set-cookie']?.[0] ?? '';
    expect(cookie).toMatch(/; Path=\/media\/; HttpOnly; SameSite=Strict$/);
    expect(cookie).not.toContain(server.token);
    expect((await ask('/session', bearer())).status).toBe(405);
  });

  test('a body is refused', async () => {
    const answer = await ask('/session', { method: 'POST', ...bearer(), body: 'x'.repeat(100_000) });
    expect(answer.status).toBe(413);
  });
});

test("another site's form reaches nothing: it brings neither the token nor the own origin", async () => {
  const form = {
    method: 'POST',
    'content-type': 'application/x-www-form-urlencoded',
    'sec-fetch-site': 'cross-site',
    'sec-fetch-mode': 'navigate',
    body: 'token=guess',
  };
  for (const path of ['/session', '/evidence?case=a&name=b', '/rpc', '/'])
    for (const sent of [
      form,
      { ...form, origin: 'http://evil.example' },
      { ...form, 'sec-fetch-site': '' },
    ]) {
      const answer = await ask(path, sent);
      expect([401, 403, 405, 413], `${path} ${answer.status}`).toContain(answer.status);
      expect(answer.headers['set-cookie']).toBeUndefined();
    }
});

describe('media', () => {
  test('a blob comes whole, with its type, for ever', async () => {
    const answer = await ask(`/media/${picture}`, await session());
    expect(answer.status).toBe(200);
    expect(answer.body.equals(Buffer.from(bytes))).toBe(true);
    expect(answer.headers).toMatchObject({ 'content-type': 'image/png', 'content-length': '1000' });
    expect(answer.headers['cache-control']).toBe('private, max-age=31536000, immutable');
  });

  test('it is not sent again to whoever has it', async () => {
    const etag = (await ask(`/media/${picture}`, await session())).headers.etag ?? '';
    const again = await ask(`/media/${picture}`, { ...(await session()), 'if-none-match': etag });
    expect([again.status, again.body.length]).toEqual([304, 0]);
  });

  test.each([
    ['bytes=0-9', 0, 10],
    ['bytes=990-', 990, 1000],
    ['bytes=-5', 995, 1000],
    ['bytes=990-5000', 990, 1000],
  ])('a part of it: %s', async (range, start, end) => {
    const answer = await ask(`/media/${picture}`, { ...(await session()), range });
    expect(answer.status).toBe(206);
    expect(answer.headers['content-range']).toBe(`bytes ${start}-${end - 1}/1000`);
    expect([...answer.body]).toEqual([...bytes.slice(start, end)]);
  });

  test.each(['bytes=1000-', 'bytes=9-5', 'bytes=-0'])('a part that is not there: %s', async (range) => {
    const answer = await ask(`/media/${picture}`, { ...(await session()), range });
    expect([answer.status, answer.headers['content-range']]).toEqual([416, 'bytes */1000']);
  });

  test('what a browser might run is only handed over to be saved', async () => {
    const { headers } = await ask(`/media/${model}`, await session());
    expect(headers).toMatchObject({
      'content-type': 'application/octet-stream',
      'content-disposition': 'attachment',
    });
    expect(headers['content-security-policy']).toContain('sandbox');
  });

  test('tiles of an original come by hash and place, to holders of the session only', async () => {
    const tile = await ask(`/media/${shownHash}/tiles/1/2/3`, await session());
    expect([tile.status, tile.headers['content-type']]).toEqual([200, 'image/png']);
    expect(tile.body.equals(Buffer.from(bytes))).toBe(true);
    expect((await ask(`/media/${shownHash}/tiles/1/2/3`)).status).toBe(401);
    for (const place of ['1/2/4', '1/2', 'x/2/3', '1/2/3/4', '-1/2/3'])
      expect((await ask(`/media/${shownHash}/tiles/${place}`, await session())).status).toBe(404);
    const changed = await ask(`/media/${changedHash}/tiles/0/0/0`, await session());
    expect(changed.status).toBe(409);
    expect(JSON.parse(changed.body.toString())).toMatchObject({ error: { code: 'evidence_changed' } });
  });
  test('nothing without the session', async () => {
    expect((await ask(`/media/${picture}`)).status).toBe(401);
    expect((await ask(`/media/${picture}`, { cookie: `pentimento-${server.port}=x` })).status).toBe(401);
  });

  test.each([
    'f'.repeat(64),
    'F'.repeat(64),
    'short',
    '',
    '..%2fworkspace.sqlite',
    `${'a'.repeat(64)}%2f..%2f..`,
  ])('an unknown or malformed name is not found: %s', async (name) => {
    expect((await ask(`/media/${name}`, await session())).status).toBe(404);
  });

  test('a blob whose file is gone is not found', async () => {
    const { hash } = await workspace.blobs.put(new Uint8Array([1]), 'image/png', 'derived');
    await unlink(workspace.blobs.pathOf(hash));
    expect((await ask(`/media/${hash}`, await session())).status).toBe(404);
  });
});

describe('calls', () => {
  const open = () =>
    createApiClientOf(definition, {
      kind: 'websocket',
      url: `ws://127.0.0.1:${server.port}/rpc`,
      protocols: protocols(),
      WebSocket: class extends WebSocket {
        constructor(url: string | URL, offered?: string | string[]) {
          super(url, offered, { origin: origin() });
        }
      } as unknown as typeof globalThis.WebSocket,
    });

  test('pass over the authenticated socket', async () => {
    const client = open();
    expect(await client.desk.length({ text: 'pentimento' })).toBe(10);
    await client.connection.close();
  });

  test('an oversized message ends its connection and nothing else', async () => {
    const socket = new WebSocket(`ws://127.0.0.1:${server.port}/rpc`, protocols(), { origin: origin() });
    await once(socket, 'open');
    socket.on('error', () => undefined);
    socket.send(new Uint8Array(maxMessageBytes + 1));
    const [code] = await once(socket, 'close');
    expect(code).toBe(1009);
    const client = open();
    expect(await client.desk.length({ text: 'still here' })).toBe(10);
    await client.connection.close();
  });

  test('a damaged message is answered and survived', async () => {
    const socket = new WebSocket(`ws://127.0.0.1:${server.port}/rpc`, protocols(), { origin: origin() });
    await once(socket, 'open');
    socket.send(new Uint8Array([0xc1, 0xff]));
    const [answer] = await once(socket, 'message');
    expect(Buffer.from(answer).toString('latin1')).toContain('invalid_input');
    socket.terminate();
  });
});

test('no other address of the machine reaches it', async () => {
  const others = Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .filter(({ address, scopeid }) => address !== '127.0.0.1' && !scopeid)
    .map(({ address }) => address);
  // All of 127.0.0.0/8 is this machine on Linux.
  for (const host of [...others, ...(process.platform === 'linux' ? ['127.0.0.2'] : [])]) {
    const socket = connect({ host, port: server.port });
    const reached = await once(socket, 'connect').then(
      () => true,
      () => false,
    );
    socket.destroy();
    expect(reached, host).toBe(false);
  }
});

test('two starts have different tokens, and closing frees the port', async () => {
  const router = buildRouterOf(definition, { desk: { length: () => 0 } });
  const options = { router, media: blobMedia(workspace.blobs, tiles), uploads, pages: join(folder, 'pages') };
  const first = await startServer({ ...options, port: 0 });
  const { port, token } = first;
  await first.close();
  const second = await startServer({ ...options, port });
  expect(second.port).toBe(port);
  expect(second.token).not.toBe(token);
  await second.close();
});
