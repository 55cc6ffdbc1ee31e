import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { exportTriton } from '#features/models/export-triton.ts';
import { ModelService } from '#features/models/model.service.ts';
import { loadOnnxRuntime } from '#inference/onnx-runtime.ts';
import { failureOf } from '#tests/support/app-error.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';
import { temporaryWorkspace } from '#tests/support/temporary-workspace.ts';
import { writeTinyDetector } from '#tests/support/tiny-detector.ts';

test('the repository holds the model with the inputs and outputs that its file really has, and each export is a version', async () => {
  const models = new ModelService(await temporaryWorkspace());
  const file = await writeTinyDetector(path.join(temporaryFolder(), 'tiny.onnx'));
  const { id } = await models.import(file);
  const folder = path.join(temporaryFolder(), 'repository');
  expect((await exportTriton(models, id, folder)).version).toBe(1);
  expect((await exportTriton(models, id, folder)).version).toBe(2);
  const home = path.join(folder, 'pentimento');
  expect(readdirSync(home).sort()).toEqual(['1', '2', 'config.pbtxt']);
  expect(readFileSync(path.join(home, '2', 'model.onnx'))).toEqual(readFileSync(file));

  const config = readFileSync(path.join(home, 'config.pbtxt'), 'utf8');
  const declared = [
    ...config.matchAll(/\{ name: "(\w+)" data_type: (\w+) dims: \[ ([\d, ]+) \]( reshape)?/g),
  ].map(([, name, type, dims, reshaped]) => ({
    name,
    type,
    dims: reshaped ? [] : dims!.split(', ').map(Number),
  }));
  const ort = await loadOnnxRuntime();
  const session = await ort.InferenceSession.create(path.join(home, '1', 'model.onnx'));
  const types: Record<string, string> = { uint8: 'TYPE_UINT8', float32: 'TYPE_FP32' };
  const real = [...session.inputMetadata, ...session.outputMetadata].map((value) => {
    if (!value.isTensor) throw new Error(value.name);
    return { name: value.name, type: types[value.type], dims: value.shape.slice(1) };
  });
  await session.release();
  expect(declared).toEqual(real);
  expect(config).toContain('dynamic_batching');
});

test('a model that is not there is named, and leaves no empty version', async () => {
  const models = new ModelService(await temporaryWorkspace());
  const folder = temporaryFolder();
  expect((await failureOf(exportTriton(models, 'none', folder))).code).toBe('not_found');
  expect(readdirSync(path.join(folder, 'pentimento'))).toEqual([]);
});
