/** Runs whose backend fails under them: what goes on, what is kept, and what the person is told. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createWasmBackend } from '#compute/backends/wasm.ts';
import { startRunRequest } from '#contract/training-run.ts';
import { decodeCheckpoint } from '#engine/training/checkpoint.ts';
import { failingBackend, memoryFor } from '#tests/support/failing-backend.ts';
import { inProcessTrainer } from '#tests/support/in-process-trainer.ts';
import { tinyOverrides, writeTrainingScenes } from '#tests/support/training-scenes.ts';
import { openTrainingWorkspace, type TrainingWorkspace } from '#tests/support/training-workspace.ts';

let folder: string;
let open: TrainingWorkspace;
let fails: Parameters<typeof failingBackend>[1];
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pentimento-runs-'));
  const trainer = inProcessTrainer(async () => ({
    backend: failingBackend(await createWasmBackend(), (name, inputs) => fails(name, inputs)),
    why: 'a test',
  }));
  open = await openTrainingWorkspace(folder, { trainer });
  mkdirSync(join(folder, 'scenes'));
  open.photographs = await writeTrainingScenes(join(folder, 'scenes'), { train: 8, validation: 1 });
});
afterEach(async () => {
  await open.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Batches of four real and four simulated pictures. */
const request = startRunRequest.parse({
  dataset: 'test set',
  stop: { steps: 2 },
  overrides: { ...tinyOverrides, realPerBatch: 4, blendsPerBatch: 3, stylePerBatch: 1 },
});
const lastState = (id: string, step: number) =>
  decodeCheckpoint(
    readFileSync(
      join(folder, 'runs', id, 'checkpoints', `step-${String(step).padStart(7, '0')}.safetensors`),
    ),
  );

test('without memory for a batch, the run goes on with its halves, which its log and its checkpoint say', async () => {
  fails = memoryFor(4);
  const { id } = await open.runs.start(request);
  expect(await open.runs.settled(id)).toMatchObject({ state: 'done', step: 2, error: null });
  const warning = (await open.runs.log(id)).find(({ code }) => code === 'out_of_memory');
  expect(warning).toMatchObject({
    level: 'warning',
    message: expect.stringMatching(
      /^The backend wasm .* did not get the memory that a step needs: .*2 parts.*near to those of whole batches/s,
    ) as string,
  });
  expect(lastState(id, 2)).toMatchObject({ parts: 2, detectorStep: 2 });
}, 240_000);

test('where not even the smallest parts fit, the run is interrupted with its last state and the reason', async () => {
  fails = memoryFor(1);
  const { id } = await open.runs.start(request);
  const ended = await open.runs.settled(id);
  expect(ended).toMatchObject({
    state: 'interrupted',
    checkpointStep: 0,
    error: { code: 'out_of_memory', hint: expect.stringContaining('resumed') as string },
  });
  fails = () => null;
  await open.runs.resume(id);
  expect(await open.runs.settled(id)).toMatchObject({ state: 'done', step: 2 });
}, 240_000);

test('a device that is lost interrupts the run with a checkpoint of the last whole iteration, and it can go on', async () => {
  let steps = 0;
  fails = (name) => (name === 'detectorStep' && ++steps > 3 ? new Error('Device lost: driver reset') : null);
  const { id } = await open.runs.start({ ...request, stop: { steps: 4 } });
  expect(await open.runs.settled(id)).toMatchObject({
    state: 'interrupted',
    checkpointStep: 2,
    error: {
      code: 'backend_lost',
      message: expect.stringMatching(/wasm .* failed while it trained: Device lost: driver reset/) as string,
    },
  });
  expect(lastState(id, 2).detectorStep).toBe(2);
  fails = () => null;
  await open.runs.resume(id);
  expect(await open.runs.settled(id)).toMatchObject({ state: 'done', step: 4 });
}, 240_000);
