/** Every part of the method that can be switched off: training goes on without it, and what is absent is absent. */
import { beforeAll, describe, expect, test } from 'vitest';
import { createOrtBackend } from '#compute/backends/ort.ts';
import { createWasmBackend } from '#compute/backends/wasm.ts';
import type { ComputeBackend, HostTensor, PhotographSource } from '#engine/ports.ts';
import { decodeCheckpoint, encodeCheckpoint } from '#engine/training/checkpoint.ts';
import { generatorModes } from '#engine/training/sample-counts.ts';
import { AdversarialTrainer } from '#engine/training/trainer.ts';
import { vectorLayouts, type TrainingVectors } from '#engine/training/training-state.ts';
import { sceneSource, tinyConfig, tinyPorts } from '#tests/support/tiny-training.ts';

let wasm: ComputeBackend;
let scenes: PhotographSource;
beforeAll(async () => {
  wasm = await createWasmBackend();
  scenes = await sceneSource(4);
});

const begin = (overrides: Parameters<typeof tinyConfig>[0], backend = wasm) =>
  AdversarialTrainer.begin(tinyConfig(overrides), 1, tinyPorts(backend, scenes));

/** A backend that notes which functions ran. */
function noting(backend: ComputeBackend): { backend: ComputeBackend; ran: string[] } {
  const ran: string[] = [];
  const prepare: ComputeBackend['prepare'] = async (name, fn, example) => {
    const prepared = await backend.prepare(name, fn, example);
    const run = (inputs: Record<string, HostTensor>) => (ran.push(name), prepared.run(inputs));
    return { ...prepared, run };
  };
  return { backend: { ...backend, prepare }, ran };
}

/** Parameters of a network, by name, whose optimiser has moved. */
const trained = (trainer: AdversarialTrainer, whose: keyof TrainingVectors): string[] =>
  Object.entries(vectorLayouts(trainer.state.config)[whose].views(trainer.state.vectors[whose]))
    .filter(([, { data }]) => data.some((x) => x !== 0))
    .map(([name]) => name);

describe.each(generatorModes)('generator mode %s', (generatorMode) => {
  test('trains what it makes, and shows samples of it', async () => {
    const { backend, ran } = noting(wasm);
    const trainer = await begin({ generatorMode }, backend);
    const metrics = await trainer.iterate(0);
    const moved = trained(trainer, 'generatorFirstMoment');
    const [blends, styles] = [moved.includes('masks.kernels'), moved.includes('decoder.c4.kernel')];
    const makesBlends = generatorMode === 'both' || generatorMode === 'blend';
    const makesStyles = generatorMode === 'both' || generatorMode === 'style';
    expect([blends, styles]).toEqual([makesBlends, makesStyles]);
    expect(ran.includes('generate')).toBe(generatorMode !== 'none');
    expect(ran.includes('generatorStep')).toBe(generatorMode !== 'none');
    expect(metrics.maskArea > 0).toBe(makesBlends);
    expect(metrics.styleChange > 0).toBe(makesStyles);

    const shown = await trainer.theatre(2);
    expect('masks' in shown).toBe(makesBlends);
    expect('styled' in shown).toBe(makesStyles);
    for (const name of ['blended', 'fused', 'maps', 'map', 'globalSpectrum', 'localSpectrum'])
      expect(shown[name]!.shape[0], name).toBe(2);
    const { fused, blended, real, reference } = shown;
    blended!.data.forEach((x, i) => {
      const m = fused!.data[Math.floor(i / 3)]!;
      const expected = m * real!.data[i]! + (1 - m) * reference!.data[i]!;
      if (Math.abs(x - expected) > 0.51) expect.fail(`pixel ${i} is ${x}, not ${expected}`);
    });
  });
});

test('with mode none, neither the seed of the generator nor its weights matter to the detector', async () => {
  const [one, other] = [await begin({ generatorMode: 'none' }), await begin({ generatorMode: 'none' })];
  other.state.vectors.generatorWeights.fill(9);
  expect((await one.iterate(0)).losses).toEqual((await other.iterate(0)).losses);
  expect(one.state.vectors.detectorWeights).toEqual(other.state.vectors.detectorWeights);
});

