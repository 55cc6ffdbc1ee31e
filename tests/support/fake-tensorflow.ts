/**
 * A stand-in for what `@tensorflow/tfjs-node-gpu` registers with TensorFlow.js when it is loaded, whose native library cannot
 * be had on every machine: TensorFlow.js's own CPU backend under that name, which says whether it found a GPU.
 */
import { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import type { LoadTensorflow } from '#compute/backends/cuda.ts';

export const fakeTensorflow =
  ({ isUsingGpuDevice }: { isUsingGpuDevice: boolean }): LoadTensorflow =>
  () => {
    if (tf.findBackend('tensorflow')) tf.removeBackend('tensorflow');
    tf.registerBackend('tensorflow', () =>
      Object.assign(new MathBackendCPU(), { isUsingGpuDevice, binding: { TF_Version: '2.9.1' } }),
    );
    // the real package may have got as far as its kernels
    for (const { kernelName } of tf.getKernelsForBackend('tensorflow'))
      tf.unregisterKernel(kernelName, 'tensorflow');
    tf.copyRegisteredKernels('cpu', 'tensorflow');
    return { version: { 'tfjs-node': '4.22.0' } };
  };
