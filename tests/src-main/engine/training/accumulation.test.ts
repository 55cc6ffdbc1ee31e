/** Batches taken in parts: what of a step stays the same, what does not and by how much, and what a run does without memory. */
import { beforeAll, describe, expect, test } from 'vitest';
import { createWasmBackend } from '#compute/backends/wasm.ts';
import { observed } from '#compute/trainer/reference-steps.ts';
import { detectorRunningLayout } from '#engine/models/detector.ts';
import type { ComputeBackend, HostTensor, PhotographSource } from '#engine/ports.ts';
import { detectorParts, generatorParts, mostParts, wholeMoments } from '#engine/training/accumulation.ts';
import { decodeCheckpoint, encodeCheckpoint } from '#engine/training/checkpoint.ts';
import { AdversarialTrainer } from '#engine/training/trainer.ts';
import { networkConfig, type TrainingConfig } from '#engine/training/training-config.ts';
import { sceneSource, tinyConfig, tinyPorts } from '#tests/support/tiny-training.ts';

type Tensors = Record<string, HostTensor>;
let wasm: ComputeBackend;
let scenes: PhotographSource;
beforeAll(async () => {
  wasm = await createWasmBackend();
  scenes = await sceneSource(6);
});

/** 4 real, 3 learned or drawn blends and 1 styled; the detector's batch has as many simulated as real ones. */
const config = tinyConfig({ realPerBatch: 4, blendsPerBatch: 3, stylePerBatch: 1, detectorSteps: 1 });

/** One iteration from the same state, and the outputs of every function that it ran. */
async function iteration(halvings: number, overrides: Partial<TrainingConfig> = {}) {
  const ran: { name: string; inputs: Tensors; outputs: Tensors }[] = [];
  const backend = observed(wasm, (record) => ran.push(record));
  const trainer = await AdversarialTrainer.begin({ ...config, ...overrides }, 3, tinyPorts(backend, scenes));
  for (let i = 0; i < halvings; i++) expect(await trainer.halve()).toBe(true);
  const metrics = await trainer.iterate(0);
  await trainer.dispose();
  return { ran, metrics, vectors: trainer.state.vectors, state: trainer.state };
}
const norm = (values: ArrayLike<number>) =>
  Math.sqrt(Array.from(values).reduce((sum, value) => sum + value ** 2, 0));
/** Of the difference, in norms of the second. */
const relative = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  norm(Array.from(b, (value, i) => a[i]! - value)) / norm(b);
/** After the first step, the first moment is the clipped gradient times 1 - beta1. */
const gradientOf = (ran: Awaited<ReturnType<typeof iteration>>['ran'], names: string[]) =>
  ran.find(({ name }) => names.includes(name))!.outputs['firstMoment']!.data;

describe('one iteration in two parts', () => {
  let whole: Awaited<ReturnType<typeof iteration>>;
  let halves: Awaited<ReturnType<typeof iteration>>;
  beforeAll(async () => {
    whole = await iteration(0);
    halves = await iteration(1);
  });

  test('runs every part, and one update', () => {
    expect(halves.ran.map(({ name }) => name).filter((name) => name !== 'spectra')).toEqual([
      ...['generate', 'detectorPart', 'detectorPart', 'detectorUpdate'],
      ...['generatorPart', 'generatorPart', 'generatorUpdate'],
    ]);
  });

  test('shows the whole batch to the detector, each blend beside its host', () => {
    const parts = halves.ran.filter(({ name }) => name === 'detectorPart');
    expect(parts.map(({ inputs }) => [...inputs['labels']!.data])).toEqual([
      [0, 0, 1, 1],
      [0, 0, 1, 1],
    ]);
    const pixels = parts.flatMap(({ inputs }) => [...inputs['pixels']!.data]).sort((a, b) => a - b);
    const expected = whole.ran.find(({ name }) => name === 'detectorStep')!.inputs['pixels']!.data;
    expect(pixels).toEqual([...expected].sort((a, b) => a - b));
  });

  test('leaves a gradient of the detector that is near to the whole one, as its moments are those of the parts', () => {
    const [a, b] = [gradientOf(halves.ran, ['detectorUpdate']), gradientOf(whole.ran, ['detectorStep'])];
    expect(relative(a, b)).toBeGreaterThan(1e-4);
    const cosine = Array.from(b).reduce((sum, value, i) => sum + value * a[i]!, 0) / norm(a) / norm(b);
    expect(cosine).toBeGreaterThan(0.6); // of four pictures a part; figures for whole batches stand in the engine's README
    expect(halves.metrics.losses.totalDetector).toBeCloseTo(whole.metrics.losses.totalDetector, 0);
  });
});