describe.each(['both', 'global', 'local', 'none'] as const)('frequency bands: %s', (frequencyBands) => {
  test('the detector has the weights of these branches only, trains them all, and is checkpointed', async () => {
    const trainer = await begin({ frequencyBands, generatorMode: 'none' });
    await trainer.iterate(0);
    const { specs } = vectorLayouts(trainer.state.config).detectorWeights;
    const branches = new Set(specs.map(({ name }) => name.split('.')[0]!));
    expect(branches.has('global')).toBe(frequencyBands === 'both' || frequencyBands === 'global');
    expect(branches.has('local')).toBe(frequencyBands === 'both' || frequencyBands === 'local');
    expect(branches.has('attention')).toBe(frequencyBands === 'both');
    const count = { both: 3, global: 2, local: 2, none: 1 }[frequencyBands];
    expect(specs.find(({ name }) => name === 'fusion.kernel')!.shape).toEqual([1, 1, 64 * count, 64]);
    expect(trained(trainer, 'detectorFirstMoment')).toEqual(
      specs.map(({ name }) => name).filter((name) => !name.startsWith('similarity')), // w_i is fixed for drawn masks
    );
    const again = decodeCheckpoint(encodeCheckpoint(trainer.state));
    expect(again.config).toEqual(trainer.state.config);
    expect(again.vectors).toEqual(trainer.state.vectors);
  });
});

describe('a loss of weight 0', () => {
  test('trains nothing in the detector, and is still measured', async () => {
    const trainer = await begin({ lambdaSimilarity: 0, lambdaFused: 0, lambdaDiversity: 0 });
    const metrics = await trainer.iterate(0);
    expect(trained(trainer, 'detectorFirstMoment').filter((name) => /^(maps|similarity)/.test(name))).toEqual(
      [],
    );
    expect(metrics.losses.totalDetector).toBe(metrics.losses.cls);
    expect(metrics.losses.sim).toBeGreaterThan(0);
  });

  test('leaves the detector out of the generator step', async () => {
    const unjudged = await begin({ adversarial: 0, generatorSimilarity: 0, generatorMode: 'blend' });
    const other = await begin({ adversarial: 0, generatorSimilarity: 0, generatorMode: 'blend' });
    await unjudged.iterate(0);
    other.state.vectors.detectorWeights.fill(0.01);
    await other.iterate(0);
    expect(other.state.vectors.generatorWeights).toEqual(unjudged.state.vectors.generatorWeights);
  });

  test('all of the generator at once: it stays as it was', async () => {
    const trainer = await begin({
      ...{ adversarial: 0, generatorSimilarity: 0, generatorDiversity: 0, maskRegulariser: 0 },
      ...{ reconstruction: 0, style: 0, content: 0 },
    });
    const before = trainer.state.vectors.generatorWeights.slice();
    await trainer.iterate(0);
    expect(trainer.state.vectors.generatorWeights).toEqual(before);
  });
});

test('one kernel is enough: k = 1 has no diversity to lose', async () => {
  const trainer = await begin({ kernels: 1 });
  const metrics = await trainer.iterate(0);
  expect(metrics.losses.div).toBe(0);
  expect((await trainer.theatre(1))['masks']!.shape).toEqual([1, 16, 16, 1]);
});

test('what is switched off compiles too, with the losses of the eager steps', async () => {
  const overrides: Parameters<typeof tinyConfig>[0] = {
    frequencyBands: 'local',
    generatorMode: 'style',
    kernels: 1,
    lambdaSimilarity: 0,
    adversarial: 0,
    replayShare: 1,
    detectorSteps: 1, // a second step would begin from weights whose rounding Adam has enlarged
  };
  const ort = await createOrtBackend({ provider: 'cpu', threads: 1 });
  const [eager, compiled] = [await begin(overrides), await begin(overrides, ort)];
  const [a, b] = [await eager.iterate(0), await compiled.iterate(0)];
  await compiled.theatre(1);
  await compiled.dispose();
  await ort.dispose();
  for (const [name, value] of Object.entries(a.losses))
    expect(b.losses[name as keyof typeof b.losses], name).toBeCloseTo(value, 3);
});
