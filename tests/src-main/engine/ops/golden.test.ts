/**
 * Every operation and loss of the method against the golden values, outputs and gradients: eagerly on the WASM backend, and
 * compiled on each provider of ONNX Runtime that is present.
 */
import * as tf from '@tensorflow/tfjs-core';
import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createOrtBackend } from '#compute/backends/ort.ts';
import { createWasmBackend } from '#compute/backends/wasm.ts';
import type { ComputeBackend } from '#engine/ports.ts';
import { blockDct } from '#engine/ops/block-dct.ts';
import { disagreements, goldenCases } from '#tests/support/golden-cases.ts';
import type { WebgpuReport } from '#tests/support/golden-webgpu.ts';
import { softwareGpuEnvironment } from '#tests/support/software-gpu.ts';

const backends = {
  'wasm, eager': () => createWasmBackend(),
  'ort cpu, compiled': () => createOrtBackend({ provider: 'cpu', threads: 1 }),
};

describe.each(Object.entries(backends))('%s', (_, create) => {
  let backend: ComputeBackend;
  beforeAll(async () => {
    backend = await create();
  });
  afterAll(() => backend.dispose());

  test.each(goldenCases.map((one) => [one.name, one] as const))(
    '%s has the golden values and gradients',
    async (_name, one) => {
      expect(await disagreements(backend, one)).toEqual([]);
    },
  );
});

test('ort webgpu, compiled: every case has the golden values and gradients', async ({ skip }) => {
  const program = new URL('../../../support/golden-webgpu.ts', import.meta.url).pathname;
  const env = { ...process.env, ...softwareGpuEnvironment() };
  const { stdout } = await promisify(execFile)(process.execPath, [program], { env });
  const { absent, wrong } = JSON.parse(stdout) as WebgpuReport;
  if (absent !== undefined) return skip(absent);
  expect(wrong).toEqual(Object.fromEntries(goldenCases.map(({ name }) => [name, []])));
}, 180_000);

test('every golden file of an operation is among the cases', () => {
  const files = readdirSync(new URL('../../../golden', import.meta.url)).map((file) =>
    file.replace('.json', ''),
  );
  const elsewhere = ['metrics']; // metrics.test.ts
  expect([...goldenCases.map(({ name }) => name), ...elsewhere].sort()).toEqual(files.sort());
});

test('shape errors name the operation and both numbers', () => {
  expect(() => blockDct(tf.zeros([1, 130, 16, 1]))).toThrow('blockDct: height 130 is not a multiple of 8');
});
