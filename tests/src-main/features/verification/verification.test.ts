/** What verify finds of each way to change a workspace behind the program's back, and that it finds nothing else. */
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import BetterSqlite from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { AuditEntry, JsonObject } from '#contract/audit.ts';
import type { VerificationReport } from '#contract/verification.ts';
import { JobRepository } from '#features/jobs/job.repository.ts';
import { JobService } from '#features/jobs/job.service.ts';
import { VerificationService } from '#features/verification/verification.service.ts';
import { entryHash, toAuditEntry } from '#storage/audit-log.ts';
import { Workspace } from '#storage/workspace.ts';
import type { Sqlite } from '#storage/better-sqlite.ts';
import type { AuditLogTable } from '#storage/schema.ts';
import { makeWorkedWorkspace } from '#tests/support/worked-workspace.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';

let template: string;
let entries: AuditEntry[];
let verdicts: string[];
beforeAll(async () => {
  template = mkdtempSync(path.join(tmpdir(), 'pentimento-worked-'));
  verdicts = await makeWorkedWorkspace(path.join(template, 'workspace'), path.join(template, 'pictures'));
  const database = new BetterSqlite(path.join(template, 'workspace', 'workspace.sqlite'));
  entries = database
    .prepare<[], AuditLogTable>('SELECT * FROM audit_log ORDER BY sequence')
    .all()
    .map(toAuditEntry);
  database.close();
});
afterAll(() => rmSync(template, { recursive: true, force: true }));

/** A copy of the workspace, changed by `change`. */
function changed(change: (database: Sqlite, folder: string) => void): string {
  const folder = path.join(temporaryFolder(), 'workspace');
  cpSync(path.join(template, 'workspace'), folder, { recursive: true });
  const database = new BetterSqlite(path.join(folder, 'workspace.sqlite'));
  database.pragma('foreign_keys = OFF');
  change(database, folder);
  database.close();
  return folder;
}
async function verify(folder: string): Promise<VerificationReport> {
  const workspace = await Workspace.open(folder, { holder: 'the tests' });
  onTestFinished(() => workspace.close());
  const jobs = new JobService(new JobRepository(workspace.db));
  return new VerificationService({ workspace, jobs }).verify();
}
/** Runs statements on the log as somebody does who takes its guards away and puts them back. */
function inLog(database: Sqlite, work: () => void): void {
  const guards = database
    .prepare<[], { name: string; sql: string }>(
      `SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = 'audit_log'`,
    )
    .all();
  for (const { name } of guards) database.exec(`DROP TRIGGER ${name}`);
  work();
  for (const { sql } of guards) database.exec(sql);
}
const messages = (report: VerificationReport): string[] =>
  report.findings.filter(({ severity }) => severity === 'error').map(({ message }) => message);
const entryOf = (action: string): AuditEntry => entries.find((entry) => entry.action === action)!;

test('nothing is found in a workspace that only the program wrote', async () => {
  const report = await verify(changed(() => undefined));
  expect(report).toMatchObject({ ok: true, firstWrongEntry: null, findings: [] });
  expect(report.head).toEqual({ entries: entries.length, hash: entries.at(-1)?.hash });
  expect(report.checked.entries).toBe(entries.length);
  // The version of the dataset with its items, the run with its metrics and checkpoints, its model, two verdicts.
  expect(report.checked).toMatchObject({ results: 8, checkpoints: 1 });
  expect(report.checked.blobs).toBeGreaterThan(5);
  expect(report.checked.references).toBeGreaterThan(5);
});

