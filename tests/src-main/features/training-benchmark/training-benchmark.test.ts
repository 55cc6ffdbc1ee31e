/** The whole benchmark, with a script that answers each task with set figures in place of what measures. */
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { AppError } from '#contract/errors.ts';
import { allCases, quickCases } from '#features/training-benchmark/benchmark-cases.ts';
import type { BenchmarkTarget } from '#features/training-benchmark/benchmark-messages.ts';
import {
  benchmarkTraining,
  type BenchmarkEvent,
  type BenchmarkRequest,
} from '#features/training-benchmark/training-benchmark.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';

const cpu: BenchmarkTarget = { backend: 'ort', provider: 'cpu' };
const gpu: BenchmarkTarget = { backend: 'ort', provider: 'webgpu' };
const wasm: BenchmarkTarget = { backend: 'wasm', provider: 'cpu' };

/** What each task comes to where nothing else is said: on `ort` 100 GFLOP/s and 200 ms, on `wasm` 10 and 2000. */
const usual = `
  const slow = (target) => (target.backend === 'wasm' ? 10 : 1);
  const results = {
    ceiling: () => ({ gflops: 100 / slow(task.target), device: 'a device' }),
    count: () => ({ matrix: 14e9, other: 0.5e9 }),
    measure: () => ({ iterations: 7, total: 200 * slow(task.target), data: 20, generator: 60, detector: 110, peakMegabytes: 512.4 }),
    compare: () => ({ iterations: 5, first: 210, second: 1050 }),
  };`;
/** @param special runs first; where it returns, nothing is answered */
function script(special = ''): string {
  const entry = join(temporaryFolder(), 'entry.mjs');
  writeFileSync(
    entry,
    `process.once('message', (task) => {
      const reply = (message) => process.send(message, () => process.exit(0));
      ${special}
      ${usual}
      reply({ type: 'done', result: results[task.task]() });
    });`,
  );
  return entry;
}

async function run(
  request: Partial<BenchmarkRequest>,
  entry = script(),
  signal = new AbortController().signal,
) {
  const events: BenchmarkEvent[] = [];
  const report = await benchmarkTraining(
    { targets: [cpu, wasm], ceilingsOf: [], cases: quickCases, seconds: 1, ...request },
    { entry, signal, report: (event) => events.push(event), writePhotographs: () => Promise.resolve([]) },
  );
  return { report, events };
}

test('each case is measured on each backend: time, counted work, rate, and share of the backend’s own ceiling', async () => {
  const { report } = await run({});
  expect(report.matmul_gflops).toEqual({ ort: 100, wasm: 10 });
  expect(report.cases.map(({ name, backend }) => `${name} ${backend}`)).toEqual([
    ...['recipe ort', 'recipe wasm', 'conv8 ort', 'conv8 wasm'],
  ]);
  expect(report.cases[0]).toEqual({
    ...{ name: 'recipe', backend: 'ort', provider: 'cpu', batch: 32, crop: 64, k: 4 },
    ms_per_iteration: 200,
    gflop_per_iteration: 14,
    other_gflop_per_iteration: 0.5,
    gflops: 70,
    share_of_matmul: 0.7,
    ms: { data: 20, generator: 60, detector: 110 },
    peak_mb: 512,
    iterations: 7,
  });
  expect(report.cases[1]).toMatchObject({ gflops: 7, share_of_matmul: 0.7, ms_per_iteration: 2000 });
  expect(report).toMatchObject({ failed: [], stopped: false });
});

test('ONNX Runtime and WASM are compared on the recipe', async () => {
  const { report } = await run({ targets: [cpu, gpu, wasm] });
  const same = { case: 'recipe', ms: { ort: 210, wasm: 1050 }, ratio: 5, iterations: 5 };
  expect(report.speedup).toEqual([
    { ...same, provider: 'cpu' },
    { ...same, provider: 'webgpu' },
  ]);
});

test('without the recipe, or without WASM, nothing is compared', async () => {
  expect((await run({ cases: allCases.slice(1, 2) })).report.speedup).toEqual([]);
  expect((await run({ targets: [cpu] })).report.speedup).toEqual([]);
});

test('further ceilings are measured once, and no case on their backends', async () => {
  const { report } = await run({ targets: [gpu], ceilingsOf: [gpu, cpu, wasm] });
  expect(report.ceilings.map(({ backend, provider }) => `${backend}/${provider}`)).toEqual([
    ...['ort/webgpu', 'ort/cpu', 'wasm/cpu'],
  ]);
  expect(new Set(report.cases.map(({ provider }) => provider))).toEqual(new Set(['webgpu']));
});

test('a case whose process is killed is reported with its error, and the others are measured', async () => {
  const dies = `if (task.task === 'measure' && task.target.backend === 'ort' && task.overrides)
    return process.kill(process.pid, 'SIGKILL');`;
  const { report, events } = await run({}, script(dies));
  const [recipe, ...others] = report.cases;
  expect(recipe).toMatchObject({
    ...{ name: 'recipe', backend: 'ort', gflop_per_iteration: 14, iterations: 0 },
    ...{ ms_per_iteration: null, gflops: null, share_of_matmul: null, ms: null, peak_mb: null },
    error: { code: 'trainer_crashed', message: expect.stringContaining('SIGKILL') },
  });
  for (const other of others) expect(other).toMatchObject({ iterations: 7, gflops: expect.any(Number) });
  expect(report.failed).toEqual([
    { what: 'recipe (batch 32, crop 64, k 4), ort on cpu', error: recipe!.error },
  ]);
  expect(events.filter(({ stage }) => stage === 'failed')).toHaveLength(1);
});

test('without a count or a ceiling, the figures that need it are null and the times stay', async () => {
  const fails = (which: string) => script(`if (task.task === '${which}') throw new Error('no figure');`);
  const uncounted = (await run({ targets: [cpu] }, fails('count'))).report.cases[0];
  expect(uncounted).toMatchObject({ ms_per_iteration: 200, gflop_per_iteration: null, gflops: null });
  const { report } = await run({ targets: [cpu] }, fails('ceiling'));
  expect(report.matmul_gflops).toEqual({ ort: null, wasm: null });
  expect(report.cases[0]).toMatchObject({ gflops: 70, share_of_matmul: null });
});

test('progress names each measurement and counts them all', async () => {
  const { events } = await run({});
  const begun = events.filter((event) => event.stage === 'begun');
  expect(begun.map(({ done }) => done)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
  expect(new Set(begun.map(({ total }) => total))).toEqual(new Set([9]));
  expect(begun[4]!.what).toBe('recipe (batch 32, crop 64, k 4), ort on cpu');
});

test('stopped, it answers what was measured, and leaves no photographs behind', async () => {
  const controller = new AbortController();
  let photographs = '';
  const report = await benchmarkTraining(
    { targets: [cpu], ceilingsOf: [], cases: quickCases, seconds: 1 },
    {
      entry: script(),
      signal: controller.signal,
      report: ({ what }) => {
        if (what.startsWith('conv8')) controller.abort(new AppError('cancelled', 'Stopped.'));
      },
      writePhotographs: (folder) => {
        photographs = folder;
        writeFileSync(join(folder, 'picture.jpg'), '');
        return Promise.resolve([]);
      },
    },
  );
  expect(report).toMatchObject({ stopped: true, failed: [], cases: [{ name: 'recipe', gflops: 70 }] });
  expect(photographs).not.toBe('');
  expect(existsSync(photographs)).toBe(false);
});
