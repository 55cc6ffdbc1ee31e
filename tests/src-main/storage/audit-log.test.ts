/** The audit log: entries stand and fall with the effect they tell of, and the head file misses what is cut off. */
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import path from 'node:path';
import BetterSqlite from 'better-sqlite3';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { AuditEntry } from '#contract/audit.ts';
import { canonicalJson } from '#storage/canonical-json.ts';
import { migrations } from '#storage/migrations/migrations.ts';
import { openDatabase } from '#storage/open-database.ts';
import { Workspace } from '#storage/workspace.ts';
import { failureOf } from '#tests/support/app-error.ts';
import { recordedEntries } from '#tests/support/recorded-entries.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';
import { temporaryWorkspace } from '#tests/support/temporary-workspace.ts';
import { goodRows } from './table-rows.ts';

const holder = 'the tests';
const subject = { kind: 'dataset', id: 'd' } as const;
const action = 'workspace.created';

/** An action with an effect: the setting takes a new value, and the log tells of it. */
const act = (workspace: Workspace, examiner: string): Promise<AuditEntry> =>
  workspace.db.transaction().execute(async (transaction) => {
    await workspace.settings.set(transaction, 'examiner', examiner);
    return workspace.audit.record(transaction, { action, subject, payload: { examiner } });
  });
const headFile = (folder: string): string => path.join(folder, 'audit-head.json');
const readHead = (folder: string): unknown => JSON.parse(readFileSync(headFile(folder), 'utf8'));

async function reopened(folder: string): Promise<Workspace> {
  const workspace = await Workspace.open(folder, { holder });
  onTestFinished(() => workspace.close());
  return workspace;
}
/** A closed workspace with five entries. */
async function closed(): Promise<string> {
  const folder = temporaryFolder();
  const workspace = await Workspace.open(folder, { holder });
  for (const name of ['Ada', 'Ben', 'Cem', 'Dee']) await act(workspace, name);
  await workspace.close();
  return folder;
}
function tamper(folder: string, sql: string): void {
  const database = new BetterSqlite(path.join(folder, 'workspace.sqlite'));
  database.exec('DROP TRIGGER audit_log_not_deleted; DROP TRIGGER audit_log_not_updated');
  database.exec(sql);
  database.close();
}

