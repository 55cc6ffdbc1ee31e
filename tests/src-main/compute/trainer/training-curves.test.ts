/**
 * Training is the same training wherever it is computed: curves from one seed, and every step from one state.
 *
 * At the recipe's learning rates the curves of two backends part after a few iterations, and so do two on one backend whose
 * starting weights differ by 1e-7: Adam's first steps are as long for weights whose gradient is nothing but rounding as for
 * any other, a pixel of a blend falls to the other side when it is rounded to 8 bits, and each iteration makes the difference
 * several times larger. So the curves are compared at a hundredth of the rates, where the iteration is stable, and at the
 * recipe's rates each step is compared from the same state.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { createOrtBackend } from '#compute/backends/ort.ts';
import { createWasmBackend } from '#compute/backends/wasm.ts';
import { observed } from '#compute/trainer/reference-steps.ts';
import { disagreement } from '#compute/trainer/self-test.ts';
import type { PreparedFunction } from '#engine/ports.ts';
import { AdversarialTrainer } from '#engine/training/trainer.ts';
import { softwareGpuEnvironment } from '#tests/support/software-gpu.ts';
import { sceneSource, tinyConfig, tinyPorts } from '#tests/support/tiny-training.ts';
import { curve, largestDifference } from '#tests/support/training-curves.ts';
import type { WebgpuCurve } from '#tests/support/webgpu-curve.ts';

test('wasm and ort on the CPU: every loss of the first 20 iterations agrees within 1 %', async () => {
  const ort = await createOrtBackend({ provider: 'cpu', threads: 1 });
  const expected = await curve(await createWasmBackend(), 20);
  const actual = await curve(ort, 20);
  await ort.dispose();
  expect(new Set(expected.map(({ totalDetector }) => totalDetector)).size).toBe(20);
  expect(largestDifference(actual, expected)).toBeLessThan(0.01);
}, 240_000);

test('wasm and ort on the CPU agree in each step of a run at the recipe’s rates', async () => {
  const ort = await createOrtBackend({ provider: 'cpu', threads: 1 });
  const prepared = new Map<string, PreparedFunction>();
  const compared: Promise<string | null>[] = [];
  const wasm = observed(await createWasmBackend(), (record) => {
    const { name, fn, inputs } = record;
    compared.push(
      (async () => {
        const known = prepared.get(name) ?? (await ort.prepare(name, fn, inputs));
        prepared.set(name, known);
        return disagreement(record, await known.run(inputs));
      })(),
    );
  });
  const trainer = await AdversarialTrainer.begin(tinyConfig(), 3, tinyPorts(wasm, await sceneSource(6)));
  compared.length = 0; // the spectral statistics
  for (let i = 0; i < 4; i++) await trainer.iterate(null);
  const found = await Promise.all(compared);
  await ort.dispose();
  expect(found).toHaveLength(4 * 5); // 2 (generate, detector step), generator step
  expect(found.filter((sentence) => sentence !== null)).toEqual([]);
}, 240_000);

test('wasm and ort on webgpu: every loss of the first iterations agrees within 1 %', async ({ skip }) => {
  const program = new URL('../../../support/webgpu-curve.ts', import.meta.url).pathname;
  const env = { ...process.env, ...softwareGpuEnvironment() };
  const { stdout } = await promisify(execFile)(process.execPath, [program], { env });
  const { absent, losses } = JSON.parse(stdout) as WebgpuCurve;
  if (absent !== undefined) return skip(absent);
  const expected = await curve(await createWasmBackend(), losses!.length);
  expect(largestDifference(losses!, expected)).toBeLessThan(0.01);
}, 600_000);
