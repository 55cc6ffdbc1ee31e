/** Opening a workspace: what it makes, what it refuses, and that a refusal changes nothing. */
import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import BetterSqlite from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import { assertSupportedHost } from '#storage/better-sqlite.ts';
import { migrations } from '#storage/migrations/migrations.ts';
import { openDatabase } from '#storage/open-database.ts';
import { Workspace } from '#storage/workspace.ts';
import { failureOf } from '#tests/support/app-error.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';
import { temporaryWorkspace } from '#tests/support/temporary-workspace.ts';

const holder = 'the tests';
/** Every file's hash, but for the lock, which any opening touches. */
const contents = (folder: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => name !== 'lock')
      .toSorted()
      .map((name) => {
        const file = path.join(folder, name);
        const digest = statSync(file).isFile()
          ? createHash('sha256').update(readFileSync(file)).digest('hex')
          : 'folder';
        return [name, digest];
      }),
  );

async function expectRefusal(folder: string, code: string): Promise<void> {
  const before = contents(folder);
  const failure = await failureOf(Workspace.open(folder, { holder }));
  expect(failure.code).toBe(code);
  expect(contents(folder)).toEqual(before);
}

async function closedWorkspace(): Promise<string> {
  const folder = temporaryFolder();
  await (await Workspace.open(folder, { holder })).close();
  return folder;
}

test('a new workspace is durable, checks foreign keys, and knows its version', async () => {
  const { sqlite, folder } = await temporaryWorkspace();
  const pragma = (name: string): unknown => sqlite.pragma(name, { simple: true });
  expect(pragma('journal_mode')).toBe('wal');
  expect(pragma('synchronous')).toBe(2);
  expect(pragma('foreign_keys')).toBe(1);
  expect(pragma('user_version')).toBe(migrations.at(-1)?.number);
  expect(existsSync(path.join(folder, 'runs'))).toBe(true);
});

test('a closed workspace is one database file without a journal beside it, even if nothing was read from it', async () => {
  const names = readdirSync(await closedWorkspace());
  expect(names.toSorted()).toEqual(['audit-head.json', 'blobs', 'lock', 'runs', 'workspace.sqlite']);
});

test('what was written is there after closing and opening again', async () => {
  const folder = temporaryFolder();
  const first = await Workspace.open(folder, { holder });
  await first.db
    .insertInto('datasets')
    .values({ id: 'd', name: 'Cameras', created_at: 1, rendered: 0, manifest_hash: null })
    .execute();
  await first.close();
  const second = await Workspace.open(folder, { holder });
  onTestFinished(() => second.close());
  expect(await second.db.selectFrom('datasets').select('name').execute()).toEqual([{ name: 'Cameras' }]);
});

test('queued and running training runs become interrupted on opening, paused and ended ones stay as they are', async () => {
  const folder = temporaryFolder();
  const first = await Workspace.open(folder, { holder });
  first.sqlite.exec(`INSERT INTO datasets (id, name, created_at, rendered) VALUES ('d', 'Cameras', 1, 0)`);
  const insert = first.sqlite.prepare(
    `INSERT INTO training_runs (id, dataset_id, dataset_name, rendered, dataset_manifest_hash, state, created_at,
     ended_at, request, config, error, program_version) VALUES (:state, 'd', 'Cameras', 0, :hash, :state, 1, :ended, '{}', '{}', :error, '1')`,
  );
  const states = ['queued', 'running', 'paused', 'done', 'failed', 'cancelled', 'interrupted'];
  for (const state of states)
    insert.run({
      state,
      hash: 'a'.repeat(64),
      ended: states.indexOf(state) < 3 ? null : 2,
      error: state === 'failed' ? '{}' : null,
    });
  await first.close();
  const second = await Workspace.open(folder, { holder });
  onTestFinished(() => second.close());
  const rows = await second.db.selectFrom('training_runs').select(['id', 'state', 'ended_at']).execute();
  for (const { id, state, ended_at } of rows) {
    const wasActive = states.indexOf(id) < 2;
    expect(state, id).toBe(wasActive ? 'interrupted' : id);
    expect(ended_at, id).toEqual(wasActive ? expect.any(Number) : id === 'paused' ? null : 2);
  }
});

