/** Time stamps of the log's head: what is taken for one, what is refused and why, and what verify makes of them. */
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import BetterSqlite from 'better-sqlite3';
import { expect, onTestFinished, test } from 'vitest';
import { JobRepository } from '#features/jobs/job.repository.ts';
import { JobService } from '#features/jobs/job.service.ts';
import { TimeStampService } from '#features/time-stamps/time-stamp.service.ts';
import { VerificationService } from '#features/verification/verification.service.ts';
import { entryHash } from '#storage/audit-log.ts';
import { Workspace } from '#storage/workspace.ts';
import { failureOf } from '#tests/support/app-error.ts';
import { recordedEntries } from '#tests/support/recorded-entries.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';
import { temporaryWorkspace } from '#tests/support/temporary-workspace.ts';
import { TimeStampAuthority, type Wishes } from '#tests/support/time-stamp-authority.ts';

const minute = 60_000;

async function setUp() {
  const workspace = await temporaryWorkspace();
  return { workspace, stamps: new TimeStampService(workspace), head: workspace.audit.head() };
}
function fileOf(bytes: Uint8Array | string, name = 'token.tsr'): string {
  const file = path.join(temporaryFolder(), name);
  writeFileSync(file, bytes);
  return file;
}
const verify = (workspace: Workspace) =>
  new VerificationService({ workspace, jobs: new JobService(new JobRepository(workspace.db)) }).verify();

async function reopened(folder: string): Promise<Workspace> {
  const workspace = await Workspace.open(folder, { holder: 'the tests' });
  onTestFinished(() => workspace.close());
  return workspace;
}

test('a token of the head becomes a row with an entry, and names who signed it and when', async () => {
  const { workspace, stamps, head } = await setUp();
  const authority = await TimeStampAuthority.found('Stamper');
  const at = new Date(Date.now() + minute);
  const stamp = await stamps.import(fileOf(await authority.response(head.hash, { at })));
  expect(stamp).toMatchObject({
    ...{ head, at: at.getTime(), accuracyMs: 1500, serial: '4d', policy: '1.2.3.4.1' },
    ...{ authority: 'CN=Stamper, O=Tests', issuer: 'CN=Stamper root, O=Tests' },
    ...{ certificateSha256: authority.certificateSha256, chain: 'not-judged' },
  });
  expect(await stamps.list()).toEqual([stamp]);
  expect(recordedEntries(workspace).at(-1)).toMatchObject({
    action: 'workspace.head-stamped',
    payload: { head, at: at.getTime(), authority: 'CN=Stamper, O=Tests', chain: 'not-judged' },
  });
  expect(await verify(workspace)).toMatchObject({ ok: true, findings: [], timeStamps: [stamp] });
});

test('an older head can be stamped as well, by a bare token, and a token twice is one', async () => {
  const { workspace, stamps, head } = await setUp();
  const authority = await TimeStampAuthority.found('Stamper');
  await stamps.import(fileOf(await authority.response(head.hash)));
  const later = workspace.audit.head();
  const token = fileOf(await authority.token(later.hash));
  const older = await stamps.import(
    fileOf(await authority.token(head.hash, { at: new Date(Date.now() + minute) })),
  );
  expect(older.head).toEqual(head);
  const first = await stamps.import(token);
  const entries = workspace.audit.head().entries;
  expect(await stamps.import(token)).toEqual(first);
  expect(workspace.audit.head().entries).toBe(entries);
  expect((await stamps.list()).map((stamp) => stamp.head.entries)).toEqual([1, 1, later.entries]);
});

test('the chain is judged where certificates are given, also of a token that was there already', async () => {
  const { workspace, stamps, head } = await setUp();
  const authority = await TimeStampAuthority.found('Stamper');
  const other = await TimeStampAuthority.found('Another');
  const token = fileOf(await authority.response(head.hash));
  const failure = await failureOf(stamps.import(token, [fileOf(other.rootPem, 'other.pem')]));
  expect(failure.code).toBe('time_stamp_untrusted');
  expect(await stamps.list()).toEqual([]);

  const plain = await stamps.import(token);
  const trust = [fileOf(other.rootPem + authority.rootPem, 'roots.pem')];
  const trusted = await stamps.import(token, trust);
  expect(trusted).toEqual({ ...plain, chain: 'trusted' });
  expect(await verify(workspace)).toMatchObject({ ok: true, timeStamps: [trusted] });
});

