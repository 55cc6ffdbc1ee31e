/** The content-addressed store. */
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { Workspace } from '#storage/workspace.ts';
import { failureOf } from '#tests/support/app-error.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';
import { temporaryWorkspace } from '#tests/support/temporary-workspace.ts';

const words = Buffer.from('a photograph, let us say');
const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

test('stored bytes lie under their hash and come back the same', async () => {
  const { blobs, folder } = await temporaryWorkspace();
  const stored = await blobs.put(words, 'image/png', 'derived');
  expect(stored).toEqual({ hash: hashOf(words), bytes: words.length });
  expect(blobs.pathOf(stored.hash)).toBe(path.join(folder, 'blobs', stored.hash.slice(0, 2), stored.hash));
  expect(Buffer.from(await blobs.read(stored.hash))).toEqual(words);
  expect(await blobs.find(stored.hash)).toEqual({ ...stored, mediaType: 'image/png', kind: 'derived' });
  await blobs.verify(stored.hash);
});

test('storing the same bytes twice keeps one file', async () => {
  const { blobs, folder } = await temporaryWorkspace();
  const first = await blobs.put(words, 'image/png', 'derived');
  const { ino } = statSync(blobs.pathOf(first.hash));
  expect(await blobs.put(words, 'image/png', 'derived')).toEqual(first);
  expect(statSync(blobs.pathOf(first.hash)).ino).toBe(ino);
  expect(readdirSync(path.join(folder, 'blobs', 'incoming'))).toEqual([]);
});

test('a file is copied in pieces and its source stays as it was, byte for byte and in its times', async () => {
  const { blobs } = await temporaryWorkspace();
  const source = path.join(temporaryFolder(), 'large');
  const bytes = Buffer.alloc((5 << 20) + 3, 'pattern of some length');
  writeFileSync(source, bytes);
  utimesSync(source, 1000, 2000);
  const stored = await blobs.putFile(source, 'image/tiff', 'original');
  expect(stored).toEqual({ hash: hashOf(bytes), bytes: bytes.length });
  expect(readFileSync(blobs.pathOf(stored.hash)).equals(bytes)).toBe(true);
  expect(readFileSync(source).equals(bytes)).toBe(true);
  expect(statSync(source).mtimeMs).toBe(2_000_000);
});

test('an original stays an original when the same bytes are stored as derived, and a derived file can become one', async () => {
  const { blobs } = await temporaryWorkspace();
  const { hash } = await blobs.put(words, 'image/png', 'derived');
  await blobs.put(words, 'image/jpeg', 'original');
  expect(await blobs.find(hash)).toMatchObject({ kind: 'original', mediaType: 'image/jpeg' });
  await blobs.put(words, 'image/png', 'derived');
  expect(await blobs.find(hash)).toMatchObject({ kind: 'original', mediaType: 'image/jpeg' });
});

test('a range of a blob is read as HTTP counts it, and a range outside is refused', async () => {
  const { blobs } = await temporaryWorkspace();
  const { hash } = await blobs.put(words, 'text/plain', 'derived');
  const part = await blobs.open(hash, { start: 2, end: 11 });
  expect(await buffer(part.stream)).toEqual(words.subarray(2, 12));
  const rest = await blobs.open(hash, { start: 20 });
  expect(rest).toMatchObject({ start: 20, end: words.length - 1, bytes: words.length });
  expect(await buffer(rest.stream)).toEqual(words.subarray(20));
  for (const range of [
    { start: words.length },
    { start: -1 },
    { start: 0, end: words.length },
    { start: 9, end: 3 },
  ])
    expect((await failureOf(blobs.open(hash, range))).code).toBe('invalid_input');
});

test('an empty blob can be stored and read', async () => {
  const { blobs } = await temporaryWorkspace();
  const { hash } = await blobs.put(new Uint8Array(0), 'text/plain', 'derived');
  expect(await buffer((await blobs.open(hash)).stream)).toHaveLength(0);
});

test('a blob whose bytes changed, shrank or vanished is never taken for the one that was stored', async () => {
  const { blobs } = await temporaryWorkspace();
  const { hash } = await blobs.put(words, 'text/plain', 'original');
  const swapped = Buffer.from(words);
  swapped[3] = 0;
  writeFileSync(blobs.pathOf(hash), swapped);
  const failure = await failureOf(blobs.verify(hash));
  expect(failure).toMatchObject({
    code: 'evidence_changed',
    details: { expected: hash, found: hashOf(swapped) },
  });
  writeFileSync(blobs.pathOf(hash), words.subarray(0, 5));
  expect((await failureOf(blobs.open(hash))).code).toBe('evidence_changed');
  rmSync(blobs.pathOf(hash));
  expect((await failureOf(blobs.read(hash))).code).toBe('evidence_changed');
  await blobs.put(words, 'text/plain', 'original');
  await blobs.verify(hash);
});

test('a half-written file under a right name is not believed, and storing the bytes replaces it', async () => {
  const { blobs } = await temporaryWorkspace();
  const hash = hashOf(words);
  mkdirSync(path.dirname(blobs.pathOf(hash)), { recursive: true });
  writeFileSync(blobs.pathOf(hash), words.subarray(0, 7));
  expect(await blobs.find(hash)).toBeNull();
  expect((await failureOf(blobs.open(hash))).code).toBe('not_found');
  await blobs.put(words, 'text/plain', 'original');
  await blobs.verify(hash);
});

test('what a killed program left half-copied is removed when the workspace is opened', async () => {
  const folder = temporaryFolder();
  await (await Workspace.open(folder, { holder: 'the tests' })).close();
  writeFileSync(path.join(folder, 'blobs', 'incoming', 'left-over'), 'half');
  await (await Workspace.open(folder, { holder: 'the tests' })).close();
  expect(readdirSync(path.join(folder, 'blobs', 'incoming'))).toEqual([]);
});

test('a copy that is cancelled, and one whose source is missing, leave nothing behind', async () => {
  const { blobs, folder, db } = await temporaryWorkspace();
  const source = path.join(temporaryFolder(), 'source');
  writeFileSync(source, words);
  const cancelled = blobs.putFile(source, 'text/plain', 'original', { signal: AbortSignal.abort() });
  expect((await failureOf(cancelled)).code).toBe('cancelled');
  expect((await failureOf(blobs.putFile(`${source}-missing`, 'text/plain', 'original'))).code).toBe(
    'file_not_found',
  );
  expect(readdirSync(path.join(folder, 'blobs', 'incoming'))).toEqual([]);
  expect(await db.selectFrom('blobs').selectAll().execute()).toEqual([]);
});

test('only a hash is an address', async () => {
  const { blobs } = await temporaryWorkspace();
  for (const hash of ['', '../../etc/passwd', 'A'.repeat(64), 'a'.repeat(63)])
    expect(() => blobs.pathOf(hash)).toThrow('is not a SHA-256 hash');
});

test('many files stored at once, some of them equal, are all there', async () => {
  const { blobs } = await temporaryWorkspace();
  const all = await Promise.all(
    Array.from({ length: 40 }, (_, index) =>
      blobs.put(Buffer.from(`file ${index % 10}`), 'text/plain', 'derived'),
    ),
  );
  expect(new Set(all.map((blob) => blob.hash)).size).toBe(10);
  for (const { hash } of all) await blobs.verify(hash);
});
