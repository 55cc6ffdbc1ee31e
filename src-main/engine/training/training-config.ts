/** Every number that shapes a training run: its value, its range, and why it has that value. */
import { checkNetworkConfig, type NetworkConfig } from '../models/network-config.ts';

interface Field {
  value: number;
  min: number;
  max: number;
  integer?: true;
  why: string;
}

const fields = {
  // the networks
  crop: {
    value: 64,
    min: 64,
    max: 256,
    integer: true,
    why: 'side of a crop; 64 trains on two cores in minutes',
  },
  kernels: {
    value: 4,
    min: 1,
    max: 16,
    integer: true,
    why: 'k, mask kernels and map kernels; 4 was measured',
  },
  rank: {
    value: 8,
    min: 1,
    max: 63,
    integer: true,
    why: 'r of the low-rank denoising; keeps half of the energy',
  },
  subspacePasses: {
    value: 2,
    min: 1,
    max: 16,
    integer: true,
    why: 'orthogonal iterations; more gain little energy',
  },
  // one detector batch
  realPerBatch: {
    value: 16,
    min: 2,
    max: 256,
    integer: true,
    why: 'half of the batch, so that neither class is favoured',
  },
  stylePerBatch: {
    value: 4,
    min: 1,
    max: 256,
    integer: true,
    why: 'style-transferred samples are subtle and few suffice',
  },
  blendsPerBatch: { value: 12, min: 2, max: 256, integer: true, why: 'blended samples carry the map losses' },
  replayShare: {
    value: 0.5,
    min: 0,
    max: 1,
    why: 'share of blends under drawn masks: learned ones under-teach hard edges',
  },
  // alternation
  generatorSteps: { value: 1, min: 0, max: 16, integer: true, why: 'n_G for each iteration' },
  detectorSteps: { value: 2, min: 1, max: 16, integer: true, why: 'n_D for each iteration' },
  styleWarmup: {
    value: 50,
    min: 0,
    max: 10_000,
    integer: true,
    why: 'generator steps before style weighs fully; without, x_T is x_s',
  },
  // optimisers
  detectorLearningRate: { value: 2e-3, min: 1e-6, max: 0.1, why: 'AdamW of the detector' },
  generatorLearningRate: {
    value: 2e-4,
    min: 1e-6,
    max: 0.1,
    why: 'Adam of the generator, ten times slower than its judge',
  },
  learningRateFloor: {
    value: 0.05,
    min: 0,
    max: 1,
    why: 'share of the learning rate that the cosine ends at',
  },
  weightDecay: { value: 1e-4, min: 0, max: 1, why: 'of the detector only' },
  detectorClip: { value: 5, min: 0.01, max: 1000, why: 'largest norm of the gradient' },
  generatorClip: { value: 1, min: 0.01, max: 1000, why: 'largest norm of the gradient' },
  averageDecay: {
    value: 0.99,
    min: 0,
    max: 0.99999,
    why: 'moving average of the detector, which is what is exported',
  },
  runningDecay: { value: 0.95, min: 0, max: 0.9999, why: 'running moments of the batch-normalised layers' },
  // losses: lambda1 of L2 = L_cls + lambda1 L_sim + lambda2 L_div is lambdaSimilarity, lambda2 is lambdaDiversity
  lambdaSimilarity: { value: 1, min: 0, max: 100, why: 'L_sim in the detector' },
  lambdaFused: {
    value: 3,
    min: 0,
    max: 100,
    why: 'L_fus in the detector; at 1 the fused map had learned nothing after 300 steps (pixel AUC .50), at 4 it had (.60)',
  },
  lambdaDiversity: { value: 0.1, min: 0, max: 100, why: 'L_div of the map kernels in the detector' },
  adversarial: {
    value: 0.1,
    min: 0,
    max: 100,
    why: 'the generator is paid for what the detector calls real',
  },
  generatorSimilarity: { value: 0.1, min: 0, max: 100, why: 'L_sim in the generator' },
  generatorDiversity: { value: 0.1, min: 0, max: 100, why: 'L_div of the mask kernels in the generator' },
  maskRegulariser: { value: 0.3, min: 0, max: 100, why: 'R: area, decided values, short outlines' },
  reconstruction: { value: 1, min: 0, max: 100, why: 'L_rec: a picture styled by itself stays itself' },
  style: { value: 2, min: 0, max: 100, why: 'L_sty' },
  content: { value: 0.3, min: 0, max: 100, why: 'L_con' },
  // what both classes go through alike
  jpegShare: { value: 0.5, min: 0, max: 1, why: 'share of crops, of both classes, that are coded as JPEG' },
  jpegQualityLow: { value: 70, min: 1, max: 100, integer: true, why: 'qualities are drawn evenly from here' },
  jpegQualityHigh: { value: 98, min: 1, max: 100, integer: true, why: 'to here' },
  colourMatchShare: {
    value: 0.5,
    min: 0,
    max: 1,
    why: 'share of foreign crops matched in colour to their host',
  },
  // bookkeeping, in detector steps
  statisticsCrops: {
    value: 400,
    min: 16,
    max: 10_000,
    integer: true,
    why: 'real crops behind the frozen spectral statistics',
  },
  metricEvery: { value: 10, min: 1, max: 10_000, integer: true, why: 'steps between points of the curves' },
  sampleEvery: {
    value: 100,
    min: 1,
    max: 100_000,
    integer: true,
    why: 'steps between pictures of the theatre',
  },
  checkpointEvery: {
    value: 100,
    min: 1,
    max: 100_000,
    integer: true,
    why: 'steps between checkpoints: what a crash can cost',
  },
} as const satisfies Record<string, Field>;

export type TrainingConfig = { -readonly [K in keyof typeof fields]: number };

/**
 * The default configuration with some fields replaced.
 * @throws Error that names an unknown field, or a value outside of its range and the range.
 */
export function resolveTrainingConfig(overrides: Readonly<Record<string, unknown>> = {}): TrainingConfig {
  const config = Object.fromEntries(
    Object.entries(fields).map(([name, f]) => [name, f.value]),
  ) as TrainingConfig;
  for (const [name, value] of Object.entries(overrides)) {
    if (!(name in fields)) throw new Error(`the training configuration has no field "${name}"`);
    const field: Field = fields[name as keyof typeof fields];
    const whole = field.integer ? 'a whole number' : 'a number';
    if (
      typeof value !== 'number' ||
      !(value >= field.min && value <= field.max) ||
      (field.integer && !Number.isInteger(value))
    ) {
      throw new Error(
        `${name} is ${String(value)}; it must be ${whole} from ${field.min} to ${field.max} (${field.why})`,
      );
    }
    config[name as keyof TrainingConfig] = value;
  }
  if (config.jpegQualityLow > config.jpegQualityHigh)
    throw new Error('jpegQualityLow is above jpegQualityHigh');
  checkNetworkConfig(networkConfig(config));
  return config;
}

/** The part that shapes the networks. */
export const networkConfig = ({ crop, kernels, rank, subspacePasses }: TrainingConfig): NetworkConfig => ({
  crop,
  kernels,
  rank,
  subspacePasses,
});

/** Blends of one detector batch whose masks the generator makes; the rest are replayed, drawn masks. */
export const learnedBlends = (config: TrainingConfig): number =>
  Math.max(1, config.blendsPerBatch - Math.round(config.blendsPerBatch * config.replayShare));