test.each<[string, string, (authority: TimeStampAuthority, hash: string) => Promise<Uint8Array>]>([
  ['another digest', 'no entry of this log', (a) => a.token('ab'.repeat(32))],
  [
    'a digest of another kind',
    'not of a SHA-256',
    (a, h) => a.token(h, { imprintAlgorithm: '1.3.14.3.2.26' }),
  ],
  [
    'a content that was not signed',
    'cannot be verified',
    (a, h) => a.token(h, { contentDigest: Buffer.alloc(32) }),
  ],
  ['no certificate', 'does not hold the certificate', (a, h) => a.token(h, { withoutCertificate: true })],
  ['a signature that names no certificate', 'does not name', (a, h) => a.token(h, { withoutName: true })],
  [
    'a signature that names another certificate',
    'another certificate',
    (a, h) => a.token(h, { named: a.root }),
  ],
  ['a signature over a SHA-1', 'other than SHA-256', (a, h) => a.token(h, { hash: 'SHA-1' })],
  ['a certificate that had expired', 'not valid at the time', (a, h) => a.token(h, { at: new Date(0) })],
  ['a changed byte in its signature', 'does not hold', async (a, h) => flipped(await a.token(h), -5)],
  [
    'something after its end',
    'not a time-stamp token',
    async (a, h) => Buffer.concat([await a.token(h), Buffer.from([0])]),
  ],
  ['a picture of a cat', 'not a time-stamp token', async () => Buffer.from('a picture of a cat')],
  ['nothing in it', 'not a time-stamp token', async () => Buffer.alloc(0)],
])('a token with %s is refused, and nothing is kept of it', async (_, message, make) => {
  const { workspace, stamps, head } = await setUp();
  const bytes = await make(await TimeStampAuthority.found('Stamper'), head.hash);
  const failure = await failureOf(stamps.import(fileOf(bytes)));
  expect(failure).toMatchObject({ code: 'time_stamp_invalid', message: expect.stringContaining(message) });
  expect(workspace.audit.head()).toEqual(head);
  expect(workspace.sqlite.prepare('SELECT count(*) FROM blobs').pluck().get()).toBe(0);
});

test('a certificate that was not made for time stamps signs none', async () => {
  const { stamps, head } = await setUp();
  const purposes = ['1.3.6.1.5.5.7.3.8', '1.3.6.1.5.5.7.3.1'];
  const authority = await TimeStampAuthority.found('A web server', { purposes });
  const failure = await failureOf(stamps.import(fileOf(await authority.token(head.hash))));
  expect(failure).toMatchObject({
    code: 'time_stamp_invalid',
    message: expect.stringContaining('not made for'),
  });
});

test('a token cannot stand for an entry whose text was changed', async () => {
  const { workspace, stamps, head } = await setUp();
  const authority = await TimeStampAuthority.found('Stamper');
  workspace.sqlite.exec(`DROP TRIGGER audit_log_not_updated; UPDATE audit_log SET examiner = 'Eve'`);
  const failure = await failureOf(stamps.import(fileOf(await authority.token(head.hash))));
  expect(failure.code).toBe('time_stamp_invalid');
});

/** A workspace with a time stamp, changed by `change` while it was closed, and what verify says of it. */
async function changed(
  change: (database: BetterSqlite.Database, folder: string) => void,
  wishes: Wishes = {},
) {
  const { workspace, stamps, head } = await setUp();
  const authority = await TimeStampAuthority.found('Stamper');
  const trust = [fileOf(authority.rootPem, 'root.pem')];
  const stamp = await stamps.import(fileOf(await authority.response(head.hash, wishes)), trust);
  await workspace.close();
  const database = new BetterSqlite(path.join(workspace.folder, 'workspace.sqlite'));
  database.pragma('foreign_keys = OFF');
  change(database, workspace.folder);
  database.close();
  return { stamp, report: await verify(await reopened(workspace.folder)) };
}

