/** A training state as a safetensors file, and back: everything that a true resumption needs. */
import type { ParameterLayout } from '../models/parameters.ts';
import type { BestDetector } from './evaluation-history.ts';
import { decodeSafetensors, encodeSafetensors, type NamedArrays } from './safetensors.ts';
import { resolveTrainingConfig, type TrainingConfig } from './training-config.ts';
import {
  beforeAnyStep,
  vectorLayouts,
  type RunMemory,
  type TrainingState,
  type TrainingVectors,
} from './training-state.ts';

const FORMAT = 'pentimento-checkpoint-1';
const counterNames = ['iteration', 'detectorStep', 'generatorStep', 'seconds', 'seed'] as const;

type Tensors = NamedArrays['tensors'];

function putVector(tensors: Tensors, name: string, layout: ParameterLayout, vector: Float32Array): void {
  for (const [parameterName, view] of Object.entries(layout.views(vector)))
    tensors[`${name}/${parameterName}`] = view;
}

function takeVector(tensors: Tensors, name: string, layout: ParameterLayout): Float32Array {
  const flat = new Float32Array(layout.size);
  for (const [parameterName, view] of Object.entries(layout.views(flat))) {
    const stored = tensors[`${name}/${parameterName}`];
    if (stored?.data.length !== view.data.length)
      throw new Error(`${name}/${parameterName} is missing or of another size`);
    view.data.set(stored.data);
  }
  return flat;
}

const bestLayouts = (config: TrainingConfig): Record<keyof BestDetector, ParameterLayout> => {
  const { detectorAverage, detectorAverageRunning } = vectorLayouts(config);
  return { average: detectorAverage, averageRunning: detectorAverageRunning };
};
const bestName = (name: string): string => `bestDetector.${name}`;

/** Tensors are named `vector/parameter`, e.g. `detectorAverage/spatial.c1.kernel`. */
export function encodeCheckpoint(state: TrainingState): Uint8Array {
  const { config, vectors, bestDetector, window, collapse, evaluations, ended, parts } = state;
  const tensors: Tensors = {};
  for (const [name, layout] of Object.entries(vectorLayouts(config)))
    putVector(tensors, name, layout, vectors[name as keyof TrainingVectors]);
  if (bestDetector)
    for (const [name, layout] of Object.entries(bestLayouts(config)))
      putVector(tensors, bestName(name), layout, bestDetector[name as keyof BestDetector]);
  const counters = Object.fromEntries(counterNames.map((name) => [name, state[name]]));
  const memory = { window, collapse, evaluations, ended, keepsBest: bestDetector !== null };
  return encodeSafetensors({
    metadata: {
      format: FORMAT,
      config: JSON.stringify(config),
      counters: JSON.stringify({ ...counters, parts }),
      memory: JSON.stringify(memory),
    },
    tensors,
  });
}

/** What the run has shown; nothing of it in a checkpoint that was written before it was kept. */
function decodeMemory(text: string | undefined, tensors: Tensors, config: TrainingConfig): RunMemory {
  if (text === undefined) return beforeAnyStep();
  const { keepsBest, ...memory } = JSON.parse(text) as Omit<RunMemory, 'bestDetector'> & {
    keepsBest: boolean;
  };
  if (!keepsBest) return { ...memory, bestDetector: null };
  const layouts = bestLayouts(config);
  const take = (name: keyof BestDetector) => takeVector(tensors, bestName(name), layouts[name]);
  return {
    ...memory,
    bestDetector: { average: take('average'), averageRunning: take('averageRunning') },
  };
}

/** @throws Error that says what is wrong with the file. */
export function decodeCheckpoint(bytes: Uint8Array): TrainingState {
  const { metadata, tensors } = decodeSafetensors(bytes);
  if (metadata['format'] !== FORMAT)
    throw new Error(`the format is "${metadata['format'] ?? ''}", not "${FORMAT}"`);
  const config = resolveTrainingConfig(JSON.parse(metadata['config'] ?? '{}') as Record<string, unknown>);
  const counters = {
    parts: 1, // of a checkpoint that was written before batches could be taken in parts
    ...(JSON.parse(metadata['counters'] ?? '{}') as Pick<TrainingState, (typeof counterNames)[number]>),
  };
  for (const name of counterNames) {
    if (!Number.isFinite(counters[name])) throw new Error(`the counter "${name}" is missing`);
  }
  const vectors = Object.fromEntries(
    Object.entries(vectorLayouts(config)).map(([name, layout]) => [name, takeVector(tensors, name, layout)]),
  ) as unknown as TrainingVectors;
  return { ...counters, config, vectors, ...decodeMemory(metadata['memory'], tensors, config) };
}