test('each entry holds the hash of the one before, and its own hash is that of its documented text', async () => {
  const workspace = await temporaryWorkspace();
  await act(workspace, 'Ada');
  await act(workspace, 'Ben');
  const all = recordedEntries(workspace);
  expect(all.map((entry) => entry.sequence)).toEqual([1, 2, 3]);
  expect(all[0]).toMatchObject({ previous: '0'.repeat(64), action: 'workspace.created' });
  for (const [index, { hash, ...content }] of all.entries()) {
    if (index > 0) expect(content.previous).toBe(all[index - 1]?.hash);
    const text = canonicalJson(content as Parameters<typeof canonicalJson>[0]);
    expect(hash).toBe(createHash('sha256').update(text, 'utf8').digest('hex'));
    expect(text).toMatch(
      /^\{"action":.*"at":.*"examiner":.*"payload":.*"previous":.*"sequence":.*"subject":/,
    );
  }
});

test('entries name the examiner of the settings, or else the user of the operating system', async () => {
  const workspace = await temporaryWorkspace();
  await act(workspace, 'Ada Lovelace');
  expect(recordedEntries(workspace).map((entry) => entry.examiner)).toEqual([
    userInfo().username,
    'Ada Lovelace',
  ]);
});

test('an action that fails leaves no entry, and an entry that cannot be written fails its action', async () => {
  const workspace = await temporaryWorkspace();
  const { db, audit, settings, sqlite } = workspace;
  const before = { head: audit.head(), file: readHead(workspace.folder) };
  const effect = db.transaction().execute(async (transaction) => {
    audit.record(transaction, { action, subject });
    await transaction
      .insertInto('jobs')
      .values({ id: 'j' } as never)
      .execute();
  });
  await expect(effect).rejects.toThrow('NOT NULL');
  sqlite.exec(`CREATE TRIGGER broken BEFORE INSERT ON audit_log BEGIN SELECT RAISE(ABORT, 'no room'); END`);
  await expect(act(workspace, 'Ada')).rejects.toThrow('no room');
  sqlite.exec('DROP TRIGGER broken');
  expect(settings.get('examiner')).toBeNull();
  expect({ head: audit.head(), file: readHead(workspace.folder) }).toEqual(before);
});

test('an action whose head cannot be written outside the database fails, and nothing of it stays', async () => {
  const workspace = await temporaryWorkspace();
  const before = workspace.audit.head();
  mkdirSync(`${headFile(workspace.folder)}.next`);
  expect((await failureOf(act(workspace, 'Ada'))).code).toBe('workspace_not_writable');
  expect(workspace.audit.head()).toEqual(before);
  expect(workspace.settings.get('examiner')).toBeNull();
  rmSync(`${headFile(workspace.folder)}.next`, { recursive: true });
  await act(workspace, 'Ada');
  expect(readHead(workspace.folder)).toEqual(workspace.audit.head());
});

test('an entry outside a transaction is refused', async () => {
  const { db, audit } = await temporaryWorkspace();
  expect(() => audit.record(db as never, { action, subject })).toThrow('outside the transaction');
});

test('the log is only added to', async () => {
  const { sqlite } = await temporaryWorkspace();
  expect(() => sqlite.exec(`UPDATE audit_log SET examiner = 'Eve'`)).toThrow('only added to');
  expect(() => sqlite.exec('DELETE FROM audit_log')).toThrow('only added to');
  expect(() => sqlite.exec('INSERT OR REPLACE INTO audit_log SELECT * FROM audit_log')).toThrow(
    'follows the one before',
  );
});

test('with the clock set back entries keep their order, and their times are as the clock said', async () => {
  const workspace = await temporaryWorkspace();
  vi.useFakeTimers({ toFake: ['Date'] });
  onTestFinished(() => void vi.useRealTimers());
  vi.setSystemTime(2_000_000);
  await act(workspace, 'Ada');
  vi.setSystemTime(1_000_000);
  await act(workspace, 'Ben');
  expect(
    recordedEntries(workspace)
      .slice(1)
      .map(({ sequence, at }) => [sequence, at]),
  ).toEqual([
    [2, 2_000_000],
    [3, 1_000_000],
  ]);
});

test('the head file holds what was committed last, and opening an unchanged workspace adds nothing', async () => {
  const folder = await closed();
  const before = readHead(folder);
  expect(before).toMatchObject({ entries: 5 });
  const workspace = await reopened(folder);
  expect(workspace.audit.head()).toEqual(before);
  expect(readHead(folder)).toEqual(before);
});

test('a program that died between its commit and the head file is believed, and the head file caught up', async () => {
  const folder = await closed();
  copyFileSync(headFile(folder), path.join(folder, 'older'));
  const workspace = await Workspace.open(folder, { holder });
  await act(workspace, 'Eli');
  await workspace.close();
  copyFileSync(path.join(folder, 'older'), headFile(folder));
  const again = await reopened(folder);
  expect(again.audit.head().entries).toBe(6);
  expect(readHead(folder)).toEqual(again.audit.head());
});

test.each([
  ['whose tail was cut off', (folder: string) => tamper(folder, 'DELETE FROM audit_log WHERE sequence > 3')],
  ['that lost every entry', (folder: string) => tamper(folder, 'DELETE FROM audit_log')],
  [
    'whose last entry was replaced',
    (folder: string) => tamper(folder, `UPDATE audit_log SET hash = '${'b'.repeat(64)}' WHERE sequence = 5`),
  ],
  ['without its head file', (folder: string) => rmSync(headFile(folder))],
  [
    'with a head file that cannot be read',
    (folder: string) => writeFileSync(headFile(folder), '{"entries":'),
  ],
])('a log %s opens, and says so in an entry that stays', async (_, change) => {
  const folder = await closed();
  const expected = readHead(folder);
  change(folder);
  const workspace = await Workspace.open(folder, { holder });
  const last = recordedEntries(workspace).at(-1);
  expect(last?.action).toBe('workspace.head-mismatched');
  const told = last?.payload as { expected: unknown };
  expect([expected, null, 'unreadable']).toContainEqual(told.expected);
  await workspace.close();
  const again = await reopened(folder);
  expect(recordedEntries(again)).toContainEqual(last);
});

test('a workspace from before there was a log begins one that seals the results it holds', async () => {
  const folder = temporaryFolder();
  const old = await openDatabase(
    path.join(folder, 'workspace.sqlite'),
    migrations.filter(({ number }) => number < 80),
  );
  const { blobs, pictures, datasets, training_runs, models, verdicts } = goodRows;
  for (const [table, row] of Object.entries({
    blobs,
    pictures,
    datasets,
    training_runs,
    models,
    verdicts,
  })) {
    // Later versions added columns.
    const columns = old.prepare(`SELECT name FROM pragma_table_info('${table}')`).pluck().all();
    const names = Object.keys(row ?? {}).filter((name) => columns.includes(name));
    old
      .prepare(`INSERT INTO ${table} (${names.join()}) VALUES (${names.map((name) => `:${name}`).join()})`)
      .run(row);
  }
  old.close();
  const workspace = await reopened(folder);
  const [first, ending] = recordedEntries(workspace);
  expect(first).toMatchObject({
    sequence: 1,
    action: 'workspace.log-begun',
    payload: {
      seals: [
        { table: 'verdicts', id: 'v' },
        { table: 'models', id: 'm' },
        { table: 'training_runs', id: 'r' },
      ],
    },
  });
  // The run of the good rows was running; it is interrupted in an entry of its own.
  expect(ending).toMatchObject({ action: 'run.ended', subject: { kind: 'run', id: 'r' } });
  expect(readHead(folder)).toEqual({ entries: 2, hash: ending?.hash });
});
