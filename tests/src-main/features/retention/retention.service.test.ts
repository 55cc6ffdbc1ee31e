/** Collecting: exactly what was told of goes, and nothing that anything refers to. */
import { existsSync, mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { RetentionService } from '#features/retention/retention.service.ts';
import { Workspace } from '#storage/workspace.ts';
import { failureOf } from '#tests/support/app-error.ts';
import { recordedEntries } from '#tests/support/recorded-entries.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';
import { temporaryWorkspace } from '#tests/support/temporary-workspace.ts';
import { makeWorkedWorkspace } from '#tests/support/worked-workspace.ts';

/** Stores words as if that had been long ago. */
async function storeLongAgo({ blobs, sqlite }: Workspace, words: string): Promise<string> {
  const { hash } = await blobs.put(Buffer.from(words), 'text/plain', 'derived');
  sqlite.prepare('UPDATE blobs SET created_at = 1 WHERE hash = ?').run(hash);
  return hash;
}

test('what nothing refers to is told of first, then removed and recorded, and told of no more', async () => {
  const workspace = await temporaryWorkspace();
  const retention = new RetentionService(workspace);
  const hash = await storeLongAgo(workspace, 'forgotten');
  const plan = retention.plan();
  expect(plan).toMatchObject({
    files: 1,
    bytes: 9,
    listed: [{ hash, bytes: 9, kind: 'derived', storedAt: 1 }],
    stored: { files: 1, bytes: 9 },
  });
  expect(existsSync(workspace.blobs.pathOf(hash))).toBe(true);
  expect(await retention.collect(plan.digest)).toEqual({ files: 1, bytes: 9 });
  expect(existsSync(workspace.blobs.pathOf(hash))).toBe(false);
  expect(await workspace.blobs.find(hash)).toBeNull();
  expect(recordedEntries(workspace).at(-1)).toMatchObject({
    action: 'storage.collected',
    payload: { files: 1, bytes: 9, hashes: [hash] },
  });
  expect(retention.plan()).toMatchObject({ files: 0, bytes: 0, listed: [] });
});

test('nothing goes that a dataset, a run, a model or a verdict refers to, however it does', async () => {
  const base = temporaryFolder();
  await makeWorkedWorkspace(path.join(base, 'workspace'), path.join(base, 'pictures'));
  const workspace = await Workspace.open(path.join(base, 'workspace'), { holder: 'the tests' });
  onTestFinished(() => workspace.close());
  workspace.sqlite.exec('UPDATE blobs SET created_at = 1');
  const retention = new RetentionService(workspace);
  const plan = retention.plan();
  expect(plan.stored.files).toBeGreaterThan(5);
  expect(plan.files).toBe(0);
  // As soon as a verdict is gone, its maps are named by nothing.
  const map = workspace.sqlite
    .prepare<[], string>(
      'SELECT node.value FROM verdicts, json_tree(maps) AS node WHERE length(node.value) = 64',
    )
    .pluck()
    .all() as string[];
  workspace.sqlite.exec('DELETE FROM verdicts');
  const later = retention.plan().listed.map(({ hash }) => hash);
  expect(later).toEqual(expect.arrayContaining([...new Set(map)]));
});

test('what was stored lately stays, and so does everything while a job goes on', async () => {
  const workspace = await temporaryWorkspace();
  const retention = new RetentionService(workspace);
  await workspace.blobs.put(Buffer.from('new'), 'text/plain', 'derived');
  expect(retention.plan().files).toBe(0);
  const hash = await storeLongAgo(workspace, 'old');
  const { digest } = retention.plan();
  workspace.sqlite.exec(
    `INSERT INTO jobs (id, kind, title, state, created_at) VALUES ('j', 'import', 'Import', 'running', 1)`,
  );
  expect((await failureOf(retention.collect(digest))).code).toBe('workspace_busy');
  expect(await workspace.blobs.find(hash)).not.toBeNull();
});

test('what has changed since it was told of is not removed', async () => {
  const workspace = await temporaryWorkspace();
  const retention = new RetentionService(workspace);
  const first = await storeLongAgo(workspace, 'first');
  const { digest } = retention.plan();
  const second = await storeLongAgo(workspace, 'second');
  expect((await failureOf(retention.collect(digest))).code).toBe('invalid_input');
  for (const hash of [first, second]) await workspace.blobs.verify(hash);
});

test('a file without a row, which a killed program left, is removed too', async () => {
  const workspace = await temporaryWorkspace();
  const hash = 'ab'.repeat(32);
  const file = workspace.blobs.pathOf(hash);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, 'left');
  utimesSync(file, 1000, 1000);
  const retention = new RetentionService(workspace);
  const plan = retention.plan();
  expect(plan.listed).toEqual([{ hash, bytes: 4, kind: 'left over', storedAt: 1_000_000 }]);
  await retention.collect(plan.digest);
  expect(existsSync(file)).toBe(false);
});

test('a collection that cannot be recorded removes nothing', async () => {
  const workspace = await temporaryWorkspace();
  const retention = new RetentionService(workspace);
  const hash = await storeLongAgo(workspace, 'old');
  workspace.sqlite.exec(
    `CREATE TRIGGER full BEFORE INSERT ON audit_log BEGIN SELECT RAISE(ABORT, 'no'); END`,
  );
  await expect(retention.collect(retention.plan().digest)).rejects.toThrow('no');
  await workspace.blobs.verify(hash);
});
