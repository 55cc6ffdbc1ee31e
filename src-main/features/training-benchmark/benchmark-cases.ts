/** What `bench training` measures: its cases, as a table. */
import { resolveTrainingConfig, type TrainingConfig } from '#engine/training/training-config.ts';
import { conv8Shape } from './conv8-step.ts';

export interface BenchmarkCase {
  name: 'recipe' | 'conv8' | 'growth';
  /** Pictures of one detector batch; of `conv8`, of its batch. */
  batch: number;
  /** Side of a picture in pixels. */
  crop: number;
  /** Mask kernels and map kernels; null where there are none. */
  k: number | null;
  /** What differs from the default training configuration; null for a case that is no adversarial training. */
  overrides: Partial<TrainingConfig> | null;
}

/** The statistics are taken once before the first iteration, which is what is measured: as few crops as can be. */
const measured: Partial<TrainingConfig> = { statisticsCrops: 16 };

function adversarial(name: 'recipe' | 'growth', overrides: Partial<TrainingConfig>): BenchmarkCase {
  const config = resolveTrainingConfig(overrides);
  const { realPerBatch, stylePerBatch, blendsPerBatch, crop, kernels } = config;
  const batch = realPerBatch + stylePerBatch + blendsPerBatch;
  return { name, batch, crop, k: kernels, overrides: { ...measured, ...overrides } };
}

/** The whole adversarial iteration of the default configuration, its data included. */
const recipe = adversarial('recipe', {});

/** One step of `conv8-step.ts`, which is no adversarial training. */
const conv8: BenchmarkCase = {
  name: 'conv8',
  batch: conv8Shape.batch,
  crop: conv8Shape.size,
  k: null,
  overrides: null,
};

/**
 * A batch split as the recipe splits its 32: half are real, one is style-transferred, the rest are blends. A batch of 4
 * has no place for a style-transferred one.
 */
function split(batch: number): Partial<TrainingConfig> {
  const realPerBatch = batch / 2;
  const stylePerBatch = batch < 8 ? 0 : 1;
  return { realPerBatch, stylePerBatch, blendsPerBatch: batch - realPerBatch - stylePerBatch };
}

const base = { batch: 8, crop: 64, kernels: 4 };
const varied: (Partial<typeof base> & object)[] = [
  ...[4, 8, 16, 32].map((batch) => ({ batch })),
  ...[128, 256].map((crop) => ({ crop })),
  ...[1, 8, 16].map((kernels) => ({ kernels })),
];

/** Batch, crop and k, each varied alone around a small base; the base itself stands there once, for all three. */
const growth = varied.map((change) => {
  const { batch, crop, kernels } = { ...base, ...change };
  return adversarial('growth', { ...split(batch), crop, kernels });
});

/** The case by which backends are compared. */
export const comparedCase = recipe;
export const quickCases: readonly BenchmarkCase[] = [recipe, conv8];
export const allCases: readonly BenchmarkCase[] = [...quickCases, ...growth];

/** For progress and messages: `growth (batch 8, crop 64, k 4)`. */
export const caseTitle = ({ name, batch, crop, k }: Omit<BenchmarkCase, 'overrides'>): string =>
  `${name} (batch ${batch}, crop ${crop}${k === null ? '' : `, k ${k}`})`;
