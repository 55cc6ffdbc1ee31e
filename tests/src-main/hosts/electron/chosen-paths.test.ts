/** Which places a window may name: what was chosen, and what lies in it, wherever links lead. */
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { PentimentoHandlers } from '#contract/api.ts';
import { guardPaths } from '#features/rpc/guard-paths.ts';
import { ChosenPaths } from '#hosts/electron/chosen-paths.ts';
import { failureOf } from '#tests/support/app-error.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';

async function chosen() {
  const base = temporaryFolder();
  const at = (...parts: string[]) => path.join(base, ...parts);
  mkdirSync(at('chosen', 'below'), { recursive: true });
  mkdirSync(at('chosen-too'));
  writeFileSync(at('chosen', 'a.png'), '');
  writeFileSync(at('private.png'), '');
  symlinkSync(at('private.png'), at('chosen', 'link.png'));
  symlinkSync(base, at('chosen', 'up'));
  const paths = new ChosenPaths();
  await paths.allow(at('chosen'), 'read');
  return { at, paths };
}

test('a chosen folder and what lies in it may be read, nothing beside it, nor where its links lead', async () => {
  const { at, paths } = await chosen();
  for (const place of [at('chosen'), at('chosen', 'a.png'), at('chosen', 'below', '..', 'a.png')])
    expect(await paths.allows(place, 'read'), place).toBe(true);
  const refused = [
    ...[
      at(),
      at('private.png'),
      at('chosen-too'),
      at('chosen', '..', 'private.png'),
      at('chosen', 'link.png'),
    ],
    ...[at('chosen', 'up', 'private.png'), at('chosen', 'nothing', 'a.png'), 'chosen', '', '.', '\0', '/'],
  ];
  for (const place of refused) expect(await paths.allows(place, 'read'), place).toBe(false);
});

test('what may be read may not be written, and a place to write may be new', async () => {
  const { at, paths } = await chosen();
  expect(await paths.allows(at('chosen', 'new.zip'), 'write')).toBe(false);
  await paths.allow(at('new.zip'), 'write');
  expect(await paths.allows(at('new.zip'), 'write')).toBe(true);
  expect(await paths.allows(at('other.zip'), 'write')).toBe(false);
  expect(await paths.allows(at('new.zip'), 'read')).toBe(false);
});

test('what was chosen is listed as one folder', async () => {
  const { at, paths } = await chosen();
  await paths.allow(at('private.png'), 'read');
  await paths.allow(at('gone.png'), 'read');
  expect(await paths.listing()).toMatchObject({
    parent: null,
    images: 1,
    entries: [
      { name: 'chosen', kind: 'folder' },
      { name: 'private.png', kind: 'image' },
    ],
  });
});

test('a guarded call does not begin where one of its places was not chosen', async () => {
  const { at, paths } = await chosen();
  const begun: unknown[] = [];
  const detection = { start: (input: unknown) => (begun.push(input), { jobId: 'job' }) };
  const handlers = guardPaths({ detection } as unknown as PentimentoHandlers, paths);
  const start = (...places: string[]) => Promise.resolve(handlers.detection.start({ paths: places }));
  expect(await failureOf(start(at('chosen', 'a.png'), at('private.png')))).toMatchObject({
    code: 'path_not_chosen',
    message: `${at('private.png')} was not chosen in this session.`,
  });
  expect(begun).toEqual([]);
  expect(await start(at('chosen', 'a.png'))).toEqual({ jobId: 'job' });
  const withModel = handlers.detection.start({ paths: [at('chosen')], model: at('private.onnx') });
  expect((await failureOf(Promise.resolve(withModel))).code).toBe('path_not_chosen');
  expect(await handlers.detection.start({ paths: [at('chosen')], model: '0123456789abcdefgh' })).toEqual({
    jobId: 'job',
  });
});
