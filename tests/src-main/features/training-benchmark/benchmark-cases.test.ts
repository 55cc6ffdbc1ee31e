import { expect, test } from 'vitest';
import { resolveTrainingConfig } from '#engine/training/training-config.ts';
import { allCases, caseTitle, quickCases } from '#features/training-benchmark/benchmark-cases.ts';

const growth = allCases.filter(({ name }) => name === 'growth');

test('the quick cases are the recipe and the eight-convolution step, and all cases begin with them', () => {
  expect(quickCases.map(({ name }) => name)).toEqual(['recipe', 'conv8']);
  expect(allCases.slice(0, 2)).toEqual(quickCases);
});

test('the recipe is the default configuration, but for the statistics that are taken before the first iteration', () => {
  const [recipe] = quickCases;
  const defaults = resolveTrainingConfig();
  expect({ ...resolveTrainingConfig(recipe!.overrides!), statisticsCrops: 0 }).toEqual({
    ...defaults,
    statisticsCrops: 0,
  });
  expect(recipe).toMatchObject({ batch: 32, crop: defaults.crop, k: defaults.kernels });
});

test('conv8 is 8 pictures of 128 x 128 and has no kernels', () => {
  expect(quickCases[1]).toEqual({ name: 'conv8', batch: 8, crop: 128, k: null, overrides: null });
});

test('batch, crop and k grow each alone, around one base that stands there once', () => {
  const seen = growth.map(({ batch, crop, k }) => ({ batch, crop, k }));
  const values = (key: 'batch' | 'crop' | 'k', others: object) =>
    seen
      .filter((one) => Object.entries(others).every(([name, value]) => one[name as 'crop'] === value))
      .map((one) => one[key]);
  expect(values('batch', { crop: 64, k: 4 })).toEqual([4, 8, 16, 32]);
  expect(values('crop', { batch: 8, k: 4 })).toEqual([64, 128, 256]);
  expect(values('k', { batch: 8, crop: 64 }).toSorted((a, b) => a! - b!)).toEqual([1, 4, 8, 16]);
  expect(new Set(seen.map((one) => JSON.stringify(one))).size).toBe(seen.length);
  expect(seen).toHaveLength(9);
});

test('every case is a configuration that trains, with the batch, crop and k that it names', () => {
  for (const { overrides, batch, crop, k } of [quickCases[0]!, ...growth]) {
    const config = resolveTrainingConfig(overrides!);
    expect(config.realPerBatch + config.stylePerBatch + config.blendsPerBatch).toBe(batch);
    expect(config).toMatchObject({ crop, kernels: k, realPerBatch: batch / 2 });
  }
});

test('the largest batch of the growth is split as the recipe is', () => {
  const [recipe] = quickCases;
  const largest = growth.find(({ batch }) => batch === 32)!;
  expect(resolveTrainingConfig(largest.overrides!)).toEqual(resolveTrainingConfig(recipe!.overrides!));
});

test('titles tell cases apart', () => {
  expect(caseTitle(growth[1]!)).toBe('growth (batch 8, crop 64, k 4)');
  expect(caseTitle(quickCases[1]!)).toBe('conv8 (batch 8, crop 128)');
});
