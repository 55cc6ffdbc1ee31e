/** Lists that others made: what is taken in, what is refused and why, and what analyses say of files that are on them. */
import { createHash, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import type { AnalysisResult } from '#contract/analysis.ts';
import { examinePhotograph } from '#compute/decoding/examine-photograph.ts';
import { AnalysisService } from '#features/analysis/analysis.service.ts';
import { Random } from '#engine/random.ts';
import { readHashList } from '#features/imported-lists/hash-list-file.ts';
import { ImportedListService } from '#features/imported-lists/imported-list.service.ts';
import { VerificationService } from '#features/verification/verification.service.ts';
import { setUpEvidence, writePictures } from '../evidence/evidence-set-up.ts';
import { otherRoot, testRoot } from '../../analysis/signed-picture.ts';
import { failureOf } from '#tests/support/app-error.ts';
import { recordedEntries } from '#tests/support/recorded-entries.ts';
import { write } from '#tests/support/sample-files.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';

async function setUp() {
  const open = await setUpEvidence();
  const { workspace, jobs, evidence, datasets } = open;
  const lists = new ImportedListService(workspace);
  const analyses = new AnalysisService({
    ...{ workspace, jobs, evidence, datasets: datasets.reading, lists, programVersion: '1.2.3' },
  });
  const folder = temporaryFolder();
  const [file] = await writePictures(folder, 1);
  const take = (name: string, content: string | Uint8Array, kind: 'hashes' | 'trust' = 'hashes') =>
    lists.import({ path: write(folder, `${name}.list`, content), kind, name, date: '2026-11-25' });
  const look = async (path = file!): Promise<AnalysisResult> =>
    (await analyses.analyseFile(path, { only: ['known-file'] }))[0]!;
  return { ...open, lists, folder, file: file!, take, look };
}
const hashOf = (algorithm: string, file: string): string =>
  createHash(algorithm).update(readFileSync(file)).digest('hex');
const codes = ({ findings }: AnalysisResult): string[] => findings.map(({ code }) => code);
const other = 'ab'.repeat(20);

test('a list in the form of the reference data set is taken in, recorded, and a file on it is found by its SHA-1 and its MD5', async () => {
  const { workspace, jobs, result, take, look, file } = await setUp();
  const sha1 = hashOf('sha1', file).toUpperCase();
  const md5 = hashOf('md5', file).toUpperCase();
  const head = '"SHA-1","MD5","CRC32","FileName","FileSize"\r\n';
  const list = await take(
    'Reference',
    `${head}"${sha1}","${md5}","0A1B2C3D","holiday, 1.jpg",12\r\n"${other}","","","x",1\r\n`,
  );
  expect(list).toMatchObject({
    counts: { sha1: 2, md5: 1 },
    notComparable: { crc32: 1 },
    date: '2026-11-25',
  });
  expect(recordedEntries(workspace).at(-1)).toMatchObject({
    ...{ action: 'list.imported', subject: { kind: 'list', id: list.id } },
    payload: { name: 'Reference', sha256: list.sha256, counts: { sha1: 2, md5: 1 } },
  });
  const found = await look();
  expect(codes(found)).toEqual(['known-file', 'known-file', 'hashes-not-compared']);
  expect(found.findings[0]).toMatchObject({
    severity: 'notice',
    data: { list: 'Reference', algorithm: 'sha1', entry: 'holiday, 1.jpg' },
  });
  expect(found.findings[2]).toMatchObject({ severity: 'unreadable', data: { kind: 'crc32', count: 1 } });
  expect(found.details['lists']).toMatchObject([{ name: 'Reference', sha256: list.sha256 }]);
  const verification = new VerificationService({ workspace, jobs });
  expect((await result('verification', verification.start())).findings).toEqual([]);
});

test('one hash a line is read, alone or before a name, and what is on no list is said to be on none', async () => {
  const { take, look, file } = await setUp();
  expect(await look()).toMatchObject({ state: 'not-run', reason: expect.stringContaining('No list') });
  await take('Others', `# other files\n${other}\n\n${'0'.repeat(32)}\n`);
  expect(codes(await look())).toEqual(['not-on-lists']);
  await take('Mine', `${hashOf('sha256', file)} *mine.png\n${'1'.repeat(64)}`);
  const found = await look();
  expect(codes(found)).toEqual(['known-file']);
  expect(found.findings[0]!.sentence).toContain('on the list "Mine" as "mine.png", by its SHA-256');
});

test('a picture that was saved again is found by its difference hash, and kinds that cannot be compared are said', async () => {
  const { take, look, file, folder } = await setUp();
  const { perceptualHash } = await examinePhotograph(file);
  await take('Seen', `name,dhash,PDQ\nharbour,${perceptualHash},f8f8\nnothing,${'a5'.repeat(8)},00ff\n`);
  const again = write(folder, 'again.jpg', await sharp(file).jpeg({ quality: 60 }).toBuffer());
  const found = await look(again);
  expect(codes(found)).toEqual(['looks-like-known', 'hashes-not-compared']);
  expect(found.findings[0]!.data).toMatchObject({ list: 'Seen', entry: 'harbour' });
  expect(found.findings[1]!.data).toEqual({ list: 'Seen', kind: 'pdq', count: 2 });
  const text = await look(write(folder, 'a.txt', 'Dear diary'));
  expect(text.findings.map(({ severity }) => severity)).toEqual(['unreadable', 'unreadable']);
});

test.each([
  ['an empty file', ''],
  ['a line that is no hash', `${other}\nhello\n`],
  ['a hash of another length in a column', `sha-1\n${'a'.repeat(39)}\n`],
  ['letters that are not hexadecimal', `md5\n${'g'.repeat(32)}\n`],
  ['columns of unlike number', `sha1,name\n${other},a,b\n`],
  ['bytes that are no text', Buffer.from([0xff, 0xfe, 0x41, 0x00])],
  ['a table without hashes', 'name,size\na,1\n'],
])('%s is refused as a list, with the reason, and nothing is kept', async (_, content) => {
  const { take, lists } = await setUp();
  await expect(take('Bad', content)).rejects.toMatchObject({ code: 'invalid_input' });
  expect(await lists.list()).toEqual([]);
});

test('a name that is taken, a file that is gone and what holds no certificate are refused', async () => {
  const { take, lists, folder } = await setUp();
  await take('One', other);
  await expect(take('One', '0'.repeat(32))).rejects.toMatchObject({ code: 'invalid_input' });
  await expect(take('Trust', 'no certificate', 'trust')).rejects.toMatchObject({ code: 'invalid_input' });
  const gone = { path: `${folder}/none`, kind: 'hashes', name: 'Two', date: '2026-11-25' } as const;
  await expect(lists.import(gone)).rejects.toMatchObject({ code: 'file_not_found' });
});

test('the trust list of the latest date is the one that counts, with the certificates that it held', async () => {
  const { lists, folder } = await setUp();
  expect(await lists.trustList()).toBeNull();
  const take = (name: string, date: string, pem: string) =>
    lists.import({ path: write(folder, `${name}.pem`, pem), kind: 'trust', name, date });
  const newer = await take('newer', '2026-10-01', testRoot);
  await take('older', '2025-10-01', otherRoot);
  expect(newer.counts).toEqual({ certificates: 1 });
  expect(await lists.trustList()).toMatchObject({ name: 'newer', date: '2026-10-01', sha256: newer.sha256 });
  const certificate = new X509Certificate((await lists.trustList())!.pem);
  expect(certificate.fingerprint256).toBe(new X509Certificate(testRoot).fingerprint256);
});

test('a list that is removed is asked no more, which is recorded; its name is free, and its row is missed if it comes back', async () => {
  const { workspace, jobs, lists, take, look, file } = await setUp();
  const list = await take('Reference', hashOf('sha256', file));
  expect(codes(await look())).toEqual(['known-file']);
  expect(await lists.remove(list.id)).toEqual(list);
  expect(recordedEntries(workspace).at(-1)).toMatchObject({
    ...{ action: 'list.removed', subject: { kind: 'list', id: list.id } },
    payload: { kind: 'hashes', name: 'Reference', sha256: list.sha256 },
  });
  expect(await lists.list()).toEqual([]);
  expect(codes(await look())).not.toContain('known-file');
  expect((await failureOf(lists.remove(list.id))).code).toBe('not_found');
  const again = await take('Reference', hashOf('sha256', file));
  const verification = new VerificationService({ workspace, jobs });
  expect(await verification.verify()).toMatchObject({ ok: true, findings: [] });
  workspace.sqlite.prepare('UPDATE imported_lists SET id = ? WHERE id = ?').run(list.id, again.id);
  expect((await verification.verify()).findings.map(({ message }) => message)).toEqual(
    expect.arrayContaining([expect.stringContaining(`imported_lists holds of ${list.id}`)]),
  );
});

test('2,000 spoilt lists are read or refused with a reason, and none hangs or crashes', () => {
  const valid = [
    'SHA-256,SHA-1,FileName\n' + `${'ab'.repeat(32)},${'cd'.repeat(20)},"a, b.jpg"\n`.repeat(20),
    `${'0f'.repeat(32)}  one.jpg\n${'1e'.repeat(20)}\n# note\n`.repeat(15),
  ].map((text) => Buffer.from(text));
  const random = new Random('spoilt lists');
  let slowest = 0;
  let refused = 0;
  for (let i = 0; i < 2000; i++) {
    let bytes: Buffer = Buffer.from(valid[i % 2]!);
    for (let change = random.integer(4); change >= 0; change--) {
      const at = random.integer(bytes.length);
      const kind = random.integer(4);
      if (kind === 0) bytes[at] = random.integer(256);
      else if (kind === 1) bytes.write(['"', ',', '\n', '\0'][random.integer(4)]!, at);
      else if (kind === 2) bytes = bytes.subarray(0, at + 1);
      else bytes = Buffer.concat([bytes.subarray(0, at), bytes]);
    }
    const begun = performance.now();
    try {
      expect(readHashList(bytes, 'a list').exact.size).toBeLessThan(200);
    } catch (error) {
      expect(error).toMatchObject({ code: 'invalid_input' });
      refused++;
    }
    slowest = Math.max(slowest, performance.now() - begun);
  }
  expect(refused).toBeGreaterThan(100);
  expect(slowest).toBeLessThan(5000);
});
