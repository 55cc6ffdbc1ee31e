/** Tasks in processes of their own: small scripts stand in for what measures. */
import { writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { AppError } from '#contract/errors.ts';
import { workFound, type BenchmarkTask } from '#features/training-benchmark/benchmark-messages.ts';
import { runTask } from '#features/training-benchmark/task-process.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';

const task: BenchmarkTask = { task: 'count', overrides: null, photographs: [] };
const answer = z.object({ heard: z.string() });

/** What a script that runs `body` for each task comes to; `reply` sends an answer. */
async function run(body: string, signal = new AbortController().signal) {
  const entry = join(temporaryFolder(), 'entry.mjs');
  const reply = 'const reply = (message) => process.send(message, () => process.exit(0));';
  writeFileSync(entry, `${reply}\nprocess.on('message', (task) => { ${body} });`);
  return runTask(task, answer, { entry, signal });
}

test('what the process answers is answered', async () => {
  expect(await run(`reply({ type: 'done', result: { heard: task.task } })`)).toEqual({ heard: 'count' });
});

test('what it fails with is thrown, with its code and remedy', async () => {
  const error = new AppError('disk_full', 'No room.').toData();
  await expect(run(`reply({ type: 'failed', error: ${JSON.stringify(error)} })`)).rejects.toMatchObject({
    code: 'disk_full',
    message: 'No room.',
  });
});

test('an answer of another shape is refused', async () => {
  await expect(run(`reply({ type: 'done', result: {} })`)).rejects.toThrow(/heard/);
});

test('a process that is killed is told from a fault, and memory is named', async () => {
  await expect(run(`process.kill(process.pid, 'SIGKILL')`)).rejects.toMatchObject({
    code: 'trainer_crashed',
    message: expect.stringContaining('SIGKILL'),
    hint: expect.stringContaining('memory'),
  });
});

test('a process that throws is a fault, told by its error and not by its stack', async () => {
  await expect(run(`throw new TypeError('nothing there')`)).rejects.toMatchObject({
    code: 'internal',
    message: 'The measurement ended with status 1: TypeError: nothing there',
  });
});

test('a script that is not there is a fault', async () => {
  const signal = new AbortController().signal;
  await expect(runTask(task, answer, { entry: '/nowhere/entry.mjs', signal })).rejects.toMatchObject({
    code: 'internal',
  });
});

test('a task that is stopped ends its process and throws the reason', async () => {
  const controller = new AbortController();
  const running = run(`setInterval(() => undefined, 1000)`, controller.signal);
  setImmediate(() => controller.abort(new AppError('cancelled', 'Stopped.')));
  await expect(running).rejects.toMatchObject({ code: 'cancelled' });
  await expect(
    run(`reply({ type: 'done', result: { heard: '' } })`, controller.signal),
  ).rejects.toMatchObject({ code: 'cancelled' });
});

test('the real process counts the work of the eight-convolution step', async () => {
  const entry = resolve(import.meta.dirname, '../../../../src-main/features/training-benchmark/entry.ts');
  const found = await runTask(task, workFound, { entry, signal: new AbortController().signal });
  // 208 MFLOP forward a picture, three times that with both gradients but for the picture's own, 8 pictures
  const forward = [
    [64 ** 2, 3, 24],
    [64 ** 2, 24, 24],
    [32 ** 2, 24, 48],
    [32 ** 2, 48, 48],
    [16 ** 2, 48, 96],
    [16 ** 2, 96, 96],
    [8 ** 2, 96, 128],
    [8 ** 2, 128, 128],
  ].map(([positions, channelsIn, channelsOut]) => 2 * positions! * 9 * channelsIn! * channelsOut!);
  const classifier = 2 * 128;
  const picture = 3 * (forward.reduce((sum, work) => sum + work, 0) + classifier) - forward[0]!;
  expect(found.matrix).toBe(8 * picture);
  expect(found.other).toBeGreaterThan(0);
});
