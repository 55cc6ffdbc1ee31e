/** Seeing where ONNX Runtime really runs a graph. */
import * as tf from '@tensorflow/tfjs-core';
import { expect, test } from 'vitest';
import {
  mostlyOnCpu,
  placementOf,
  placementSentence,
  type ProfileEvent,
} from '#compute/backends/ort-placement.ts';
import { createOrtBackend } from '#compute/backends/ort.ts';
import { placed } from '#compute/trainer/placed-backend.ts';
import { float32 } from '#engine/training/picture-tensors.ts';

const ran = (operator: string, provider: string): ProfileEvent => ({
  cat: 'Node',
  name: `graph/${operator}_0_kernel_time`,
  args: { op_name: operator, provider: `${provider}ExecutionProvider` },
});

test('operators on the CPU are counted and named, copies are not', () => {
  const placement = placementOf([
    { cat: 'Session', name: 'model_run' },
    { cat: 'Api', name: 'graph/Conv' },
    ran('Conv', 'WebGpu'),
    ran('MemcpyToHost', 'WebGpu'),
    ran('Sign', 'CPU'),
    ran('MemcpyFromHost', 'WebGpu'),
    ran('Sign', 'CPU'),
  ]);
  expect(placement).toEqual({ nodes: 3, onCpu: 2, heavy: 1, heavyOnCpu: 0, cpuOperators: ['Sign'] });
  expect(placementSentence(placement)).toBe('the CPU runs 2 of 3 operators (Sign)');
});

test('who does the convolutions and products does most of the work', () => {
  const small = Array.from({ length: 5 }, () => ran('Add', 'CPU'));
  expect(mostlyOnCpu(placementOf([ran('Conv', 'WebGpu'), ...small]))).toBe(false);
  expect(mostlyOnCpu(placementOf([ran('FusedConv', 'CPU'), ran('Gemm', 'CPU'), ran('Conv', 'Cuda')]))).toBe(
    true,
  );
  expect(mostlyOnCpu(placementOf([ran('Add', 'WebGpu'), ran('Add', 'CPU'), ran('Mul', 'CPU')]))).toBe(true);
});

test('a session that claims a GPU and runs on the processor is called the processor', async () => {
  const cpu = await createOrtBackend({ provider: 'cpu', threads: 1 });
  const claimed = { ...cpu, provider: 'webgpu', device: 'a GPU' };
  const inputs = { x: float32([2, 2], Float32Array.of(1, 2, 3, 4)) };
  const fn = ({ x }: Record<string, tf.Tensor>) => ({ y: tf.matMul(x as tf.Tensor2D, x as tf.Tensor2D) });
  const step = { name: 'detectorStep', fn, inputs, outputs: {}, milliseconds: 0 };
  const { backend } = await placed(claimed, [step]);
  expect(backend).toMatchObject({ name: 'ort', provider: 'cpu' });
  expect(backend.device).toMatch(/of webgpu, which was asked for, the CPU runs 1 of 1 operators \(MatMul\)/);
  expect((await placed(cpu, [step])).backend).toBe(cpu); // who asks for the processor gets what was asked for
  await cpu.dispose();
});
