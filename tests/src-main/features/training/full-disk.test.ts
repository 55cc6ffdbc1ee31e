/** Runs whose checkpoints meet a full disk: the application goes on, says so, and keeps the last good one. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createWasmBackend } from '#compute/backends/wasm.ts';
import type { TrainerHost } from '#compute/trainer-host.ts';
import { startRunRequest } from '#contract/training-run.ts';
import { decodeCheckpoint } from '#engine/training/checkpoint.ts';
import { inProcessTrainer } from '#tests/support/in-process-trainer.ts';
import { tinyOverrides, writeTrainingScenes } from '#tests/support/training-scenes.ts';
import { openTrainingWorkspace, type TrainingWorkspace } from '#tests/support/training-workspace.ts';

const checkpointName = (step: number) => `step-${String(step).padStart(7, '0')}.safetensors`;
let folder: string;
let open: TrainingWorkspace;
/** Steps whose checkpoints find no room, in the next start. */
let noRoomAt: number[] = [];
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pentimento-runs-'));
  const trainer = inProcessTrainer(async () => ({ backend: await createWasmBackend(), why: 'a test' }));
  const planting: TrainerHost = {
    start(start) {
      const checkpoints = join(start.directory, 'checkpoints');
      mkdirSync(checkpoints, { recursive: true });
      // what is written there goes to a device on which no room is left
      for (const step of noRoomAt)
        symlinkSync('/dev/full', join(checkpoints, `${checkpointName(step)}.partial`));
      return trainer.start(start);
    },
  };
  open = await openTrainingWorkspace(folder, { trainer: planting });
  mkdirSync(join(folder, 'scenes'));
  open.photographs = await writeTrainingScenes(join(folder, 'scenes'), { train: 8, validation: 1 });
});
afterEach(async () => {
  await open.close();
  rmSync(folder, { recursive: true, force: true });
});

const request = startRunRequest.parse({ dataset: 'test set', stop: { steps: 4 }, overrides: tinyOverrides });
const fileOf = (id: string, step: number) => join(folder, 'runs', id, 'checkpoints', checkpointName(step));

describe.skipIf(!existsSync('/dev/full'))('with no room left', () => {
  test('for a checkpoint on the way, training goes on, and the next one is kept', async () => {
    noRoomAt = [2];
    const { id } = await open.runs.start(request);
    expect(await open.runs.settled(id)).toMatchObject({ state: 'done', checkpointStep: 4 });
    expect(await open.runs.log(id)).toContainEqual(
      expect.objectContaining({
        level: 'error',
        code: 'disk_full',
        message: expect.stringMatching(/checkpoint of step 2 .*Training goes on/) as string,
      }),
    );
    expect([existsSync(fileOf(id, 2)), existsSync(`${fileOf(id, 2)}.partial`)]).toEqual([false, false]);
  }, 240_000);

  test('for the last checkpoint, the run fails with what to do; of those before, the newest whole one is gone on from', async () => {
    noRoomAt = [6];
    const { id } = await open.runs.start({ ...request, stop: { steps: 6 } });
    expect(await open.runs.settled(id)).toMatchObject({
      state: 'failed',
      checkpointStep: 4,
      error: { code: 'disk_full', hint: expect.stringContaining('Free some space') as string },
    });
    expect(decodeCheckpoint(readFileSync(fileOf(id, 4))).detectorStep).toBe(4);
    noRoomAt = [];
    truncateSync(fileOf(id, 4), 100_000);
    await open.runs.resume(id);
    expect(await open.runs.settled(id)).toMatchObject({ state: 'done', step: 6 });
    const log = (await open.runs.log(id)).map(({ message }) => message);
    expect(log).toContainEqual(expect.stringMatching(/step 4 is passed over: its file has 100000 bytes/));
    expect(log).toContain('The run goes on from the checkpoint of step 2.');
  }, 240_000);
});
