import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { ModelService } from '#features/models/model.service.ts';
import { Workspace } from '#storage/workspace.ts';
import { recordedActions } from '#tests/support/recorded-entries.ts';
import { tinyDetectorBytes, tinyPassport, writeTinyDetector } from '#tests/support/tiny-detector.ts';

let folder: string;
let workspace: Workspace;
let models: ModelService;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pentimento-models-'));
  workspace = await Workspace.open(join(folder, 'workspace'), { holder: 'a test' });
  models = new ModelService(workspace);
});
afterEach(async () => {
  await workspace.close();
  rmSync(folder, { recursive: true, force: true });
});
const file = (name: string, seed: number): Promise<string> =>
  writeTinyDetector(join(folder, name), { passport: { seed } });

test('an imported model has the passport of its file, and the first one becomes the current one', async () => {
  const first = await models.import(await file('first.onnx', 1));
  const second = await models.import(await file('second.onnx', 2));
  expect(first).toMatchObject({
    name: 'first',
    runId: null,
    current: true,
    passport: tinyPassport({ seed: 1 }),
  });
  expect(second).toMatchObject({ name: 'second', current: false });
  expect((await models.list()).map(({ id }) => id)).toEqual([second.id, first.id]);
  expect(await models.resolve()).toEqual(first);
});

test('choosing a model makes it the only current one', async () => {
  const first = await models.import(await file('first.onnx', 1));
  const second = await models.import(await file('second.onnx', 2));
  expect((await models.use(second.id)).current).toBe(true);
  expect((await models.get(first.id)).current).toBe(false);
  expect((await models.resolve()).id).toBe(second.id);
  await expect(models.use('none')).rejects.toMatchObject({ code: 'not_found' });
});

test('the same bytes imported again are the same model', async () => {
  const first = await models.import(await file('first.onnx', 1));
  expect(await models.import(await file('copy.onnx', 1))).toEqual(first);
  expect(await models.list()).toHaveLength(1);
});

test('a model is meant by its id, by its file, or as the current one', async () => {
  await expect(models.resolve()).rejects.toMatchObject({ code: 'model_missing' });
  const first = await models.import(await file('first.onnx', 1));
  expect((await models.resolve(first.id)).id).toBe(first.id);
  expect((await models.resolve(await file('second.onnx', 2))).name).toBe('second');
  await expect(models.resolve('nothing')).rejects.toMatchObject({ code: 'model_missing' });
});

test('what is no detector is not taken in', async () => {
  writeFileSync(join(folder, 'notes.onnx'), 'text');
  await expect(models.import(join(folder, 'notes.onnx'))).rejects.toMatchObject({ code: 'model_invalid' });
  await expect(models.import(join(folder, 'none.onnx'))).rejects.toMatchObject({ code: 'file_not_found' });
  expect(await models.list()).toEqual([]);
  expect(await workspace.db.selectFrom('blobs').selectAll().execute()).toEqual([]);
});

test('an exported file has the bytes of the model, replaces what was there, and leaves nothing beside it', async () => {
  const { id } = await models.import(await file('first.onnx', 1));
  const out = join(folder, 'out');
  await expect(models.exportModel(id, join(out, 'model.onnx'))).rejects.toMatchObject({
    code: 'file_not_found',
  });
  const target = join(folder, 'exported.onnx');
  writeFileSync(target, 'older');
  const before = readdirSync(folder);
  await models.exportModel(id, target);
  expect(new Uint8Array(readFileSync(target))).toEqual(
    new Uint8Array(tinyDetectorBytes({ passport: { seed: 1 } })),
  );
  expect(readdirSync(folder)).toEqual(before);
  await expect(models.exportModel('none', target)).rejects.toMatchObject({ code: 'not_found' });
});

test('a model whose stored bytes have changed is neither used nor exported', async () => {
  const model = await models.import(await file('first.onnx', 1));
  const stored = workspace.blobs.pathOf(model.sha256);
  const bytes = readFileSync(stored);
  bytes[100] = bytes[100]! ^ 1;
  writeFileSync(stored, bytes);
  await expect(models.verifiedPath(model)).rejects.toMatchObject({ code: 'evidence_changed' });
  await expect(models.exportModel(model.id, join(folder, 'out.onnx'))).rejects.toMatchObject({
    code: 'evidence_changed',
  });
  expect(readdirSync(folder)).not.toContain('out.onnx');
});

test('importing, choosing and exporting a model are recorded, and what changes nothing is not', async () => {
  const first = await models.import(await file('first.onnx', 1));
  const second = await models.import(await file('second.onnx', 2));
  await models.import(await file('copy.onnx', 1));
  await models.use(second.id);
  await models.exportModel(first.id, join(folder, 'out.onnx'));
  await expect(models.exportModel(first.id, join(folder, 'none', 'out.onnx'))).rejects.toThrow();
  expect(recordedActions(workspace)).toEqual([
    ['model.imported', first.id],
    ['model.imported', second.id],
    ['model.chosen', second.id],
    ['model.exported', first.id],
  ]);
});

test('a model whose entry cannot be written is neither imported, chosen nor exported', async () => {
  const first = await models.import(await file('first.onnx', 1));
  workspace.sqlite.exec(
    `CREATE TRIGGER full BEFORE INSERT ON audit_log BEGIN SELECT RAISE(ABORT, 'no'); END`,
  );
  const out = join(folder, 'out.onnx');
  await expect(models.import(await file('second.onnx', 2))).rejects.toThrow();
  await expect(models.exportModel(first.id, out)).rejects.toThrow();
  expect((await models.list()).map(({ id }) => id)).toEqual([first.id]);
  expect(readdirSync(folder).toSorted()).toEqual(['first.onnx', 'second.onnx', 'workspace']);
});
