/** The program as it is wired, in a real workspace. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { forkChild } from '#compute/child-process.ts';
import { judgingChoicesHere } from '#compute/judging/choose-provider.ts';
import { toJudge } from '#contract/judge-messages.ts';
import { systemReport } from '#contract/system.ts';
import { buildRouter } from '#features/rpc/build-router.ts';
import { createApp, type App } from '#hosts/create-app.ts';
import { programVersion, trainerEntry } from '#hosts/program-files.ts';
import { samplePicture } from '#tests/support/sample-files.ts';
import { writeTinyDetector } from '#tests/support/tiny-detector.ts';

let folder: string;
let app: App;
const open = (dataDir: string) => createApp({ dataDir, host: 'cli', trainerEntry, version: programVersion });

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pentimento-app-'));
  app = await open(folder);
});
afterEach(async () => {
  await app.close();
  await rm(folder, { recursive: true, force: true });
});

test('every call of the API has a handler', () => {
  expect(() => buildRouter(app.handlers)).not.toThrow();
});

test('the machine is reported, with a reason for every backend that is absent', async () => {
  const report = systemReport.parse(await app.handlers.system.report({}));
  expect(report).toMatchObject({ version: programVersion, host: 'cli', electron: null });
  expect(report.storage).toMatchObject({ workspace: folder, writable: true });
  const ready = report.backends.filter((backend) => backend.ready).map((b) => `${b.name}/${b.provider}`);
  expect(ready).toContain('ort/cpu');
  expect(ready).toContain('wasm/cpu');
  for (const backend of report.backends) expect(backend.reason === '').toBe(backend.ready);
});

test('rendered scenes become a dataset that says so', async () => {
  const { jobId } = await app.handlers.datasets.renderScenes({ dataset: 'scenes', count: 3, seed: 1 });
  expect((await app.services.jobs.wait(jobId)).state).toBe('done');
  const dataset = await app.handlers.datasets.get({ dataset: 'scenes' });
  expect(dataset).toMatchObject({ items: 3, rendered: true });
});

test('an unknown training setting is refused in words', async () => {
  const start = app.handlers.runs.start({
    dataset: 'scenes',
    stop: { steps: 1 },
    seed: 0,
    backend: 'auto',
    overrides: { speed: 11 },
  });
  await expect(start).rejects.toMatchObject({ code: 'invalid_input', message: /no field "speed"/ });
});

test('a second program is told who holds the workspace, and closing gives it back', async () => {
  await expect(open(folder)).rejects.toMatchObject({ code: 'workspace_locked' });
  await app.close();
  await app.close();
  app = await open(folder);
});

test('detection, triage and evaluation all judge on the provider that was measured and is remembered in the workspace', async () => {
  await app.close();
  /** What each process that judges was told of where the fastest provider is remembered. */
  const told: (string | null)[] = [];
  app = await createApp({
    ...{ dataDir: folder, host: 'cli', trainerEntry, version: programVersion },
    spawn: (...how) => {
      const child = forkChild(...how);
      const send: typeof child.send = (message) => {
        const { success, data } = toJudge.safeParse(message);
        if (success && data.type === 'open' && data.model !== null) told.push(data.providers);
        child.send(message);
      };
      return { ...child, send };
    },
  });
  const { models, detection, triage, evaluations, jobs } = app.services;
  await models.import(await writeTinyDetector(join(folder, 'tiny.onnx')));
  const picture = join(folder, 'a.png');
  await writeFile(picture, await samplePicture(128, 96).png().toBuffer());
  const manifest = join(folder, 'list.csv');
  await writeFile(manifest, 'path,label\na.png,real\n');
  told.length = 0;
  await jobs.wait((await detection.start({ paths: [picture] })).jobId);
  await jobs.wait((await triage.start({ folders: [{ path: picture, priority: 0 }], rules: [] })).jobId);
  const { provider } = await evaluations.evaluate(
    { manifest, seed: 0 },
    { signal: new AbortController().signal, progress: () => undefined },
  );
  const remembered = join(folder, 'judging.json');
  expect(told).toEqual([remembered, remembered, remembered]);
  expect(provider).toBe((await judgingChoicesHere(remembered))[0]!.chosen);
});
