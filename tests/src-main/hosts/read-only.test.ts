/** A workspace that cannot be written: it opens for reading, says why, and is left byte for byte as it was. */
import { createHash } from 'node:crypto';
import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import BetterSqlite from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import { api } from '#contract/api.ts';
import type { AnyProcedure } from '#contract/api-definition.ts';
import { createApp, type App } from '#hosts/create-app.ts';
import { trainerEntry } from '#hosts/program-files.ts';
import { Workspace } from '#storage/workspace.ts';
import { failureOf } from '#tests/support/app-error.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';
import { makeWorkedWorkspace } from '#tests/support/worked-workspace.ts';

const contents = (folder: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => {
      const file = path.join(folder, name);
      const isFile = statSync(file).isFile();
      return [name, isFile ? createHash('sha256').update(readFileSync(file)).digest('hex') : 'folder'];
    }),
  );
/** A folder in place of the lock keeps every program from writing, whoever runs it. */
function withoutLock(folder: string): void {
  rmSync(path.join(folder, 'lock'), { force: true });
  mkdirSync(path.join(folder, 'lock'));
}
/** They change nothing that is kept. */
const harmless = [
  'verification.start',
  'jobs.cancel',
  'system.choose',
  'system.chooseTarget',
  'desktop.offer',
  'diagnostics.collect',
];
async function openApp(dataDir: string): Promise<App> {
  const app = await createApp({ dataDir, host: 'headless', trainerEntry, version: '1.2.3' });
  onTestFinished(() => app.close());
  return app;
}

test('everything can be read and verified, every change is refused with the reason, and nothing is touched', async () => {
  const base = temporaryFolder();
  const folder = path.join(base, 'workspace');
  const verdicts = await makeWorkedWorkspace(folder, path.join(base, 'pictures'));
  withoutLock(folder);
  const before = contents(folder);
  const app = await openApp(folder);
  const { handlers, services } = app;
  const listed = await handlers.detection.list({ offset: 0, limit: 9 });
  expect(listed.verdicts.map(({ id }) => id).toSorted()).toEqual(verdicts.toSorted());
  expect((await handlers.runs.list({}))[0]?.state).toBe('done');
  const { storage } = await handlers.system.report({});
  expect(storage.writable).toBe(false);
  expect(storage.problem).toMatch(/^The workspace is open for reading only\. .* cannot be written/);
  expect(await services.verification.verify()).toMatchObject({ ok: true, findings: [] });

  let refused = 0;
  for (const [group, procedures] of Object.entries(api))
    for (const [name, { kind }] of Object.entries(procedures as Record<string, AnyProcedure>)) {
      if (kind !== 'mutation' || harmless.includes(`${group}.${name}`)) continue;
      const own = handlers[group as keyof typeof handlers] as unknown as Record<
        string,
        () => Promise<unknown>
      >;
      const failure = await failureOf(own[name]!());
      expect(failure, `${group}.${name}`).toMatchObject({
        code: 'workspace_not_writable',
        message: storage.problem,
      });
      refused++;
    }
  expect(refused).toBeGreaterThan(10);
  const model = await services.models.resolve();
  const past = services.detection.judge([path.join(base, 'pictures')], model).next();
  expect((await failureOf(past)).code).toBe('workspace_not_writable');
  expect((await failureOf(services.models.exportModel(model.id, path.join(base, 'out.onnx')))).code).toBe(
    'workspace_not_writable',
  );
  await app.close();
  expect(contents(folder)).toEqual(before);
});

test('what a killed program had committed only to its log is read too', async () => {
  const base = temporaryFolder();
  const folder = path.join(base, 'workspace');
  await (await Workspace.open(folder, { holder: 'the tests' })).close();
  const database = new BetterSqlite(path.join(folder, 'workspace.sqlite'));
  database.exec(`INSERT INTO datasets (id, name, created_at, rendered) VALUES ('d', 'Cameras', 1, 0)`);
  const killed = path.join(base, 'killed');
  cpSync(folder, killed, { recursive: true });
  database.close();
  expect(statSync(path.join(killed, 'workspace.sqlite-wal')).size).toBeGreaterThan(0);
  withoutLock(killed);
  const before = contents(killed);
  const { handlers } = await openApp(killed);
  expect((await handlers.datasets.list({})).map(({ name }) => name)).toEqual(['Cameras']);
  expect(contents(killed)).toEqual(before);
});

const root = process.getuid?.() === 0;
test.skipIf(process.platform === 'win32')(
  'a folder whose owner forbids writing opens for reading',
  async () => {
    const base = temporaryFolder();
    const folder = path.join(base, 'workspace');
    await (await Workspace.open(folder, { holder: 'the tests' })).close();
    const names = ['.', ...readdirSync(folder, { recursive: true, encoding: 'utf8' })];
    for (const name of names) chmodSync(path.join(folder, name), 0o555);
    chmodSync(base, 0o755);
    const before = contents(folder);
    if (root) process.seteuid?.(65534);
    try {
      const workspace = await Workspace.open(folder, { holder: 'the tests' });
      expect(workspace.readOnly?.code).toBe('workspace_not_writable');
      expect(workspace.audit.head().entries).toBe(1);
      await workspace.close();
    } finally {
      if (root) process.seteuid?.(0);
      for (const name of names) chmodSync(path.join(folder, name), 0o755);
    }
    expect(contents(folder)).toEqual(before);
  },
);
