/** Diagnostics of workspaces that cannot be opened, each for another reason; what may not be told is planted in their logs. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import BetterSqlite from 'better-sqlite3';
import { expect, test } from 'vitest';
import { AppError } from '#contract/errors.ts';
import { collectUnopened } from '#features/diagnostics/unopened-diagnostics.ts';
import { SettingsService } from '#features/settings/settings.service.ts';
import { LogFile } from '#hosts/log-file.ts';
import { Workspace } from '#storage/workspace.ts';
import { failureOf } from '#tests/support/app-error.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';
import { zipContents } from '#tests/support/zip-contents.ts';
import { setUpEvidence, stateOfFolder, writePictures } from '../evidence/evidence-set-up.ts';

const holder = 'the tests';
const planted = ['Operation Harbour', 'K-77', 'Ada Byron', 'arson', 'Grace Hopper'];

/** A workspace with names in it and in its log, which is still open. */
async function setUp() {
  const { workspace, cases, takeIn } = await setUpEvidence();
  await cases.create({
    ...{ name: 'Operation Harbour', number: 'K-77/26', examiner: 'Ada Byron', tags: ['arson'] },
  });
  await new SettingsService(workspace).change({ examiner: 'Grace Hopper' });
  await takeIn(await writePictures(temporaryFolder(), 1), 'copy', 'Operation Harbour');
  const logs = new LogFile(path.join(temporaryFolder(), 'logs'));
  logs.write('error', 'fault in cases.list:', new RangeError('of Operation Harbour'));
  logs.write('error', 'the case operation harbour was not closed');
  let asked = 0;
  async function collect(failure: unknown) {
    const before = stateOfFolder(workspace.folder);
    const file = path.join(temporaryFolder(), 'diagnostics.zip');
    const { files } = await collectUnopened(file, {
      ...{ dataDir: workspace.folder, failure, logs: logs.folder, version: '1.2.3', host: 'cli' as const },
      backends: async () => ((asked += 1), []),
    });
    expect(stateOfFolder(workspace.folder), 'the workspace is only read').toEqual(before);
    const found = await zipContents(file);
    expect(Object.keys(found)).toEqual(files);
    const all = Buffer.concat(Object.values(found)).toString('utf8').toLowerCase();
    const told = [...planted, workspace.folder, path.basename(path.dirname(workspace.folder))];
    expect(told.filter((word) => all.includes(word.toLowerCase()))).toEqual([]);
    return {
      failure: JSON.parse(String(found['failure.json'])) as Record<string, unknown>,
      way: String(found['failure.txt']),
      system: JSON.parse(String(found['system.json'])) as Record<string, unknown>,
      log: String(found['logs/pentimento.log']),
      asked,
    };
  }
  return { workspace, collect, database: path.join(workspace.folder, 'workspace.sqlite') };
}

test('held by another program: the names in it are known, so that sentences without one are told', async () => {
  const { workspace, collect } = await setUp();
  const { failure, way, system, log } = await collect(
    await failureOf(Workspace.open(workspace.folder, { holder })),
  );
  expect(failure).toMatchObject({
    ...{ code: 'workspace_locked', namesRead: true },
    folder: {
      isDatabase: true,
      isOurs: true,
      schema: expect.any(Number),
      lock: true,
      blobFolders: expect.any(Number),
    },
  });
  expect(way).toMatch(
    /^\S+ error the workspace was not opened:\n {2}AppError\n(?: {2}at src-main\/storage\/.*\n)+/,
  );
  expect(system).toMatchObject({ version: '1.2.3', host: 'cli', machine: { threads: expect.any(Number) } });
  expect(log).toContain('error fault in cases.list:\n  RangeError\n');
  expect(log).toContain('error (left out)\n');
});

test('of a newer program: its schema is told', async () => {
  const { workspace, collect, database } = await setUp();
  await workspace.close();
  const sqlite = new BetterSqlite(database);
  sqlite.pragma('user_version = 99990');
  sqlite.close();
  const { failure } = await collect(await failureOf(Workspace.open(workspace.folder, { holder })));
  expect(failure).toMatchObject({
    code: 'workspace_from_future',
    namesRead: true,
    folder: { schema: 99990 },
  });
});

test('of a newer program that keeps names elsewhere, no sentence of the log is told', async () => {
  const { workspace, collect, database } = await setUp();
  await workspace.close();
  const sqlite = new BetterSqlite(database);
  sqlite.exec('ALTER TABLE models RENAME COLUMN name TO label; PRAGMA user_version = 99990');
  sqlite.close();
  const { failure, log } = await collect(await failureOf(Workspace.open(workspace.folder, { holder })));
  expect(failure).toMatchObject({ code: 'workspace_from_future', namesRead: false });
  expect(log.match(/error .*/g)).toEqual(['error (left out)', 'error (left out)']);
  expect(log).toContain('  RangeError\n');
});

test('damaged: no sentence of the log is told, because nobody knows which names there are', async () => {
  const { workspace, collect, database } = await setUp();
  await workspace.close();
  const bytes = readFileSync(database);
  writeFileSync(database, bytes.fill(0x5a, 4096, bytes.length));
  const { failure, log } = await collect(await failureOf(Workspace.open(workspace.folder, { holder })));
  expect(failure).toMatchObject({
    ...{ code: 'workspace_damaged', namesRead: false },
    folder: { isDatabase: true, databaseBytes: bytes.length },
  });
  expect(log.match(/error .*/g)).toEqual(['error (left out)', 'error (left out)']);
});

test('of native code that is not what was packed, none is loaded', async () => {
  const { collect } = await setUp();
  const { failure, system, asked } = await collect(new AppError('program_changed', 'a.node is missing.'));
  expect(failure).toMatchObject({ code: 'program_changed', namesRead: false });
  expect([system['backends'], asked]).toEqual([[], 0]);
});
