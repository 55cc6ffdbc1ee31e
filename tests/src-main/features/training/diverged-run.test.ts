/** A run whose training diverges: what the workspace keeps of it, and that it goes on from there. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createWasmBackend } from '#compute/backends/wasm.ts';
import { startRunRequest } from '#contract/training-run.ts';
import { decodeCheckpoint } from '#engine/training/checkpoint.ts';
import { inProcessTrainer } from '#tests/support/in-process-trainer.ts';
import { spoiltBackend } from '#tests/support/spoilt-backend.ts';
import { tinyOverrides, writeTrainingScenes } from '#tests/support/training-scenes.ts';
import { openTrainingWorkspace, type TrainingWorkspace } from '#tests/support/training-workspace.ts';

let folder: string;
let open: TrainingWorkspace;
let spoils: boolean;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pentimento-runs-'));
  const trainer = inProcessTrainer(async () => {
    const wasm = await createWasmBackend();
    const spoilt = { name: 'generatorStep', output: 'losses', run: 2, value: NaN };
    return { backend: spoils ? spoiltBackend(wasm, spoilt) : wasm, why: 'a test' };
  });
  open = await openTrainingWorkspace(folder, { trainer });
  mkdirSync(join(folder, 'scenes'));
  open.photographs = await writeTrainingScenes(join(folder, 'scenes'), { train: 8, validation: 2 });
});
afterEach(async () => {
  await open.close();
  rmSync(folder, { recursive: true, force: true });
});

test('it fails with its reason and a checkpoint of the last sound step, and can be resumed to a model', async () => {
  spoils = true;
  const stop = { steps: 4, patience: 9 };
  const overrides = { ...tinyOverrides, checkpointEvery: 100 };
  const request = startRunRequest.parse({ dataset: 'test set', stop, overrides });
  const { id } = await open.runs.start(request);
  const failed = await open.runs.settled(id);
  expect(failed).toMatchObject({
    state: 'failed',
    checkpointStep: 2,
    modelId: null,
    error: { code: 'training_diverged', message: expect.stringContaining('generator\'s "losses"') as string },
  });
  expect(await open.runs.log(id)).toContainEqual(
    expect.objectContaining({ level: 'error', code: 'training_diverged' }),
  );
  const file = join(folder, 'runs', id, 'checkpoints', 'step-0000002.safetensors');
  expect(decodeCheckpoint(readFileSync(file))).toMatchObject({ detectorStep: 2, iteration: 1 });

  spoils = false;
  await open.runs.resume(id);
  const done = await open.runs.settled(id);
  expect(done).toMatchObject({ state: 'done', step: 4, request: { stop } });
  expect(done.modelId).not.toBeNull();
  const curve = await open.runs.metrics(id);
  expect(curve.map(({ step, validation }) => [step, validation?.step])).toEqual([
    [2, 2],
    [4, 4],
  ]);
  for (const { blends, styleChange } of curve) {
    expect(blends!.deviation).toBeGreaterThan(0);
    expect(styleChange).toBeGreaterThan(0);
  }
}, 120_000);
