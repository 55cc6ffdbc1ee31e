/** Adversarial training on rendered scenes, eagerly on WASM: what moves, what does not, and what can be repeated. */
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { createWasmBackend } from '#compute/backends/wasm.ts';
import type { ComputeBackend, HostTensor, PhotographSource } from '#engine/ports.ts';
import { decodeCheckpoint, encodeCheckpoint } from '#engine/training/checkpoint.ts';
import { AdversarialTrainer, TrainingDivergedError } from '#engine/training/trainer.ts';
import type { TrainingVectors } from '#engine/training/training-state.ts';
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

describe('repeatability', () => {
  test('the same seed gives the same losses and weights bit for bit, another seed gives others', async () => {
    const [a, b, c] = [await begin(7), await begin(7), await begin(8)];
    const [la, lb, lc] = [await a.iterate(0), await b.iterate(0), await c.iterate(0)];
    expect(la.losses).toEqual(lb.losses);
    expect(a.state.vectors).toEqual(b.state.vectors);
    expect(la.losses).not.toEqual(lc.losses);
  });

  test('going on from a checkpoint equals never having stopped', async () => {
    const whole = await begin(3);
    for (let i = 0; i < 3; i++) await whole.iterate(i / 3);
    const first = await begin(3);
    await first.iterate(0);
    const resumed = new AdversarialTrainer(
      decodeCheckpoint(encodeCheckpoint(first.state)),
      tinyPorts(backend, scenes),
    );
    for (let i = 1; i < 3; i++) await resumed.iterate(i / 3);
    expect(resumed.state.vectors).toEqual(whole.state.vectors);
    expect(resumed.state.detectorStep).toBe(whole.state.detectorStep);
  });
});

test('training leaves no tensor behind', async () => {
  const trainer = await begin(1);
  await trainer.iterate(0);
  const { numTensors } = tf.memory();
  await trainer.iterate(0.5);
  await trainer.theatre(2);
  expect(tf.memory().numTensors).toBe(numTensors);
});

test('a weight that is not finite ends the step with the reason and keeps the state before it', async () => {
  const trainer = await begin(1);
  await trainer.iterate(0);
  const before = copies(trainer);
  trainer.state.vectors.detectorWeights[0] = NaN;
  await expect(trainer.iterate(0)).rejects.toThrow(TrainingDivergedError);
  expect(trainer.state.vectors.detectorFirstMoment).toEqual(before.detectorFirstMoment);
  expect(trainer.state.vectors.generatorWeights).toEqual(before.generatorWeights);
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
