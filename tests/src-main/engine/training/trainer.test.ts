/** Adversarial training on rendered scenes, eagerly on WASM: what moves, what does not, and what can be repeated. */
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { createWasmBackend } from '#compute/backends/wasm.ts';
import { jpegCodec } from '#compute/trainer/jpeg-codec.ts';
import type { ComputeBackend, HostTensor, PhotographSource } from '#engine/ports.ts';
import { PeriodicEvaluation } from '#engine/training/periodic-evaluation.ts';
import { AdversarialTrainer } from '#engine/training/trainer.ts';
import { TrainingDivergedError } from '#engine/training/training-diverged-error.ts';
import type { TrainingVectors } from '#engine/training/training-state.ts';
import { digests } from '#tests/support/digests.ts';
import { spoiltBackend } from '#tests/support/spoilt-backend.ts';
import { sceneSource, tinyConfig, tinyPorts } from '#tests/support/tiny-training.ts';

let backend: ComputeBackend;
let scenes: PhotographSource;
beforeAll(async () => {
  backend = await createWasmBackend();
  scenes = await sceneSource(4);
});

const begin = (seed: number, overrides: Parameters<typeof tinyConfig>[0] = {}) =>
  AdversarialTrainer.begin(tinyConfig(overrides), seed, tinyPorts(backend, scenes));
const copies = (trainer: AdversarialTrainer): TrainingVectors => structuredClone(trainer.state.vectors);

describe('alternation', () => {
  test('a detector step moves the detector and leaves the generator as it was', async () => {
    const trainer = await begin(1, { generatorSteps: 0 });
    const before = copies(trainer);
    await trainer.iterate(0);
    expect(trainer.state.vectors.detectorWeights).not.toEqual(before.detectorWeights);
    expect(trainer.state.vectors.detectorAverage).not.toEqual(before.detectorAverage);
    expect(trainer.state.vectors.detectorRunning).not.toEqual(before.detectorRunning);
    expect(trainer.state.vectors.generatorWeights).toEqual(before.generatorWeights);
    expect(trainer.state.vectors.generatorSecondMoment).toEqual(before.generatorSecondMoment);
  });

  test('a generator step moves the generator and leaves the detector as it was', async () => {
    const trainer = await begin(1);
    let detectorAfterItsSteps: TrainingVectors | undefined;
    let generatorBefore: Float32Array | undefined;
    const watched: ComputeBackend = {
      ...backend,
      prepare: async (name, fn, example) => {
        const prepared = await backend.prepare(name, fn, example);
        const run = async (inputs: Record<string, HostTensor>) => {
          if (name === 'generatorStep') {
            detectorAfterItsSteps = copies(watchedTrainer);
            generatorBefore = detectorAfterItsSteps.generatorWeights;
          }
          return prepared.run(inputs);
        };
        return { ...prepared, run };
      },
    };
    const watchedTrainer = new AdversarialTrainer(trainer.state, tinyPorts(watched, scenes));
    await watchedTrainer.iterate(0);
    const { vectors } = watchedTrainer.state;
    expect(vectors.generatorWeights).not.toEqual(generatorBefore);
    for (const name of [
      'detectorWeights',
      'detectorFirstMoment',
      'detectorRunning',
      'detectorAverage',
    ] as const) {
      expect(vectors[name], name).toEqual(detectorAfterItsSteps![name]);
    }
  });

  test('n_D detector steps and n_G generator steps make one iteration', async () => {
    const trainer = await begin(1, { detectorSteps: 3, generatorSteps: 2 });
    await trainer.iterate(0);
    expect([trainer.state.detectorStep, trainer.state.generatorStep, trainer.state.iteration]).toEqual([
      3, 2, 1,
    ]);
  });

  test('every loss reaches the weights that it is meant to train', async () => {
    const trainer = await begin(1);
    const { iteration } = trainer.state;
    const metrics = await trainer.iterate(0);
    expect(iteration).toBe(0);
    for (const [name, value] of Object.entries(metrics.losses))
      expect(Number.isFinite(value), name).toBe(true);
    const moved = trainer.state.vectors;
    const layout = (await import('#engine/training/training-state.ts')).vectorLayouts(trainer.state.config);
    const stillZero = (whose: 'detectorFirstMoment' | 'generatorFirstMoment') =>
      Object.entries(layout[whose].views(moved[whose]))
        .filter(([, { data }]) => data.every((x) => x === 0))
        .map(([name]) => name);
    expect(stillZero('detectorFirstMoment')).toEqual([]);
    expect(stillZero('generatorFirstMoment')).toEqual([]);
  });
});

