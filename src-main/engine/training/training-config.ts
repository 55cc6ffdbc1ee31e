/** Everything that shapes a training run: its value, its range or its choices, and why it has that value. */
import { checkNetworkConfig, frequencyBandChoices, type NetworkConfig } from '../models/network-config.ts';
import { drawnMaskKinds } from './drawn-masks.ts';
import { generatorModes } from './sample-counts.ts';

interface NumberField {
  value: number;
  min: number;
  max: number;
  integer?: true;
  why: string;
}
interface ChoiceField {
  value: string;
  choices: readonly string[];
  why: string;
}
type Field = NumberField | ChoiceField;

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
  frequencyBands: {
    value: 'both',
    choices: frequencyBandChoices,
    why: "the detector's frequency branches; both is the method, the others show what each is worth",
  },
  // one detector batch
  realPerBatch: {
    value: 16,
    min: 2,
    max: 256,
    integer: true,
    why: 'half of the batch, so that neither class is favoured',
  },
  generatorMode: {
    value: 'both',
    choices: generatorModes,
    why: 'what the generator makes; "blend" and "style" give its places to one kind, "none" to drawn masks (the traditional way)',
  },
  stylePerBatch: {
    value: 1,
    min: 0,
    max: 256,
    integer: true,
    why: 'style-transferred samples are subtle, and what cannot be seen is a wrong label: with 2, hard splices at quality 90 were found less well (AUC .82 against .87)',
  },
  blendsPerBatch: { value: 15, min: 2, max: 256, integer: true, why: 'blended samples carry the map losses' },
  replayShare: {
    value: 0.7,
    min: 0,
    max: 1,
    why: 'share of blends under drawn masks: learned ones under-teach hard edges',
  },
  knownFakeShare: {
    value: 0.25,
    min: 0,
    max: 1,
    why: "share of drawn blends' places that known fakes take where the dataset has any; few, as their files' habits are learned too",
  },
  drawnMasks: {
    value: 'varied',
    choices: drawnMaskKinds,
    why: 'many outlines and edges teach more than one; "feathered" is the fixed forgery kind of the traditional way',
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
  detectorLearningRate: {
    value: 4e-3,
    min: 1e-6,
    max: 0.1,
    why: 'AdamW of the detector; 2e-3 learns far less in 600 steps, and at 6e-3 seeds differ more (lossless .91 and .94 after 1,100 steps, against .94 and .96)',
  },
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
  heldSteps: {
    value: 1000,
    min: 1,
    max: 10_000_000,
    integer: true,
    why: 'where no end is expected: detector steps at the full learning rate, before it falls as 1 / sqrt(steps)',
  },
  weightDecay: { value: 1e-4, min: 0, max: 1, why: 'of the detector only' },
  detectorClip: { value: 5, min: 0.01, max: 1000, why: 'largest norm of the gradient' },
  generatorClip: { value: 1, min: 0.01, max: 1000, why: 'largest norm of the gradient' },
  averageDecay: {
    value: 0.995,
    min: 0,
    max: 0.99999,
    why: 'moving average of the detector over its last 200 steps, which is what is exported',
  },
  runningDecay: { value: 0.95, min: 0, max: 0.9999, why: 'running moments of the batch-normalised layers' },
  // losses: lambda1 of L2 = L_cls + lambda1 L_sim + lambda2 L_div is lambdaSimilarity, lambda2 is lambdaDiversity
  lambdaSimilarity: { value: 1, min: 0, max: 100, why: 'L_sim in the detector' },
  lambdaFused: {
    value: 2,
    min: 0,
    max: 100,
    why: 'L_fus in the detector, which teaches the fused map directly; with 1 it learns its places more slowly',
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
  style: {
    value: 1.5,
    min: 0,
    max: 100,
    why: 'L_sty, the share of the way to the reference that is left; x_T differs from x_s by 3 grey levels after 50 generator steps, by 20 after 300 (at 2, some samples lost their content)',
  },
  content: {
    value: 1,
    min: 0,
    max: 100,
    why: 'L_con, in deviations; x_T keeps the content of x_s (correlation .94 on average after 300 generator steps)',
  },
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
  resampledShare: {
    value: 0,
    min: 0,
    max: 1,
    why: 'share of crops, hosts and foreign ones alike, that come from a part of another size',
  },
  changedShare: {
    value: 0,
    min: 0,
    max: 1,
    why: 'share of crops, hosts and foreign ones alike, that are changed as a whole before anything is forged',
  },
  selfReferenceShare: {
    value: 0,
    min: 0,
    max: 1,
    why: 'share of blends whose foreign part is a changed copy of the host; helps long runs, slows short ones',
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
  evaluateEvery: {
    value: 100,
    min: 1,
    max: 100_000,
    integer: true,
    why: 'steps between evaluations on validation photographs, each of which costs about as much as two steps',
  },
  evaluateFrom: {
    value: 100,
    min: 0,
    max: 100_000,
    integer: true,
    why: 'steps before the first evaluation: running moments lag behind the first weights (loss 1.8, 2.6, 1.7, 1.6 at steps 20 to 80)',
  },
  evaluationCrops: {
    value: 64,
    min: 8,
    max: 4096,
    integer: true,
    why: 'real crops of an evaluation, beside as many simulated ones; in eights',
  },
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

type Fields = typeof fields;
export type TrainingConfig = {
  -readonly [K in keyof Fields]: Fields[K] extends { choices: readonly (infer Choice)[] } ? Choice : number;
};

/** What is wrong with a value, as what it must be instead; null where nothing is. */
function complaint(field: Field, value: unknown): string | null {
  if ('choices' in field) {
    if (typeof value === 'string' && field.choices.includes(value)) return null;
    return `one of ${field.choices.map((choice) => `"${choice}"`).join(', ')}`;
  }
  const { min, max, integer } = field;
  const inRange = typeof value === 'number' && value >= min && value <= max;
  if (inRange && (!integer || Number.isInteger(value))) return null;
  return `${integer ? 'a whole number' : 'a number'} from ${min} to ${max}`;
}

/**
 * The default configuration with some fields replaced.
 * @throws Error that names an unknown field, or a value and the range or the choices that it is outside of.
 */
export function resolveTrainingConfig(overrides: Readonly<Record<string, unknown>> = {}): TrainingConfig {
  const values: Record<string, unknown> = Object.fromEntries(
    Object.entries(fields).map(([name, f]) => [name, f.value]),
  );
  for (const [name, value] of Object.entries(overrides)) {
    if (!(name in fields)) throw new Error(`the training configuration has no field "${name}"`);
    const field: Field = fields[name as keyof typeof fields];
    const wanted = complaint(field, value);
    if (wanted !== null) throw new Error(`${name} is ${String(value)}; it must be ${wanted} (${field.why})`);
    values[name] = value;
  }
  const config = values as TrainingConfig;
  if (config.jpegQualityLow > config.jpegQualityHigh)
    throw new Error('jpegQualityLow is above jpegQualityHigh');
  checkNetworkConfig(networkConfig(config));
  return config;
}

/** The part that shapes the networks. */
export const networkConfig = (config: TrainingConfig): NetworkConfig => {
  const { crop, kernels, rank, subspacePasses, frequencyBands } = config;
  return { crop, kernels, rank, subspacePasses, frequencyBands };
};
