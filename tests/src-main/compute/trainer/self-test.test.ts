/** The self-test of a backend against WebAssembly: what passes, what is refused. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createOrtBackend } from '#compute/backends/ort.ts';
import { referenceSteps, smallBatch, type StepRecord } from '#compute/trainer/reference-steps.ts';
import { CutOff, disagreement, selfTest } from '#compute/trainer/self-test.ts';
import type { ComputeBackend } from '#engine/ports.ts';
import { sampleCounts } from '#engine/training/sample-counts.ts';
import { resolveTrainingConfig } from '#engine/training/training-config.ts';
import { failureOf } from '#tests/support/app-error.ts';
import { spoiltBackend, type Spoilt } from '#tests/support/spoilt-backend.ts';

let ort: ComputeBackend;
let reference: StepRecord[];
beforeAll(async () => {
  ort = await createOrtBackend({ provider: 'cpu', threads: 1 });
  reference = await referenceSteps(resolveTrainingConfig());
});
afterAll(() => ort.dispose());

test('it takes every step of an iteration', () => {
  expect(reference.map(({ name }) => name)).toEqual(['generate', 'detectorStep', 'generatorStep']);
});

test('its batch is small, and holds what the batches of the run hold', () => {
  for (const generatorMode of ['both', 'blend', 'style', 'none'] as const) {
    const config = resolveTrainingConfig({ generatorMode });
    const kinds = (counts: object) => Object.values(counts).map((count) => count > 0);
    expect(kinds(sampleCounts(smallBatch(config))), generatorMode).toEqual(kinds(sampleCounts(config)));
    expect(smallBatch(config)).toMatchObject({ realPerBatch: 2, blendsPerBatch: 2 });
  }
});

test('ONNX Runtime on the CPU passes', async () => {
  await expect(selfTest(ort, reference)).resolves.toBeGreaterThanOrEqual(0);
});

/** The first number of an output, `times` as large. */
const scaled = (name: string, output: string, times: number): Spoilt => {
  const record = reference.find((one) => one.name === name)!;
  return { name, output, run: 1, value: record.outputs[output]!.data[0]! * times };
};
const refused: [string, () => Spoilt, RegExp][] = [
  [
    'a loss is two thousandths off',
    () => scaled('detectorStep', 'losses', 1.002),
    /losses of the step of the detector/,
  ],
  [
    'a gradient is wrong',
    () => ({ name: 'generatorStep', output: 'firstMoment', run: 1, value: 1 }),
    /gradients of the step of the generator/,
  ],
  [
    'a number is none',
    () => ({ name: 'detectorStep', output: 'running', run: 1, value: NaN }),
    /running moments of the step of the detector/,
  ],
  [
    'a picture is wrong',
    () => ({ name: 'generate', output: 'blended', run: 1, value: 1e5 }),
    /"blended" of the making of samples/,
  ],
];
test.each(refused)('a backend is refused by its name where %s', async (_, spoilt, what) => {
  const failure = await failureOf(selfTest(spoiltBackend(ort, spoilt()), reference));
  expect(failure).toMatchObject({ code: 'backend_refused' });
  expect(failure.message).toMatch(/^The backend ort \(cpu, .*\) was refused/);
  expect(failure.message).toMatch(what);
});

test('gradients and steps of Adam are compared as wholes: a hundredth apart fails, rounding does not', () => {
  const record = reference.find(({ name }) => name === 'detectorStep')!;
  const changed = (output: string, change: (value: number, i: number) => number) => {
    const { shape, data } = record.outputs[output]!;
    const changedData = Float32Array.from(data, change);
    return disagreement(record, {
      ...record.outputs,
      [output]: { dtype: 'float32', shape, data: changedData },
    });
  };
  expect(changed('firstMoment', (g) => g * 1.009)).toBeNull();
  expect(changed('firstMoment', (g) => g * 1.011)).toMatch(
    /gradients .* differ .* by 1\.1 %, more than 1\.0 %/,
  );
  const before = record.inputs['weights']!.data;
  expect(changed('weights', (w, i) => before[i]! + 1.02 * (w - before[i]!))).toMatch(/new weights/);
  // where there is no gradient, rounding decides which way Adam goes
  const gradient = record.outputs['firstMoment']!.data as Float32Array;
  const least = gradient.reduce((at, g, i) => (Math.abs(g) < Math.abs(gradient[at]!) ? i : at), 0);
  expect(changed('weights', (w, i) => (i === least ? 2 * before[i]! - w : w))).toBeNull();
});

test('a backend that cannot run a step is refused with what it said', async () => {
  const prepare = () => Promise.reject(new Error('no kernel for Conv'));
  const failure = await failureOf(selfTest({ ...ort, prepare }, reference));
  expect(failure).toMatchObject({
    code: 'backend_refused',
    message: expect.stringContaining('no kernel for Conv'),
  });
});

test('a slow backend is cut off between two steps', async () => {
  await expect(selfTest(ort, reference, { milliseconds: 0 })).rejects.toThrow(CutOff);
});