test('a text file in place of the database is refused and left as it is', async () => {
  const folder = temporaryFolder();
  writeFileSync(path.join(folder, 'workspace.sqlite'), 'not a database, only a few words\n'.repeat(20));
  await expectRefusal(folder, 'workspace_damaged');
});

test('a database of another program is refused and left as it is', async () => {
  const folder = temporaryFolder();
  const other = new BetterSqlite(path.join(folder, 'workspace.sqlite'));
  other.exec('CREATE TABLE notes (text TEXT); INSERT INTO notes VALUES (1)');
  other.close();
  await expectRefusal(folder, 'workspace_damaged');
});

test('a database of a newer version is refused and left as it is', async () => {
  const folder = await closedWorkspace();
  const newer = new BetterSqlite(path.join(folder, 'workspace.sqlite'));
  newer.pragma('user_version = 99990');
  newer.pragma('wal_checkpoint(TRUNCATE)');
  newer.close();
  await expectRefusal(folder, 'workspace_from_future');
});

test('a database whose pages are damaged, and one that was cut off, are refused and left as they are', async () => {
  const folder = await closedWorkspace();
  const file = path.join(folder, 'workspace.sqlite');
  const good = readFileSync(file);
  const damaged = Buffer.from(good);
  damaged.fill(0x55, 4096 * 2, 4096 * 6);
  for (const bytes of [damaged, good.subarray(0, good.length / 2), good.subarray(0, 50)]) {
    writeFileSync(file, bytes);
    await expectRefusal(folder, 'workspace_damaged');
  }
  writeFileSync(file, good);
  await (await Workspace.open(folder, { holder })).close();
});

test('stored files without a database are refused, not taken for a new workspace', async () => {
  const folder = temporaryFolder();
  const workspace = await Workspace.open(folder, { holder });
  await workspace.blobs.put(Buffer.from('bytes'), 'text/plain', 'original');
  await workspace.close();
  rmSync(path.join(folder, 'workspace.sqlite'));
  await expectRefusal(folder, 'workspace_damaged');
});

test('a file in place of the folder is refused', async () => {
  const file = path.join(temporaryFolder(), 'file');
  writeFileSync(file, 'words');
  const failure = await failureOf(Workspace.open(file, { holder }));
  expect(failure.code).toBe('workspace_not_writable');
  expect(readFileSync(file, 'utf8')).toBe('words');
});

const root = process.getuid?.() === 0;
test.skipIf(process.platform === 'win32')('a folder that may not be written is refused', async () => {
  const folder = temporaryFolder();
  const inside = path.join(folder, 'workspace');
  mkdirSync(inside);
  execFileSync('chmod', ['0555', inside]);
  execFileSync('chmod', ['0755', folder]);
  if (root) process.seteuid?.(65534);
  const failure = await failureOf(Workspace.open(inside, { holder })).finally(() => {
    if (root) process.seteuid?.(0);
  });
  expect(failure.code).toBe('workspace_not_writable');
  expect(readdirSync(inside)).toEqual([]);
});

