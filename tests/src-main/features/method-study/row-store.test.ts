import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { RowStore } from '#features/method-study/row-store.ts';
import { failureOf } from '#tests/support/app-error.ts';
import { startProgram, supportProgram } from '#tests/support/start-program.ts';
import { studyRowOf } from '#tests/support/study-row.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';

test('a row is read back as it was put, in a folder that is made for it', async () => {
  const file = join(temporaryFolder(), 'validation', 'method.json');
  const store = new RowStore(file);
  expect(store.read()).toEqual([]);
  await store.put(studyRowOf());
  expect(new RowStore(file).read()).toEqual([studyRowOf()]);
  expect(readFileSync(file, 'utf8')).toContain('"fpr_real": [0, 0.2]');
});

test('the same measurement replaces the old one; another configuration, seed, length or data stands beside it', async () => {
  const store = new RowStore(join(temporaryFolder(), 'method.json'));
  await store.put(studyRowOf());
  const others = [{ seed: 1 }, { steps: 20 }, { config_hash: 'x' }, { data_hash: 'x' }, { name: 'b' }];
  for (const other of others) await store.put(studyRowOf(other));
  await store.put(studyRowOf({ mean_q90: 0.1 }));
  expect(store.read()).toHaveLength(1 + others.length);
  expect(store.find(studyRowOf())).toMatchObject({ mean_q90: 0.1 });
});

test('two programs that put rows at the same time lose none of them', async () => {
  const file = join(temporaryFolder(), 'method.json');
  const statuses = await Promise.all(
    ['a', 'b'].map(async (name) => {
      const child = startProgram([supportProgram('put-study-rows'), file, name]);
      return ((await once(child, 'exit')) as [number])[0];
    }),
  );
  expect(statuses).toEqual([0, 0]);
  const rows = new RowStore(file).read();
  expect(rows.map(({ name, seed }) => `${name}${seed}`)).toEqual(
    ['a', 'b'].flatMap((name) => Array.from({ length: 20 }, (_, seed) => `${name}${seed}`)),
  );
});

test('a file that is something else is refused and left as it is', async () => {
  const file = join(temporaryFolder(), 'method.json');
  writeFileSync(file, '{"format":1,"rows":[{"name":"a"}]}');
  const store = new RowStore(file);
  expect((await failureOf(store.put(studyRowOf()))).code).toBe('file_unreadable');
  expect(readFileSync(file, 'utf8')).toBe('{"format":1,"rows":[{"name":"a"}]}');
});
