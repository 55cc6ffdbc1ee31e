/**
 * Thousands of calls from a page that was taken over, to every procedure of the real program on a real workspace: nothing
 * but declared answers and typed errors comes back, and no place that the person did not choose is named, read or written.
 */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import path from 'node:path';
import { encode } from '@msgpack/msgpack';
import sharp from 'sharp';
import { expect, onTestFinished, test } from 'vitest';
import { z } from 'zod';
import { api } from '#contract/api.ts';
import { query, type AnyProcedure, type ApiDefinition } from '#contract/api-definition.ts';
import { namedPaths } from '#contract/host-path.ts';
import { buildRouter, buildRouterOf } from '#features/rpc/build-router.ts';
import { guardPaths } from '#features/rpc/guard-paths.ts';
import { createApp, type App } from '#hosts/create-app.ts';
import { ChosenPaths } from '#hosts/electron/chosen-paths.ts';
import { HostilePage, type Answer } from '#tests/support/hostile-page.ts';
import { SchemaFuzzer } from '#tests/support/schema-fuzzer.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';
import { writeTinyDetector } from '#tests/support/tiny-detector.ts';
import { makeWorkedWorkspace } from '#tests/support/worked-workspace.ts';

/** They take half a minute on two cores. */
const CASES = 45;
const TIMEOUT = 600_000;
/** Of procedures that look at the whole machine or take nothing. */
const FEW = 3;
const procedures = Object.entries(api as ApiDefinition).flatMap(([group, all]) =>
  Object.entries(all).map(([name, declared]) => ({ path: `${group}.${name}`, declared })),
);
const takesNothing = ({ input }: AnyProcedure): boolean =>
  Object.keys((input._zod.def as { shape?: object }).shape ?? { any: true }).length === 0;

/** Files that are nobody's business, beside the workspace; long ago, so that reading one changes its time of access. */
async function outside(base: string): Promise<{ folder: string; places: string[]; digest: () => unknown }> {
  const folder = path.join(base, 'outside');
  mkdirSync(folder);
  const picture = path.join(folder, 'private.png');
  await sharp({ create: { width: 96, height: 96, channels: 3, background: '#123456' } })
    .png()
    .toFile(picture);
  const model = await writeTinyDetector(path.join(folder, 'private.onnx'), { gain: 3 });
  const manifest = path.join(folder, 'private.csv');
  writeFileSync(manifest, 'path,label\nprivate.png,real\n');
  const names = ['.', 'private.png', 'private.onnx', 'private.csv'];
  const old = new Date('2001-01-01');
  for (const name of names.toReversed()) utimesSync(path.join(folder, name), old, old);
  const digest = () =>
    names.map((name) => {
      const file = path.join(folder, name);
      const { mtimeMs, atimeMs } = statSync(file);
      return { name, mtimeMs, atimeMs };
    });
  const relative = path.join('..', 'outside', 'private.png');
  return { folder, places: [folder, picture, model, manifest, relative, path.join(base, 'new')], digest };
}

async function program(): Promise<{ app: App; base: string; ids: string[] }> {
  const base = temporaryFolder();
  const folder = path.join(base, 'workspace');
  const verdicts = await makeWorkedWorkspace(folder, path.join(base, 'pictures'));
  const app = await createApp({
    dataDir: folder,
    host: 'headless',
    trainerEntry: path.join(import.meta.dirname, '../../../support/fake-trainer.ts'),
    version: '1.2.3',
  });
  onTestFinished(() => app.close());
  const created = await app.handlers.cases.create({ name: 'The case' });
  const ids = [
    ...verdicts,
    created.id,
    ...(await app.handlers.runs.list({})).map(({ id }) => id),
    ...(await app.handlers.models.list({})).map(({ id }) => id),
    ...(await app.handlers.jobs.list({})).map(({ id }) => id),
  ];
  return { app, base, ids };
}

/** Sends `cases` inputs to each procedure, and waits until all that they started has ended. */
async function attack(page: HostilePage, app: App, fuzzer: SchemaFuzzer, cases: number): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (const { path: name, declared } of procedures) {
    const few = takesNothing(declared) || name === 'datasets.renderScenes';
    for (let i = 0; i < (few ? FEW : cases); i++)
      answers.push(await page.call(declared.kind, name, fuzzer.input(declared.input)));
  }
  for (const { id, state } of await app.handlers.jobs.list({}))
    if (state === 'running' || state === 'queued') await app.services.jobs.wait(id);
  return answers;
}