test('from the second iteration on, neither training nor looking at it leaves a tensor behind', async () => {
  const trainer = await begin(1);
  const evaluation = await PeriodicEvaluation.begin(trainer.state, {
    backend,
    photographs: scenes,
    codec: jpegCodec,
  });
  await trainer.iterate(0);
  const { numTensors } = tf.memory();
  for (let i = 1; i < 4; i++) {
    await trainer.iterate(i / 4);
    await trainer.theatre(2);
    await evaluation.judge(trainer.state);
    expect(tf.memory().numTensors, `after iteration ${i + 1}`).toBe(numTensors);
  }
});

describe('a number that is not finite', () => {
  test.each([
    ['a loss of the detector', { name: 'detectorStep', output: 'losses', run: 4, value: NaN }],
    ['a running moment', { name: 'detectorStep', output: 'running', run: 4, value: Infinity }],
    ['a weight of the generator', { name: 'generatorStep', output: 'weights', run: 2, value: -Infinity }],
    ['a pixel that the generator made', { name: 'generate', output: 'blended', run: 4, value: NaN }],
  ])('ends the iteration with the reason, and keeps nothing of it: %s', async (_, spoilt) => {
    const { state } = await begin(1);
    const trainer = new AdversarialTrainer(state, tinyPorts(spoiltBackend(backend, spoilt), scenes));
    await trainer.iterate(0);
    const before = digests(state);
    await expect(trainer.iterate(0)).rejects.toThrow(TrainingDivergedError);
    expect(digests(state)).toEqual(before);
  });

  test('is found where weights have grown too large for their products', async () => {
    const trainer = await begin(1);
    const { vectors } = trainer.state;
    vectors.detectorWeights = vectors.detectorWeights.map((w) => 1e30 * w);
    await expect(trainer.iterate(0)).rejects.toThrow(/not finite at detector step 1/);
  });
});

test('without an expected end, the learning rate is held, then falls: the same step moves the weights less', async () => {
  const moved = async (heldSteps: number) => {
    const trainer = await begin(1, { heldSteps, generatorSteps: 0, detectorSteps: 1, weightDecay: 0 });
    trainer.state.detectorStep = 400;
    const before = trainer.state.vectors.detectorWeights;
    await trainer.iterate(null);
    const after = trainer.state.vectors.detectorWeights;
    return after.reduce((most, w, i) => Math.max(most, Math.abs(w - before[i]!)), 0);
  };
  const [held, fallen] = [await moved(400), await moved(100)];
  expect(fallen / held).toBeCloseTo(0.5, 3);
});

test('an iteration measures the masks, blends and styles that the generator made', async () => {
  const trainer = await begin(1, { kernels: 3 });
  const { blends, maskArea, styleChange } = await trainer.iterate(0);
  expect(blends!.areas).toHaveLength(3);
  for (const area of [maskArea, ...blends!.areas]) {
    expect(area).toBeGreaterThan(0.05);
    expect(area).toBeLessThan(0.45);
  }
  expect(blends!.deviation).toBeGreaterThan(0.1);
  expect(blends!.deviation).toBeLessThan(0.5);
  expect(blends!.change).toBeGreaterThan(1);
  expect(styleChange).toBeGreaterThan(0);
  const alone = await (await begin(1, { generatorMode: 'style' })).iterate(0);
  expect(alone.blends).toBeNull();
});

describe('the theatre', () => {
  test('shows masks of the area that was asked for, and pictures that were changed', async () => {
    const trainer = await begin(1);
    await trainer.iterate(0);
    const shown = await trainer.theatre(3);
    const areas = shown['area']!.data;
    const fused = shown['fused']!.data;
    const size = fused.length / 3;
    for (let i = 0; i < 3; i++) {
      const above = fused.slice(i * size, (i + 1) * size).filter((m) => m > 0.5).length / size;
      expect(Math.abs(above - areas[i]!)).toBeLessThan(0.01);
    }
    const [blended, host] = [shown['blended']!.data, shown['reference']!.data];
    let change = 0;
    for (let i = 0; i < blended.length; i++) change += Math.abs(blended[i]! - host[i]!) / blended.length;
    expect(change).toBeGreaterThan(1);
  });

  test('shows the same samples at every call', async () => {
    const trainer = await begin(1);
    const [one, two] = [await trainer.theatre(2), await trainer.theatre(2)];
    expect(one['reference']).toEqual(two['reference']);
    expect(one['blended']).toEqual(two['blended']);
  });
});