describe('of the log, the first wrong entry is named where', () => {
  test.each<[string, number, string, (database: Sqlite) => void]>([
    [
      'a payload was edited',
      2,
      'is not the one that was written',
      (database) => database.exec(`UPDATE audit_log SET payload = '{}' WHERE sequence = 2`),
    ],
    [
      'a payload was written in another way',
      2,
      'is not the one that was written',
      (database) =>
        database.exec(`UPDATE audit_log SET payload = replace(payload, ',', ', ') WHERE sequence = 2`),
    ],
    [
      'a name was edited',
      3,
      'is not the one that was written',
      (database) => database.exec(`UPDATE audit_log SET examiner = 'Eve' WHERE sequence = 3`),
    ],
    [
      'an entry was edited and hashed anew',
      4,
      'does not follow the entry before it',
      (database) => {
        const row = { ...entries[2]!, examiner: 'Eve' };
        database
          .prepare(`UPDATE audit_log SET examiner = 'Eve', hash = ? WHERE sequence = 3`)
          .run(entryHash(row));
      },
    ],
    [
      'an entry was deleted',
      3,
      'Entry 3 is missing',
      (database) => database.exec('DELETE FROM audit_log WHERE sequence = 3'),
    ],
    [
      'two entries changed places',
      2,
      'is not the one that was written',
      (database) =>
        database.exec(`UPDATE audit_log SET sequence = -2 WHERE sequence = 2;
        UPDATE audit_log SET sequence = 2 WHERE sequence = 3;
        UPDATE audit_log SET sequence = 3 WHERE sequence = -2`),
    ],
    [
      'the first entry was deleted',
      1,
      'Entry 1 is missing',
      (database) => database.exec('DELETE FROM audit_log WHERE sequence = 1'),
    ],
  ])('%s', async (_, entry, message, change) => {
    const folder = changed((database) => {
      database.pragma('ignore_check_constraints = ON');
      inLog(database, () => change(database));
    });
    const report = await verify(folder);
    expect(report).toMatchObject({ ok: false, firstWrongEntry: entry });
    expect(messages(report).join('\n')).toContain(message);
  });

  test('its tail was cut off, also after the program wrote on', async () => {
    const cut = entries.length - 2;
    const folder = changed((database) =>
      inLog(database, () => database.exec(`DELETE FROM audit_log WHERE sequence > ${cut}`)),
    );
    await (await Workspace.open(folder, { holder: 'the tests' })).close();
    const report = await verify(folder);
    expect(report).toMatchObject({ ok: false, firstWrongEntry: cut + 1 });
    expect(messages(report)[0]).toContain('the last 2 are missing');
  });

  test('an entry was put in again at its end', async () => {
    const end = entries.length + 1;
    const folder = changed((database) =>
      inLog(database, () =>
        database.exec(`INSERT INTO audit_log SELECT ${end}, '${entries.at(-1)?.hash}', '${'e'.repeat(64)}', at, examiner,
          action, subject_kind, subject_id, payload FROM audit_log WHERE sequence = 2`),
      ),
    );
    const report = await verify(folder);
    expect(report).toMatchObject({ ok: false, firstWrongEntry: end });
  });

  test('the whole chain was made anew', async () => {
    const folder = changed((database) =>
      inLog(database, () => {
        let previous = '0'.repeat(64);
        const write = database.prepare(
          'UPDATE audit_log SET examiner = ?, previous = ?, hash = ? WHERE sequence = ?',
        );
        for (const entry of entries) {
          const forged = { ...entry, examiner: 'Eve', previous };
          previous = entryHash(forged);
          write.run('Eve', forged.previous, previous, entry.sequence);
        }
      }),
    );
    const report = await verify(folder);
    expect(report).toMatchObject({ ok: false, firstWrongEntry: entries.length });
    expect(messages(report)[0]).toContain('entries up to it were replaced');
  });

  test('its guards were taken away', async () => {
    const folder = changed((database) => database.exec('DROP TRIGGER audit_log_not_updated'));
    const report = await verify(folder);
    expect(messages(report)).toEqual([expect.stringContaining('audit_log_not_updated')]);
  });
});

describe('of results, the entry that recorded them is named where', () => {
  test.each<[string, () => string, string]>([
    [
      'a verdict was edited',
      () => `UPDATE verdicts SET verdict = 'real', score = -9 WHERE id = '${verdicts[0]}'`,
      'verdict.given',
    ],
    [
      'the reason of a verdict was edited',
      () => `UPDATE verdicts SET reason = 'So.' WHERE id = '${verdicts[0]}'`,
      'verdict.given',
    ],
    ['a verdict was removed', () => `DELETE FROM verdicts WHERE id = '${verdicts[0]}'`, 'verdict.given'],
    ['a run was edited', () => `UPDATE training_runs SET config = '{"batch":1}'`, 'run.ended'],
    ['a point of a curve was edited', () => 'UPDATE run_metrics SET cls = 0 WHERE step = 2', 'run.ended'],
    ['a passport was edited', () => `UPDATE models SET passport = '{}'`, 'model.trained'],
  ])('%s', async (_, sql, action) => {
    const folder = changed((database) => database.exec(sql()));
    const report = await verify(folder);
    expect(report).toMatchObject({ ok: false, firstWrongEntry: null });
    const { sequence } = entryOf(action);
    expect(report.findings).toEqual([
      expect.objectContaining({ area: 'results', entry: sequence, severity: 'error' }),
    ]);
    expect(report.findings[0]?.message).toContain(`no longer what entry ${sequence} recorded`);
  });

  test('a verdict that no entry recorded is found', async () => {
    const folder = changed((database) =>
      database.exec(`CREATE TABLE copy AS SELECT * FROM verdicts LIMIT 1;
        UPDATE copy SET id = 'slipped-in', sequence = 99; INSERT INTO verdicts SELECT * FROM copy; DROP TABLE copy`),
    );
    const report = await verify(folder);
    expect(messages(report)).toEqual([
      'The table verdicts holds slipped-in, which no entry of the log recorded.',
    ]);
  });
});

