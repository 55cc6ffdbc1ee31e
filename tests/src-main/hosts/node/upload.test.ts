/** Uploads of evidence over a real socket, into a real case: who may, what arrives, and what is refused. */
import { once } from 'node:events';
import { mkdirSync, readdirSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { buildRouterOf } from '#features/rpc/build-router.ts';
import { blobMedia } from '#hosts/content/media.ts';
import { startServer } from '#hosts/node/server.ts';
import { samplePicture } from '#tests/support/sample-files.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';
import { setUpEvidence } from '../../features/evidence/evidence-set-up.ts';

async function setUp() {
  const services = await setUpEvidence();
  const { workspace, cases, evidence } = services;
  const pages = path.join(temporaryFolder(), 'pages');
  mkdirSync(pages);
  const media = blobMedia(workspace.blobs, { tile: async () => null, expect: () => undefined });
  const server = await startServer({
    router: buildRouterOf({}, {}),
    media,
    uploads: evidence,
    pages,
    port: 0,
  });
  onTestFinished(() => server.close());
  const { id } = await cases.create({ name: 'Doe' });
  /** Sends `body` in two pieces, and answers with status and text. */
  const send = async (
    address: string,
    body: Buffer,
    headers: Record<string, string> = { authorization: `Bearer ${server.token}` },
    method = 'POST',
  ): Promise<{ status: number; text: string }> => {
    const sent = httpRequest({ host: '127.0.0.1', port: server.port, path: address, method, headers });
    sent.on('error', () => undefined);
    sent.write(body.subarray(0, 10));
    sent.end(body.subarray(10));
    const [response] = await once(sent, 'response');
    let text = '';
    for await (const part of response) text += String(part);
    return { status: response.statusCode, text };
  };
  const incoming = () => readdirSync(path.join(workspace.folder, 'blobs', 'incoming'));
  return { ...services, id, send, incoming, server };
}
const picture = (seed: number) => samplePicture(96, 80, seed).png().toBuffer();

test('dropped bytes become an item of the case, byte for byte, and a second time name the first', async () => {
  const { id, send, items, workspace, incoming } = await setUp();
  const bytes = await picture(1);
  const address = `/evidence?case=${id}&name=${encodeURIComponent('Ærlig "x" 名前.png')}`;
  const first = await send(address, bytes);
  expect(first.status).toBe(200);
  const { item, duplicate } = JSON.parse(first.text) as { item: { sha256: string }; duplicate: boolean };
  expect([duplicate, await items(id)]).toEqual([false, [item]]);
  expect(item).toMatchObject({ name: 'Ærlig "x" 名前.png', storage: 'copy', state: 'intact' });
  expect(Buffer.from(await workspace.blobs.read(item.sha256))).toEqual(bytes);
  expect(JSON.parse((await send(address, bytes)).text)).toMatchObject({ duplicate: true });
  expect(incoming()).toEqual([]);
});

test('what is no picture, or for no open case, is refused as calls refuse, and leaves nothing behind', async () => {
  const { id, send, cases, items, incoming } = await setUp();
  const code = (answer: { text: string }): unknown =>
    (JSON.parse(answer.text) as { error: { code: string } }).error.code;
  const text = await send(`/evidence?case=${id}&name=a.png`, Buffer.from('this is no picture at all'));
  expect([text.status, code(text)]).toEqual([422, 'not_an_image']);
  const none = await send('/evidence?case=nobody', await picture(1));
  expect([none.status, code(none)]).toEqual([404, 'not_found']);
  const unnamed = await send('/evidence', await picture(1));
  expect([unnamed.status, code(unnamed)]).toEqual([422, 'invalid_input']);
  await cases.edit(id, { status: 'closed' });
  const closed = await send(`/evidence?case=${id}&name=a.png`, await picture(1));
  expect([closed.status, code(closed)]).toEqual([409, 'case_not_open']);
  expect(await items(id)).toEqual([]);
  expect(incoming()).toEqual([]);
});

test('without the token, from another page, or by another method nothing is taken', async () => {
  const { id, send, items, server } = await setUp();
  const address = `/evidence?case=${id}&name=a.png`;
  const bytes = await picture(1);
  const token = { authorization: `Bearer ${server.token}` };
  expect((await send(address, bytes, {})).status).toBe(401);
  expect((await send(address, bytes, { authorization: 'Bearer wrong' })).status).toBe(401);
  expect((await send(address, bytes, { ...token, origin: 'http://evil.example' })).status).toBe(403);
  expect((await send(address, bytes, token, 'PUT')).status).toBe(405);
  expect((await send('/other', bytes, token)).status).toBe(413);
  expect(await items(id)).toEqual([]);
});

test('an upload that breaks off leaves nothing behind', async () => {
  const { id, server, items, incoming } = await setUp();
  const sent = httpRequest({
    ...{ host: '127.0.0.1', port: server.port, path: `/evidence?case=${id}&name=a.png`, method: 'POST' },
    headers: { authorization: `Bearer ${server.token}`, 'content-length': '100000' },
  });
  sent.on('error', () => undefined);
  sent.write(await picture(1));
  await expect.poll(incoming).toHaveLength(1);
  sent.destroy();
  await expect.poll(incoming).toEqual([]);
  expect(await items(id)).toEqual([]);
});
