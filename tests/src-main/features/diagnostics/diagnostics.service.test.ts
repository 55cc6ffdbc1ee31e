/** Diagnostics hold what helps to find a fault, and nothing of any evidence: everything that could slip in is planted here. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir, userInfo } from 'node:os';
import path from 'node:path';
import { inspect } from 'node:util';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import { AppError } from '#contract/errors.ts';
import { DiagnosticsService } from '#features/diagnostics/diagnostics.service.ts';
import { reduceLog } from '#features/diagnostics/reduce-log.ts';
import { WithheldWords } from '#features/diagnostics/withheld-words.ts';
import { SettingsService } from '#features/settings/settings.service.ts';
import { SystemService } from '#features/system/system.service.ts';
import { licenceNotices } from '#hosts/licence-notices.ts';
import { LogFile } from '#hosts/log-file.ts';
import { failureOf } from '#tests/support/app-error.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';
import { zipContents } from '#tests/support/zip-contents.ts';
import { setUpEvidence } from '../evidence/evidence-set-up.ts';

/** A case in which each thing that may not be told has a name of its own. */
async function setUp() {
  const services = await setUpEvidence();
  const { workspace, cases, takeIn, items } = services;
  const folder = path.join(temporaryFolder(), 'Seized Laptop');
  mkdirSync(folder);
  const picture = path.join(folder, 'moonlit quay.png');
  await sharp({ create: { width: 96, height: 96, channels: 3, background: '#864213' } })
    .png()
    .toFile(picture);
  const { id: caseId } = await cases.create({
    ...{ name: 'Operation Harbour', number: 'K-77/26', examiner: 'Ada Byron' },
    ...{ notes: 'found in the attic', tags: ['arson'] },
  });
  await takeIn([picture], 'copy', 'Operation Harbour');
  const [item] = await items(caseId);
  await new SettingsService(workspace).change({ examiner: 'Grace Hopper' });
  const logs = new LogFile(path.join(temporaryFolder(), 'logs'), { bytes: 600, files: 5 });
  const system = new SystemService({
    ...{ workspace, version: '1.2.3', host: 'headless', licences: licenceNotices },
    backends: async () => [
      ...[{ name: 'ort', provider: 'cpu', ready: true, device: 'a processor', reason: '' }],
      {
        ...{ name: 'cuda', provider: 'cuda', ready: false, device: '' },
        reason: `${homedir()}/lib/libcuda.so is absent`,
      },
    ],
  });
  const diagnostics = new DiagnosticsService({ workspace, system, logs: logs.folder });
  return { ...services, diagnostics, logs, item: item!, picture };
}

test('no picture, thumbnail, name, note, hash or path of evidence is in them, however it came into the log', async () => {
  const { diagnostics, logs, item, picture, workspace } = await setUp();
  logs.write('error', 'fault in evidence.takeIn:', new Error(`${picture} of Operation Harbour broke`));
  logs.write('error', `the case Operation Harbour was not closed`);
  logs.write('error', `reading ${picture} failed`);
  logs.write('error', 'reading /mnt/stick/never-taken-in.jpg failed');
  logs.write('error', 'closing failed:', { case: 'K-77/26', tag: 'arson', item });
  logs.write('info', 'moonlit quay.png was looked at by ada byron and Grace Hopper');
  logs.write('error', new AppError('evidence_changed', picture, { details: { sha256: item.sha256 } }));
  const file = path.join(temporaryFolder(), 'diagnostics.zip');
  const { files } = await diagnostics.collect(file);
  const found = await zipContents(file);
  expect(Object.keys(found)).toEqual(files);
  expect(files.filter((name) => name.startsWith('logs/')).length, 'rotated logs too').toBeGreaterThan(1);

  const blobs = workspace.sqlite.prepare<[], string>('SELECT hash FROM blobs').pluck().all() as string[];
  const bytes = await Promise.all(blobs.map((hash) => workspace.blobs.read(hash)));
  expect(bytes.length).toBeGreaterThan(1);
  const all = Buffer.concat(Object.values(found));
  const text = all.toString('utf8').toLowerCase();
  const planted = [
    ...['Operation Harbour', 'K-77', 'Ada Byron', 'attic', 'arson', 'Grace Hopper'],
    'never-taken-in',
    ...['moonlit quay', 'Seized Laptop', item.sha256, item.thumbnail, item.perceptualHash, item.id],
    ...[homedir(), workspace.folder, path.basename(path.dirname(workspace.folder))],
    ...(userInfo().username === 'root' ? [] : [userInfo().username]),
    ...blobs,
  ];
  expect(planted.filter((word) => text.includes(word.toLowerCase()))).toEqual([]);
  for (const one of bytes) {
    expect(all.includes(Buffer.from(one.subarray(0, 40)))).toBe(false);
    expect(text).not.toContain(Buffer.from(one.subarray(0, 30)).toString('base64').toLowerCase());
  }
  for (const name of files) expect(name).toMatch(/^(README\.txt|\w+\.json|logs\/pentimento(\.\d)?\.log)$/);
});

test('they hold versions, the machine, what the doctor says, settings, counts and what the log says of failures', async () => {
  const { diagnostics, logs } = await setUp();
  logs.write('error', 'fault in cases.list:', new RangeError('secret'));
  const file = path.join(temporaryFolder(), 'diagnostics.zip');
  await diagnostics.collect(file);
  const found = await zipContents(file);
  const json = (name: string) => JSON.parse(String(found[name])) as Record<string, unknown>;
  expect(json('system.json')).toMatchObject({
    ...{ version: '1.2.3', node: process.versions.node },
    backends: [
      { name: 'ort', ready: true },
      { name: 'cuda', reason: '(left out)' },
    ],
    machine: { threads: expect.any(Number) },
  });
  expect(json('settings.json')).toMatchObject({ examiner: '(left out)', backupHours: 24 });
  expect(json('workspace.json')).toMatchObject({
    rows: { cases: 1, evidence_items: 1 },
    jobs: [{ kind: 'intake', state: 'done', code: null, count: 1 }],
  });
  const log = String(found['logs/pentimento.log']);
  expect(log).toMatch(/error fault in cases\.list:\n {2}RangeError\n/);
  expect(log).not.toContain('secret');
});

test('of a failure its kind, its code and its way through the program are kept', () => {
  const frames = [
    'at deep (file:///opt/pentimento/resources/app.asar/out/main/chunks/a-1.js:10:5)',
    'at /home/ada/Operation Harbour/thing.js:1:1',
    'at async Object.list (/work/src-main/features/cases/case.service.ts:40:9)',
  ];
  const failure = Object.assign(new Error('x'), {
    code: 'ENOENT',
    stack: `Error: x\n    ${frames.join('\n    ')}`,
  });
  const below = inspect(failure).replaceAll('\n', '\n  ');
  const text = `2026-11-25T10:00:00.000Z error closing failed:\n  ${below}\n`;
  expect(reduceLog(text, new WithheldWords([]))).toBe(
    [
      '2026-11-25T10:00:00.000Z error closing failed:',
      '  Error',
      '  at out/main/chunks/a-1.js:10:5',
      '  at src-main/features/cases/case.service.ts:40:9',
      '  code ENOENT',
      '',
    ].join('\n'),
  );
});

test('a file that is there already is left as it is', async () => {
  const { diagnostics } = await setUp();
  const file = path.join(temporaryFolder(), 'there.zip');
  writeFileSync(file, 'mine');
  expect((await failureOf(diagnostics.collect(file))).code).toBe('invalid_input');
  expect(readFileSync(file, 'utf8')).toBe('mine');
});
