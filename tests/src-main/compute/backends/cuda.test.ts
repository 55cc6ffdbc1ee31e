/** The CUDA backend: what it says of itself and of what is missing. TensorFlow itself is a stand-in here. */
import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, test } from 'vitest';
import { createCudaBackend, cudaStatus, supplyRemovedUtilities } from '#compute/backends/cuda.ts';
import { float32 } from '#engine/training/picture-tensors.ts';
import { failureOf } from '#tests/support/app-error.ts';
import { fakeTensorflow } from '#tests/support/fake-tensorflow.ts';

test('without the native library it says what fetches it, before a run and in one', async ({ skip }) => {
  const { ready, reason } = cudaStatus();
  if (ready) return skip('the native library is installed here');
  expect(reason).toMatch(/`npm run setup:cuda`/);
  const failure = await failureOf(createCudaBackend());
  expect(failure).toMatchObject({ code: 'backend_unavailable', message: expect.stringContaining(reason) });
  expect(failure.hint).toContain('--backend ort');
});

test('a CUDA library that is missing is named, with the versions that are needed', async () => {
  const failure = await failureOf(
    createCudaBackend(() => {
      throw new Error('libcudart.so.11.0: cannot open shared object file: No such file or directory');
    }),
  );
  expect(failure).toMatchObject({ code: 'backend_unavailable' });
  expect(failure.message).toMatch(/libcudart\.so\.11\.0 is missing.*CUDA 11\.2 and cuDNN 8\.1/);
});

describe('once TensorFlow is loaded', () => {
  test('it names its version, and computes', async () => {
    const backend = await createCudaBackend(fakeTensorflow({ isUsingGpuDevice: true }));
    expect(backend).toMatchObject({ name: 'cuda', provider: 'cuda' });
    expect(backend.device).toMatch(/TensorFlow 2\.9\.1.*4\.22\.0/);
    const x = float32([3], Float32Array.of(1, -2, 3));
    const step = await backend.prepare('square', ({ x }) => ({ y: tf.square(x!) }), { x });
    expect((await step.run({ x }))['y']).toEqual(float32([3], Float32Array.of(1, 4, 9)));
    expect(tf.getBackend()).toBe('tensorflow');
  });

  test('without a GPU it is reported as the CPU that it runs on, with what a GPU needs', async () => {
    const backend = await createCudaBackend(fakeTensorflow({ isUsingGpuDevice: false }));
    expect(backend).toMatchObject({ name: 'cuda', provider: 'cpu' });
    expect(backend.device).toMatch(/CPU kernels only.*NVIDIA driver, CUDA 11\.2/);
  });
});

test('what Node removed and the package calls is supplied', () => {
  const util: Record<string, unknown> = {};
  supplyRemovedUtilities(util);
  const { isNullOrUndefined, isArray } = util as Record<string, (value: unknown) => boolean>;
  expect([null, undefined, 0].map((value) => isNullOrUndefined!(value))).toEqual([true, true, false]);
  expect([[], {}].map((value) => isArray!(value))).toEqual([true, false]);
});
