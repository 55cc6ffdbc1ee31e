/** An intake in a process of its own that is killed without warning. */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { Workspace } from '#storage/workspace.ts';
import { runAndKill, supportProgram } from '#tests/support/start-program.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';
import { evidenceServices, stateOfFolder, writePictures } from './evidence-set-up.ts';

const count = 400;

/** Takes `pictures` in until so many batches are said to be in, then kills; answers with how many were said to be in. */
const takeInAndKill = async (folder: string, pictures: string, batches: number): Promise<number> =>
  Number((await runAndKill([supportProgram('take-in-folder'), folder, pictures], { lines: batches })).at(-1));

test('what a killed intake said was in is in and whole, nothing is in by half, and a second intake adds the rest', async () => {
  const pictures = temporaryFolder();
  await writePictures(pictures, count);
  const before = stateOfFolder(pictures);
  const folder = path.join(temporaryFolder(), 'workspace');
  const said = Math.max(await takeInAndKill(folder, pictures, 1), await takeInAndKill(folder, pictures, 2));

  const workspace = await Workspace.open(folder, { holder: 'the tests' });
  onTestFinished(() => workspace.close());
  expect(workspace.sqlite.pragma('integrity_check', { simple: true })).toBe('ok');
  expect(readdirSync(path.join(folder, 'blobs', 'incoming'))).toEqual([]);
  const { cases, items, takeIn, evidence } = evidenceServices(workspace);
  const { id } = await cases.find('Doe');
  const taken = await items(id);
  expect(taken.length).toBeGreaterThanOrEqual(said);
  expect(taken.length).toBeLessThan(count);
  for (const { hash } of await workspace.db.selectFrom('blobs').select('hash').execute())
    await workspace.blobs.verify(hash);
  const entries = workspace.sqlite
    .prepare(`SELECT subject_id FROM audit_log WHERE action = 'evidence.taken-in' ORDER BY sequence`)
    .pluck()
    .all();
  expect(entries).toEqual(taken.map((item) => item.id));
  for (const item of taken) expect((await evidence.get(item.id)).derived).toHaveLength(1);

  expect(await takeIn([pictures])).toMatchObject({ added: count - taken.length, duplicates: taken.length });
  expect(new Set((await items(id)).map((item) => item.sha256)).size).toBe(count);
  expect(stateOfFolder(pictures)).toEqual(before);
});
