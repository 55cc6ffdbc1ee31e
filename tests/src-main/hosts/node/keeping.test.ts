/** The verbs that look after a workspace: verify, backup, storage. */
import { execFile } from 'node:child_process';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import BetterSqlite from 'better-sqlite3';
import { expect, test } from 'vitest';
import { Workspace } from '#storage/workspace.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';
import { TimeStampAuthority } from '#tests/support/time-stamp-authority.ts';

const cli = path.resolve(import.meta.dirname, '../../../../src-main/hosts/node/cli.ts');
async function json(workspace: string, ...args: string[]) {
  const run = promisify(execFile)(process.execPath, [cli, ...args, '--json', '--data-dir', workspace]);
  const { stdout, code } = await run.then(
    (ended) => ({ ...ended, code: 0 }),
    (failed: { stdout: string; code: number }) => failed,
  );
  return { status: code, answer: JSON.parse(stdout) as Record<string, unknown> };
}

test('a workspace is backed up, restored elsewhere, verified and cleared from the command line', async () => {
  const folder = temporaryFolder();
  const workspace = path.join(folder, 'workspace');
  const opened = await Workspace.open(workspace, { holder: 'the tests' });
  const { hash } = await opened.blobs.put(Buffer.from('forgotten'), 'text/plain', 'derived');
  opened.sqlite.exec('UPDATE blobs SET created_at = 1');
  await opened.close();

  const backup = await json(workspace, 'backup', 'create');
  expect(backup).toMatchObject({ status: 0, answer: { reason: 'requested', bytes: expect.any(Number) } });
  const { answer } = await json(workspace, 'backup', 'list');
  expect(answer).toEqual({ backups: [backup.answer] });
  const restored = path.join(folder, 'restored');
  expect(await json(workspace, 'backup', 'restore', String(backup.answer['name']), '--to', restored)).toEqual(
    {
      status: 0,
      answer: { folder: restored, blobs: 1, missing: 0 },
    },
  );
  expect(await json(restored, 'verify', '--workspace')).toMatchObject({
    status: 0,
    answer: { ok: true, first_wrong_entry: null, checked: { blobs: 1 }, findings: [] },
  });

  const shown = await json(workspace, 'storage', '--collect');
  expect(shown).toMatchObject({ status: 0, answer: { files: 1, listed: [{ hash }], removed: null } });
  const collected = await json(workspace, 'storage', '--collect', '--yes');
  expect(collected).toMatchObject({ status: 0, answer: { removed: { files: 1, bytes: 9 } } });

  const database = new BetterSqlite(path.join(workspace, 'workspace.sqlite'));
  database.exec(
    `DROP TRIGGER audit_log_not_updated; UPDATE audit_log SET examiner = 'Eve' WHERE sequence = 2`,
  );
  database.close();
  const wrong = await json(workspace, 'verify', '--workspace');
  expect(wrong).toMatchObject({ status: 1, answer: { ok: false, first_wrong_entry: 2 } });
});

test('stored files are moved to another disk and back from the command line, and found where that lies now', async () => {
  const folder = temporaryFolder();
  const workspace = path.join(folder, 'workspace');
  const opened = await Workspace.open(workspace, { holder: 'the tests' });
  await opened.blobs.put(Buffer.from('kept'), 'text/plain', 'derived');
  await opened.close();
  const [files, elsewhere] = [path.join(folder, 'files'), path.join(folder, 'elsewhere')];
  expect(await json(workspace, 'storage', '--move', files)).toEqual({
    status: 0,
    answer: { state: 'done', folder: files, files: 1, bytes: 4, damaged: [] },
  });
  renameSync(files, elsewhere);
  const lost = await json(workspace, 'storage', '--move-back');
  expect(lost).toMatchObject({
    status: 1,
    answer: { error: { message: expect.stringContaining(`${files}, is not there`) } },
  });
  expect(await json(workspace, 'storage', '--found-at', elsewhere)).toMatchObject({
    status: 0,
    answer: { folder: elsewhere, stored: { files: 1, bytes: 4 } },
  });
  expect(await json(workspace, 'storage', '--move-back')).toMatchObject({ status: 0, answer: { files: 1 } });
  expect(await json(workspace, 'verify', '--workspace')).toMatchObject({ status: 0, answer: { ok: true } });
  expect(existsSync(elsewhere)).toBe(false);
});

