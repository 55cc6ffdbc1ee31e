/** The check of the libraries beside the archive: what was changed, taken away or added is named, and stops the start. */
import { createHash } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { checkNativeFiles } from '#hosts/electron/native-files.ts';
import { failureOf } from '#tests/support/app-error.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';

function packed() {
  const base = temporaryFolder();
  const folder = path.join(base, 'app.asar.unpacked');
  const library = path.join(folder, 'node_modules', 'a', 'a.node');
  mkdirSync(path.dirname(library), { recursive: true });
  writeFileSync(library, 'library');
  const list = path.join(base, 'native-files.json');
  const hash = createHash('sha256').update('library').digest('hex');
  writeFileSync(list, JSON.stringify({ 'node_modules/a/a.node': hash }));
  return { folder, library, check: () => checkNativeFiles(list, folder) };
}

test('what was packed passes', async () => {
  await packed().check();
});

test.each<[string, (place: { folder: string; library: string }) => void, string]>([
  ['changed', ({ library }) => writeFileSync(library, 'another'), 'node_modules/a/a.node is not the file'],
  ['taken away', ({ library }) => rmSync(library), 'node_modules/a/a.node is missing'],
  ['added', ({ folder }) => writeFileSync(path.join(folder, 'b.node'), ''), 'b.node is no part'],
])('a library that was %s is named', async (_, plant, message) => {
  const place = packed();
  plant(place);
  const failure = await failureOf(place.check());
  expect(failure.code).toBe('program_changed');
  expect(failure.message).toContain(message);
});