test('verify finds a log that was made anew together with its head file, by the stamp of its old head', async () => {
  const { report } = await changed((database, folder) => {
    database.exec('DROP TRIGGER audit_log_not_updated');
    let previous = '0'.repeat(64);
    for (const entry of recordedEntries({ sqlite: database })) {
      const forged = { ...entry, examiner: 'Eve', previous };
      previous = entryHash(forged);
      database
        .prepare(`UPDATE audit_log SET examiner = 'Eve', previous = ?, hash = ? WHERE sequence = ?`)
        .run(forged.previous, previous, entry.sequence);
    }
    database.exec(`CREATE TRIGGER audit_log_not_updated BEFORE UPDATE ON audit_log
      BEGIN SELECT RAISE(ABORT, 'the audit log is only added to'); END`);
    writeFileSync(path.join(folder, 'audit-head.json'), JSON.stringify({ entries: 2, hash: previous }));
  });
  expect(report).toMatchObject({ ok: false, firstWrongEntry: 1, timeStamps: [] });
  expect(report.findings.filter(({ severity }) => severity === 'error')).toEqual([
    expect.objectContaining({ area: 'time-stamps', message: expect.stringContaining('CN=Stamper') }),
  ]);
});

test('verify finds a time stamp that was edited, whose token changed, or that was removed', async () => {
  const edited = await changed((database) => database.exec('UPDATE time_stamps SET at = at - 1'));
  expect(edited.report.findings).toEqual([
    expect.objectContaining({ area: 'results', message: expect.stringContaining('time_stamps') }),
  ]);
  const removed = await changed((database) => database.exec('DELETE FROM time_stamps'));
  expect(removed.report.findings).toEqual([
    expect.objectContaining({ area: 'results', message: expect.stringContaining('removed') }),
  ]);
  const swapped = await changed((database, folder) => {
    const token = String(database.prepare('SELECT token FROM time_stamps').pluck().get());
    const file = path.join(folder, 'blobs', token.slice(0, 2), token);
    writeFileSync(file, flipped(readFileSync(file), -5));
  });
  expect(swapped.report.timeStamps).toEqual([]);
  expect(swapped.report.findings.map(({ area }) => area)).toEqual(['time-stamps', 'blobs']);
});

test('a stamp from before its entry says that the clock here was ahead', async () => {
  const at = new Date(Date.now() - 60 * minute);
  const { report, stamp } = await changed(() => undefined, { at });
  expect(report).toMatchObject({ ok: true, timeStamps: [stamp] });
  expect(report.findings).toEqual([
    expect.objectContaining({ severity: 'notice', message: expect.stringContaining('ahead') }),
  ]);
});

const openssl = spawnSync('openssl', ['version']).status === 0;
test.skipIf(!openssl)('the request is one that OpenSSL reads, and its answer is taken in', async () => {
  const { stamps } = await setUp();
  const { head, request } = stamps.request();
  const folder = temporaryFolder();
  const run = (...args: string[]): string =>
    execFileSync('openssl', args, { cwd: folder, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  writeFileSync(path.join(folder, 'head.tsq'), request);
  expect(run('ts', '-query', '-in', 'head.tsq', '-text').replaceAll(/[^0-9a-f]/g, '')).toContain(
    head.hash.slice(0, 16),
  );
  writeFileSync(
    path.join(folder, 'ts.cnf'),
    `[tsa]\nserial = serial\nsigner_digest = sha256\ndefault_policy = 1.2.3.4.1\ndigests = sha256
accuracy = secs:2\ness_cert_id_chain = no\ness_cert_id_alg = sha256
[leaf]\nextendedKeyUsage = critical,timeStamping
[req]\ndistinguished_name = dn\n[dn]\n`,
  );
  run(...'req -x509 -newkey rsa:2048 -nodes -keyout ca.key -out ca.pem -days 9 -subj /CN=Root'.split(' '));
  run(...'req -newkey rsa:2048 -nodes -keyout tsa.key -out tsa.csr -subj /CN=OpenSSL/C=DE'.split(' '));
  run(
    ...'x509 -req -in tsa.csr -CA ca.pem -CAkey ca.key -CAcreateserial -out tsa.pem -days 9'.split(' '),
    ...'-extfile ts.cnf -extensions leaf'.split(' '),
  );
  run(
    ...'ts -reply -config ts.cnf -section tsa -queryfile head.tsq -signer tsa.pem -inkey tsa.key'.split(' '),
    ...'-out head.tsr'.split(' '),
  );
  const stamp = await stamps.import(path.join(folder, 'head.tsr'), [path.join(folder, 'ca.pem')]);
  expect(stamp).toMatchObject({ head, authority: 'CN=OpenSSL, C=DE', accuracyMs: 2000, chain: 'trusted' });
});

function flipped(bytes: Buffer, at: number): Buffer {
  const changed = Buffer.from(bytes);
  changed[changed.length + at]! ^= 1;
  return changed;
}