/** Whether the file system keeps times of access, without which reading cannot be seen by them. */
function keepsAccessTimes(folder: string): boolean {
  const probe = path.join(folder, 'probe');
  writeFileSync(probe, 'probe');
  utimesSync(probe, new Date('2001-01-01'), new Date('2001-01-01'));
  readFileSync(probe);
  return statSync(probe).atimeMs > new Date('2002-01-01').getTime();
}

test(
  'thousands of calls from a page that was taken over meet typed errors, and reach nothing that was not chosen',
  async ({ annotate }) => {
    const { app, base, ids } = await program();
    const { folder, places, digest } = await outside(base);
    const before = digest();
    const page = new HostilePage(buildRouter(guardPaths(app.handlers, new ChosenPaths())));
    const fuzzer = new SchemaFuzzer({ seed: 8, ids, places: [...places, '/etc/passwd'] });
    const answers = await attack(page, app, fuzzer, CASES);
    await page.close();

    expect(answers.length).toBeGreaterThan(2000);
    expect(answers.filter(({ kind }) => kind === 'untyped')).toEqual([]);
    expect(page.faults).toEqual([]);
    const errors = answers.flatMap((answer) => (answer.kind === 'error' ? [answer.error] : []));
    expect(errors.filter(({ code }) => code === 'internal')).toEqual([]);
    expect(errors.filter(({ message }) => /\n\s+at /.test(message))).toEqual([]);
    const refused = errors.filter(({ code }) => code === 'path_not_chosen').length;
    expect(refused, 'enough of them named a place').toBeGreaterThan(200);
    await annotate(`${answers.length} calls, ${errors.length} typed errors, ${refused} places refused`);
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);

    expect(readdirSync(base).toSorted()).toEqual(['outside', 'pictures', 'workspace']);
    if (keepsAccessTimes(base)) expect(digest()).toEqual(before);
    for (const name of readdirSync(folder).filter((file) => file.startsWith('private'))) {
      const hash = createHash('sha256')
        .update(readFileSync(path.join(folder, name)))
        .digest('hex');
      expect(await app.workspace.blobs.find(hash), name).toBeNull();
    }
  },
  TIMEOUT,
);

test('a message of a million nested lists is answered like any other that nobody can read', async () => {
  const router = buildRouterOf(
    { desk: { any: query(z.unknown(), z.string()) } },
    { desk: { any: () => 'fit' } },
  );
  const page = new HostilePage(router);
  let nested: unknown = [];
  for (let i = 0; i < 50; i += 1) nested = [nested];
  expect(await page.call('query', 'desk.any', nested)).toEqual({ kind: 'value', value: 'fit' });
  expect(await page.call('query', 'desk.any', { text: 'a\0b' })).toMatchObject({
    kind: 'error',
    error: { code: 'invalid_input' },
  });
  // `{ id, method, params: { path, input: [[[...]]] } }`, of which the list is written by hand.
  const call = encode({ id: 1, method: 'query', params: { path: 'desk.any', input: 0 } });
  const lists = Buffer.concat([Buffer.alloc(1_000_000, 0x91), Buffer.of(0x90)]);
  const port = page.open();
  const answered = once(port, 'message');
  port.start();
  port.postMessage(Uint8Array.from(Buffer.concat([call.slice(0, -1), lists])));
  const [answer] = (await answered) as [Uint8Array];
  expect(Buffer.from(answer).toString('latin1')).toContain('invalid_input');
  expect(page.faults).toEqual([]);
  port.close();
  await page.close();
});

test(
  'the same calls reach the places where nothing guards them, so that the test above would see it',
  async () => {
    const { app, base, ids } = await program();
    const { places, digest } = await outside(base);
    const before = digest();
    const page = new HostilePage(buildRouter(app.handlers));
    await attack(
      page,
      app,
      new SchemaFuzzer({ seed: 8, ids, places: places.filter(path.isAbsolute), hostile: false }),
      4,
    );
    await page.close();
    const touched = readdirSync(base).length > 3 || JSON.stringify(digest()) !== JSON.stringify(before);
    expect(touched).toBe(true);
  },
  TIMEOUT,
);

test('every field of a call whose name says that it is a place is declared as one', () => {
  const places = /^(paths?|files?|folder|manifest|masks|workspace|out|target|destination|directory)$/i;
  const undeclared = procedures.flatMap(({ path: name, declared }) => {
    const { shape = {} } = declared.input._zod.def as { shape?: Record<string, unknown> };
    return Object.keys(shape)
      .filter((field) => places.test(field))
      .filter((field) => namedPaths(declared.input, { [field]: 'a place' }).length === 0)
      .filter((field) => namedPaths(declared.input, { [field]: ['a place'] }).length === 0)
      .map((field) => `${name}.${field}`);
  });
  expect(undeclared).toEqual([]);
});
