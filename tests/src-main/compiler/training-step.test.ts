import { expect, test } from 'vitest';
import { createOrtBackend } from '#compute/backends/ort.ts';
import { conv8Inputs, conv8Step } from '#features/training-benchmark/conv8-step.ts';
import { expectClose, runEagerly } from './compare.ts';

const shape = { batch: 3, size: 18, channels: [6, 10] };
const inputs = conv8Inputs(shape);
const trainingStep = conv8Step(shape, { withGradients: true });

test('a whole training step, compiled, gives the eager loss, gradients, weights and moments', async () => {
  const backend = await createOrtBackend({ provider: 'cpu', threads: 1 });
  const step = await backend.prepare('step', trainingStep, inputs);
  const actual = await step.run(inputs);
  await backend.dispose();
  expectClose(actual, await runEagerly('cpu', trainingStep, inputs), 1e-5);
});

test('steps follow each other: what comes out can go in, and the loss falls', async () => {
  const backend = await createOrtBackend({ provider: 'cpu', threads: 1 });
  const step = await backend.prepare('step', trainingStep, inputs);
  let state = inputs;
  const losses: number[] = [];
  for (let i = 0; i < 30; i++) {
    const { loss, ...rest } = await step.run(state);
    losses.push(loss!.data[0]!);
    state = { ...state, ...rest };
  }
  expect(losses.at(-1)).toBeLessThan(0.95 * losses[0]!);
  await backend.dispose();
});

test('inputs of another shape, missing inputs and a disposed function are refused', async () => {
  const backend = await createOrtBackend({ provider: 'cpu', threads: 1 });
  const step = await backend.prepare('step', ({ x }) => ({ x: x!.neg() }), { x: inputs['x']! });
  await expect(step.run({})).rejects.toThrow(/takes float32 \[3, 18, 18, 3\] as "x", not nothing/);
  await expect(step.run({ x: inputs['labels']! })).rejects.toThrow(/as "x", not float32 \[3\]/);
  await backend.dispose();
  await expect(step.run({ x: inputs['x']! })).rejects.toThrow(/was disposed of/);
});