test('a generator step in parts is the whole one, with the same detector before it', async () => {
  const frozen = { detectorLearningRate: 1e-30 as number, runningDecay: 0.9999 };
  const run = async (halvings: number) => iteration(halvings, frozen);
  const [whole, halves] = [await run(0), await run(1)];
  const step = (of: typeof whole) => gradientOf(of.ran, ['generatorStep', 'generatorUpdate']);
  expect(relative(step(halves), step(whole))).toBeLessThan(1e-3);
  for (const name of ['div', 'totalGenerator'] as const)
    expect(halves.metrics.losses[name]).toBeCloseTo(whole.metrics.losses[name], 4);
  expect(halves.metrics.maskArea).toBeCloseTo(whole.metrics.maskArea, 5);
  expect(halves.metrics.styleChange).toBeCloseTo(whole.metrics.styleChange, 3);
  expect(halves.metrics.blends!.areas.map((area) => area.toFixed(4))).toEqual(
    whole.metrics.blends!.areas.map((area) => area.toFixed(4)),
  );
});

test.each([
  [{ realPerBatch: 16, blendsPerBatch: 14, stylePerBatch: 2 }, 4, [4, 4, 4, 4]],
  [{ realPerBatch: 5, blendsPerBatch: 4, stylePerBatch: 3 }, 2, [4, 3]],
  [{ realPerBatch: 8, blendsPerBatch: 2, stylePerBatch: 6 }, 4, [6, 1, 1]],
])('the parts of %o in %i hold every sample once, and their shares add up', (fields, count, simulated) => {
  const shape = tinyConfig({ ...fields, generatorMode: 'both', replayShare: 0 });
  const { blendsPerBatch: blends, stylePerBatch: styles } = shape;
  const column = (n: number): HostTensor => ({
    dtype: 'float32',
    shape: [n, 1],
    data: Float32Array.from({ length: n }, (_, i) => i),
  });
  const batch: Tensors = { content: column(styles), style: column(styles) };
  for (const name of ['real', 'reference', 'area', 'mixture', 'slope']) batch[name] = column(blends);
  const parts = generatorParts(batch, shape, count);
  expect(parts.map(({ counts }) => counts.blends + counts.styles)).toEqual(simulated);
  const rows = (name: string) =>
    parts.flatMap(({ inputs }) => [...(inputs[name]?.data ?? [])]).sort((a, b) => a - b);
  expect(rows('mixture')).toEqual([...column(blends).data]);
  expect(rows('style')).toEqual([...column(styles).data]);
  for (const i of [0, 1])
    expect(parts.reduce((sum, { shares }) => sum + shares.data[i]!, 0)).toBeCloseTo(1, 6);

  const [n, m] = [shape.realPerBatch, blends + styles];
  const ofDetector = detectorParts(
    {
      ...{ pixels: column(n + m), labels: column(n + m), fused: column(n + m) },
      ...{ masks: column(m), fixedWeights: column(m) },
    },
    count,
  );
  for (const { inputs } of ofDetector) {
    const [pixels, masks] = [[...inputs.pixels.data], [...inputs.masks.data]];
    expect(pixels.filter((row) => row >= n).map((row) => row - n)).toEqual(masks);
  }
  for (const i of [0, 1])
    expect(ofDetector.reduce((sum, { shares }) => sum + shares.data[i]!, 0)).toBeCloseTo(1, 6);
});

test('moments of parts make those of the whole', () => {
  const layout = detectorRunningLayout(networkConfig(config));
  const name = layout.specs[0]!.name.replace(/\.\w+$/, '');
  const part = (values: number[]) => {
    const moments = new Float32Array(layout.size);
    const mean = values.reduce((a, b) => a + b, 0) / values.length;
    layout.views(moments)[`${name}.mean`]!.data.fill(mean);
    const square = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    layout.views(moments)[`${name}.variance`]!.data.fill(square);
    return { share: values.length / 5, moments };
  };
  const whole = layout.views(wholeMoments(layout, [part([1, 2, 6]), part([-4, 0])]));
  expect(whole[`${name}.mean`]!.data[0]).toBeCloseTo(1, 6);
  expect(whole[`${name}.variance`]!.data[0]).toBeCloseTo(10.4, 5);
});

test('a batch is not taken in parts of fewer than two real and two simulated samples', async () => {
  expect(mostParts(config)).toBe(2);
  const trainer = await AdversarialTrainer.begin(config, 3, tinyPorts(wasm, scenes));
  expect([await trainer.halve(), await trainer.halve(), trainer.state.parts]).toEqual([true, false, 2]);
  expect(decodeCheckpoint(encodeCheckpoint(trainer.state)).parts).toBe(2);
});
