/** Backups: whole, bounded in number, made before a migration, and good enough to go on from. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import BetterSqlite from 'better-sqlite3';
import { expect, onTestFinished, test, vi } from 'vitest';
import { BackupService } from '#features/backups/backup.service.ts';
import { JobRepository } from '#features/jobs/job.repository.ts';
import { JobService } from '#features/jobs/job.service.ts';
import { SettingsService } from '#features/settings/settings.service.ts';
import { VerificationService } from '#features/verification/verification.service.ts';
import { migrations } from '#storage/migrations/migrations.ts';
import { openDatabase } from '#storage/open-database.ts';
import { Workspace } from '#storage/workspace.ts';
import { failureOf } from '#tests/support/app-error.ts';
import { recordedEntries } from '#tests/support/recorded-entries.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';
import { temporaryWorkspace } from '#tests/support/temporary-workspace.ts';
import { makeWorkedWorkspace } from '#tests/support/worked-workspace.ts';

async function opened(folder: string): Promise<Workspace> {
  const workspace = await Workspace.open(folder, { holder: 'the tests' });
  onTestFinished(() => workspace.close());
  return workspace;
}
const verified = (workspace: Workspace) =>
  new VerificationService({ workspace, jobs: new JobService(new JobRepository(workspace.db)) }).verify();

test('a restored backup is a workspace with all rows and files of its time, whose log goes on and verifies', async () => {
  const base = temporaryFolder();
  const verdicts = await makeWorkedWorkspace(path.join(base, 'workspace'), path.join(base, 'pictures'));
  const workspace = await opened(path.join(base, 'workspace'));
  const backups = new BackupService(workspace);
  const before = recordedEntries(workspace);
  const made = await backups.create();
  expect(backups.list()).toEqual([made]);
  expect(recordedEntries(workspace).at(-1)).toMatchObject({
    action: 'workspace.backed-up',
    payload: { file: made.name, reason: 'requested' },
  });
  await new SettingsService(workspace).change({ examiner: 'Later' });

  const target = path.join(base, 'restored');
  expect(await backups.restore(made.name, target)).toMatchObject({ folder: target, missing: 0 });
  const restored = await opened(target);
  expect(recordedEntries(restored).slice(0, -1)).toEqual(before);
  expect(recordedEntries(restored).at(-1)).toMatchObject({
    action: 'workspace.restored',
    payload: { file: made.name, head: { entries: before.length, hash: before.at(-1)?.hash } },
  });
  const rows = restored.sqlite.prepare('SELECT id FROM verdicts ORDER BY sequence').pluck().all();
  expect(rows).toEqual(verdicts);
  expect(await verified(restored)).toMatchObject({ ok: true, findings: [], checked: { checkpoints: 1 } });
});

test('no more backups than the setting says are kept, the newest of them', async () => {
  const workspace = await temporaryWorkspace();
  const backups = new BackupService(workspace);
  await new SettingsService(workspace).change({ backupsKept: 2 });
  const made = [await backups.create(), await backups.create(), await backups.create()];
  expect(backups.list()).toEqual([made[2], made[1]]);
  expect(readdirSync(workspace.backupsFolder)).toHaveLength(2);
});

test('a backup is one whole database file, taken while others write', async () => {
  const workspace = await temporaryWorkspace();
  const settings = new SettingsService(workspace);
  const backups = new BackupService(workspace);
  const writing = Promise.all(
    Array.from({ length: 20 }, (_, index) => settings.change({ examiner: `Examiner ${index}` })),
  );
  const { name } = await backups.create();
  await writing;
  const copy = new BetterSqlite(path.join(workspace.backupsFolder, name), { readonly: true });
  onTestFinished(() => void copy.close());
  expect(copy.pragma('integrity_check', { simple: true })).toBe('ok');
  expect(copy.pragma('journal_mode', { simple: true })).toBe('delete');
});

test('before a migration the database is kept as it was', async () => {
  const folder = temporaryFolder();
  const old = await openDatabase(path.join(folder, 'workspace.sqlite'), migrations.slice(0, 2));
  old.exec(`INSERT INTO datasets VALUES ('d', 'Cameras', 1, 0, NULL)`);
  old.close();
  const backups = new BackupService(await opened(folder));
  const [kept, ...others] = backups.list();
  expect(others).toEqual([]);
  expect(kept?.reason).toBe('migration');
  const copy = new BetterSqlite(path.join(folder, 'backups', kept?.name ?? ''), { readonly: true });
  onTestFinished(() => void copy.close());
  expect(copy.pragma('user_version', { simple: true })).toBe(20);
  expect(copy.prepare('SELECT name FROM datasets').pluck().all()).toEqual(['Cameras']);
  expect((await temporaryWorkspace().then((fresh) => new BackupService(fresh))).list()).toEqual([]);
});

test('where no backup can be made, an older database is not migrated', async () => {
  const folder = temporaryFolder();
  const file = path.join(folder, 'workspace.sqlite');
  (await openDatabase(file, migrations.slice(0, 2))).close();
  writeFileSync(path.join(folder, 'backups'), 'in the way');
  const before = readFileSync(file);
  expect((await failureOf(openDatabase(file))).code).toBe('workspace_not_writable');
  expect(readFileSync(file)).toEqual(before);
});

test('the schedule makes a backup where the newest is old enough, and none where it is not or nobody wants one', async () => {
  const workspace = await temporaryWorkspace();
  vi.useFakeTimers({ toFake: ['Date', 'setInterval', 'clearInterval'] });
  onTestFinished(() => void vi.useRealTimers());
  const hour = 3_600_000;
  const count = async (backups: BackupService): Promise<number> => {
    await backups.close();
    return backups.list().filter(({ reason }) => reason === 'scheduled').length;
  };
  const first = new BackupService(workspace);
  first.schedule();
  expect(await count(first)).toBe(1);
  vi.setSystemTime(Date.now() + 23 * hour);
  const second = new BackupService(workspace);
  second.schedule();
  expect(await count(second)).toBe(1);
  const third = new BackupService(workspace);
  third.schedule();
  vi.advanceTimersByTime(2 * hour);
  expect(await count(third)).toBe(2);
  await new SettingsService(workspace).change({ backupHours: 0 });
  vi.setSystemTime(Date.now() + 100 * hour);
  const fourth = new BackupService(workspace);
  fourth.schedule();
  expect(await count(fourth)).toBe(2);
});

test('a scheduled backup that fails is told of, and a later one that succeeds ends that', async () => {
  const workspace = await temporaryWorkspace();
  writeFileSync(workspace.backupsFolder, 'in the way');
  const backups = new BackupService(workspace);
  backups.schedule();
  await backups.close();
  expect(backups.problem?.code).toBe('workspace_not_writable');
  rmSync(workspace.backupsFolder);
  backups.schedule();
  await backups.close();
  expect(backups.problem).toBeNull();
});

test('a backup is restored only where it harms nothing, and one that is damaged not at all', async () => {
  const workspace = await temporaryWorkspace();
  const backups = new BackupService(workspace);
  const { name } = await backups.create();
  const outside = temporaryFolder();
  const full = path.join(outside, 'full');
  mkdirSync(full);
  writeFileSync(path.join(full, 'letter.txt'), 'mine');
  const refusals = [
    backups.restore('none.sqlite', path.join(outside, 'new')),
    backups.restore(name, full),
    backups.restore(name, workspace.folder),
    backups.restore(name, path.join(workspace.folder, 'inside')),
  ];
  const codes = await Promise.all(refusals.map(async (refusal) => (await failureOf(refusal)).code));
  expect(codes).toEqual(['not_found', 'invalid_input', 'invalid_input', 'invalid_input']);
  const file = path.join(workspace.backupsFolder, name);
  const bytes = readFileSync(file);
  bytes.fill(0x55, 4096 * 2, 4096 * 8);
  writeFileSync(file, bytes);
  const target = path.join(outside, 'new');
  expect((await failureOf(backups.restore(name, target))).code).toBe('workspace_damaged');
  expect(existsSync(target)).toBe(false);
  expect(readdirSync(full)).toEqual(['letter.txt']);
});

/** Breaks a rule of the schema, which only an integrity check of the whole database sees. */
function breakARule(database: Pick<BetterSqlite.Database, 'pragma' | 'exec'>): void {
  database.pragma('ignore_check_constraints = ON');
  database.exec(`INSERT INTO blobs VALUES ('no hash', 1, 'image/png', 'original', 1)`);
  database.pragma('ignore_check_constraints = OFF');
}

test('a copy that is no whole database is no backup, and takes no older one away', async () => {
  const workspace = await temporaryWorkspace();
  const backups = new BackupService(workspace);
  await new SettingsService(workspace).change({ backupsKept: 1 });
  const kept = await backups.create();
  const entries = recordedEntries(workspace).length;
  breakARule(workspace.sqlite);
  expect((await failureOf(backups.create())).code).toBe('workspace_damaged');
  expect(readdirSync(workspace.backupsFolder)).toEqual([kept.name]);
  expect(recordedEntries(workspace)).toHaveLength(entries);
});

test('a backup that can be read and is not whole is not restored', async () => {
  const workspace = await temporaryWorkspace();
  const backups = new BackupService(workspace);
  const { name } = await backups.create();
  const copy = new BetterSqlite(path.join(workspace.backupsFolder, name));
  breakARule(copy);
  copy.close();
  const target = path.join(temporaryFolder(), 'new');
  expect((await failureOf(backups.restore(name, target))).code).toBe('workspace_damaged');
  expect(existsSync(target)).toBe(false);
});