test('the head of the log is told, stamped elsewhere, and its token taken in from the command line', async () => {
  const folder = temporaryFolder();
  const workspace = path.join(folder, 'workspace');
  const request = path.join(folder, 'head.tsq');
  const told = await json(workspace, 'timestamp', 'request', '--out', request);
  const digest = String(told.answer['digest']);
  expect(told).toMatchObject({ status: 0, answer: { entries: 1, algorithm: 'sha256', request } });
  expect(readFileSync(request).toString('hex')).toContain(digest);
  expect(await json(workspace, 'timestamp', 'request', '--out', request)).toMatchObject({ status: 1 });

  const authority = await TimeStampAuthority.found('Stamper');
  const token = path.join(folder, 'head.tsr');
  writeFileSync(token, await authority.response(digest));
  const imported = await json(workspace, 'timestamp', 'import', token);
  const stamp = { head: { entries: 1, hash: digest }, authority: 'CN=Stamper, O=Tests', chain: 'not-judged' };
  expect(imported).toMatchObject({ status: 0, answer: stamp });
  expect((await json(workspace, 'timestamp', 'list')).answer).toEqual({ time_stamps: [imported.answer] });
  expect(await json(workspace, 'verify', '--workspace')).toMatchObject({
    status: 0,
    answer: { ok: true, time_stamps: [stamp] },
  });
});

test('verify asks what it shall verify', async () => {
  const { status, answer } = await json(temporaryFolder(), 'verify');
  expect({ status, answer }).toMatchObject({ status: 2, answer: { error: { code: 'invalid_input' } } });
});

test('diagnostics are collected from the command line, and a file that is there is left as it is', async () => {
  const folder = temporaryFolder();
  const workspace = path.join(folder, 'workspace');
  const file = path.join(folder, 'diagnostics.zip');
  const collected = await json(workspace, 'doctor', '--collect', file);
  expect(collected).toMatchObject({ status: 0, answer: { path: file, bytes: readFileSync(file).length } });
  expect(collected.answer['files']).toEqual([
    ...['README.txt', 'system.json', 'settings.json', 'workspace.json'],
  ]);
  const again = await json(workspace, 'doctor', '--collect', file);
  expect(again).toMatchObject({ status: 2, answer: { error: { code: 'invalid_input' } } });
});

test('diagnostics are collected of a workspace that cannot be opened as well, and say why it cannot', async () => {
  const folder = temporaryFolder();
  const workspace = path.join(folder, 'workspace');
  await (await Workspace.open(workspace, { holder: 'the tests' })).close();
  writeFileSync(path.join(workspace, 'workspace.sqlite'), 'no database');
  const file = path.join(folder, 'diagnostics.zip');
  expect(await json(workspace, 'doctor', '--collect', file)).toMatchObject({
    status: 0,
    answer: { path: file, bytes: readFileSync(file).length, problem: 'workspace_damaged' },
  });
  expect(await json(workspace, 'doctor', '--collect', file)).toMatchObject({
    status: 2,
    answer: { error: { code: 'invalid_input' } },
  });
});

test('settings are shown and changed from the command line, and what none can hold is refused', async () => {
  const workspace = path.join(temporaryFolder(), 'workspace');
  const shown = await json(workspace, 'settings');
  expect(shown).toMatchObject({ status: 0, answer: { backup_hours: 24, picture_cache_megabytes: 448 } });
  const set = ['--set', 'picture-cache-megabytes=128', 'examiner=Ada Lane'];
  const changed = { ...shown.answer, picture_cache_megabytes: 128, examiner: 'Ada Lane' };
  expect(await json(workspace, 'settings', ...set)).toEqual({ status: 0, answer: changed });
  for (const wrong of ['picture-cache-megabytes=1', 'backup-hours=soon', 'colour=red', 'backup-hours'])
    expect(await json(workspace, 'settings', '--set', wrong), wrong).toMatchObject({
      status: 2,
      answer: { error: { code: 'invalid_input' } },
    });
  expect(await json(workspace, 'settings')).toEqual({ status: 0, answer: changed });
});