/** A file system of its own of `kilobytes`, where the test may mount one. */
function smallDisk(kilobytes: number): string | null {
  const folder = temporaryFolder();
  const mounted =
    spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${kilobytes}k`, 'tmpfs', folder]).status === 0;
  if (!mounted) return null;
  onTestFinished(() => void spawnSync('umount', ['-l', folder]));
  return folder;
}

test.skipIf(process.platform !== 'linux' || !root)(
  'on a full disk opening and storing say so, and what was stored before stays (mounts a small disk)',
  async ({ skip }) => {
    const tiny = smallDisk(64);
    const small = smallDisk(2048);
    if (tiny === null || small === null)
      return skip('this machine does not let the test mount a file system');
    expect((await failureOf(Workspace.open(tiny, { holder }))).code).toBe('disk_full');

    const workspace = await Workspace.open(small, { holder });
    onTestFinished(() => workspace.close());
    const kept = await workspace.blobs.put(Buffer.from('small'), 'text/plain', 'original');
    const big = Buffer.alloc(4 << 20, 7);
    expect((await failureOf(workspace.blobs.put(big, 'text/plain', 'original'))).code).toBe('disk_full');
    const source = path.join(temporaryFolder(), 'big');
    writeFileSync(source, big);
    expect((await failureOf(workspace.blobs.putFile(source, 'text/plain', 'original'))).code).toBe(
      'disk_full',
    );
    await workspace.blobs.verify(kept.hash);
    expect(readdirSync(path.join(small, 'blobs', 'incoming'))).toEqual([]);
  },
);

test.skipIf(process.platform !== 'linux' || !root)(
  'a workspace on a disk that is full opens for reading and says so (mounts a small disk)',
  async ({ skip }) => {
    const disk = smallDisk(4096);
    if (disk === null) return skip('this machine does not let the test mount a file system');
    const folder = path.join(disk, 'workspace');
    const first = await Workspace.open(folder, { holder });
    const kept = await first.blobs.put(Buffer.from('small'), 'text/plain', 'original');
    await first.close();
    // The last byte that is free, too.
    for (let size = 1 << 20; size >= 1; size >>= 1)
      for (let more = true; more;)
        try {
          appendFileSync(path.join(disk, 'filler'), Buffer.alloc(size));
        } catch {
          more = false;
        }
    const workspace = await Workspace.open(folder, { holder });
    onTestFinished(() => workspace.close());
    expect(workspace.readOnly?.message).toMatch(/open for reading only\. There is no space left/);
    await workspace.blobs.verify(kept.hash);
    const failure = await failureOf(workspace.blobs.put(Buffer.from('more'), 'text/plain', 'original'));
    expect(failure).toBe(workspace.readOnly);
  },
);

test('a migration that fails leaves the database at the version before it', async () => {
  const file = path.join(temporaryFolder(), 'workspace.sqlite');
  const broken = { number: 15, name: 'broken', sql: 'CREATE TABLE half (a) ; CREATE TABLE half (a)' };
  const first = migrations.slice(0, 1);
  await failureOf(openDatabase(file, [...first, broken]));
  const database = await openDatabase(file, first);
  expect(database.pragma('user_version', { simple: true })).toBe(10);
  expect(database.prepare(`SELECT 1 FROM sqlite_schema WHERE name = 'half'`).get()).toBeUndefined();
  database.close();
});

test('a workspace of an older version is brought up to date with its rows', async () => {
  const folder = temporaryFolder();
  const old = await openDatabase(path.join(folder, 'workspace.sqlite'), migrations.slice(0, 2));
  old.exec(`INSERT INTO datasets VALUES ('d', 'Cameras', 1, 0, NULL)`);
  old.close();
  const workspace = await Workspace.open(folder, { holder });
  onTestFinished(() => workspace.close());
  expect(await workspace.db.selectFrom('datasets').select('id').execute()).toEqual([{ id: 'd' }]);
  expect(await workspace.db.selectFrom('verdicts').select('id').execute()).toEqual([]);
});

test('the folder of a run lies in the workspace, whatever the id', async () => {
  const workspace = await temporaryWorkspace();
  expect(workspace.runFolder('abc1')).toBe(path.join(workspace.folder, 'runs', 'abc1'));
  for (const id of ['..', 'a/b', '', 'a\\b'])
    expect(() => workspace.runFolder(id)).toThrow('not the id of a run');
});

test('a Node.js that would crash in the database is refused before it is loaded', () => {
  for (const node of ['20.19.0', '22.17.9', '18.0.0'])
    expect(() => assertSupportedHost({ node })).toThrow(
      expect.objectContaining({ code: 'unsupported_host' }),
    );
  for (const node of ['22.18.0', '24.1.0', '26.0.0']) assertSupportedHost({ node });
  assertSupportedHost({ node: '20.19.0', electron: '45.0.0' });
});