describe('of files, the one is named whose', () => {
  const blobs = (folder: string): string[] =>
    readdirSync(path.join(folder, 'blobs'), { recursive: true, encoding: 'utf8' })
      .filter((name) => /[0-9a-f]{64}$/.test(name))
      .toSorted();

  test.each<[string, (file: string) => void]>([
    [
      'bytes were swapped for others of the same number',
      (file) => {
        const bytes = readFileSync(file);
        bytes[0] = (bytes[0] ?? 0) ^ 1;
        writeFileSync(file, bytes);
      },
    ],
    ['end was cut off', (file) => truncateSync(file, 5)],
    ['bytes are gone', (file) => rmSync(file)],
  ])('%s', async (_, change) => {
    let hash = '';
    const folder = changed((_database, at) => {
      const [name = ''] = blobs(at);
      hash = path.basename(name);
      change(path.join(at, 'blobs', name));
    });
    const report = await verify(folder);
    expect(report.ok).toBe(false);
    expect(messages(report)).toEqual([expect.stringContaining(hash)]);
  });

  test('row is gone while a verdict names it', async () => {
    let hash = '';
    const folder = changed((database) => {
      const named = `SELECT node.value FROM verdicts, json_tree(maps) AS node WHERE length(node.value) = 64`;
      hash = database.prepare<[], string>(named).pluck().get() as string;
      database.exec(`DELETE FROM blobs WHERE hash = '${hash}'`);
    });
    const report = await verify(folder);
    expect(messages(report)).toEqual([expect.stringContaining(`name the file ${hash}`)]);
  });

  test('checkpoint was written over', async () => {
    const folder = changed((database, at) => {
      const row = database
        .prepare<[], { run_id: string; path: string }>('SELECT run_id, path FROM checkpoints')
        .get()!;
      writeFileSync(path.join(at, 'runs', row.run_id, row.path), 'weights of another step');
    });
    expect(messages(await verify(folder))).toEqual([
      expect.stringMatching(/The checkpoint of step 1 of the run .* is not the one that was written/),
    ]);
  });
});

test('a clock that was set back is a notice that names the entry, and nothing wrong', async () => {
  const folder = changed(() => undefined);
  const workspace = await Workspace.open(folder, { holder: 'the tests' });
  onTestFinished(() => workspace.close());
  vi.useFakeTimers({ toFake: ['Date'], now: 1_000_000 });
  onTestFinished(() => void vi.useRealTimers());
  await workspace.db.transaction().execute(async (transaction) => {
    workspace.audit.record(transaction, {
      action: 'model.chosen',
      subject: { kind: 'model', id: 'm' },
      payload: { n: 1 } satisfies JsonObject,
    });
  });
  const jobs = new JobService(new JobRepository(workspace.db));
  const report = await new VerificationService({ workspace, jobs }).verify();
  expect(report.ok).toBe(true);
  expect(report.findings).toEqual([
    expect.objectContaining({ severity: 'notice', area: 'log', entry: entries.length + 1 }),
  ]);
  expect(report.findings[0]?.message).toContain('the clock was set back');
});

test('a verification that is stopped says so', async () => {
  const workspace = await Workspace.open(
    changed(() => undefined),
    { holder: 'the tests' },
  );
  onTestFinished(() => workspace.close());
  const jobs = new JobService(new JobRepository(workspace.db));
  const verification = new VerificationService({ workspace, jobs });
  await expect(verification.verify({ signal: AbortSignal.abort() })).rejects.toMatchObject({
    code: 'cancelled',
  });
});
