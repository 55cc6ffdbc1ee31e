/** A training state as a safetensors file, and back: everything that a true resumption needs. */
import { decodeSafetensors, encodeSafetensors, type NamedArrays } from './safetensors.ts';
import { resolveTrainingConfig } from './training-config.ts';
import { vectorLayouts, type TrainingState, type TrainingVectors } from './training-state.ts';

const FORMAT = 'pentimento-checkpoint-2';

/** Tensors are named `vector/parameter`, e.g. `detectorAverage/spatial.c1.kernel`. */
export function encodeCheckpoint(state: TrainingState): Uint8Array {
  const tensors: NamedArrays['tensors'] = {};
  for (const [name, layout] of Object.entries(vectorLayouts(state.config))) {
    const views = layout.views(state.vectors[name as keyof TrainingVectors]);
    for (const [parameterName, view] of Object.entries(views)) tensors[`${name}/${parameterName}`] = view;
  }
  const { iteration, detectorStep, generatorStep, seconds, seed } = state;
  const counters = { iteration, detectorStep, generatorStep, seconds, seed };
  return encodeSafetensors({
    metadata: { format: FORMAT, config: JSON.stringify(state.config), counters: JSON.stringify(counters) },
    tensors,
  });
}

/** @throws Error that says what is wrong with the file. */
export function decodeCheckpoint(bytes: Uint8Array): TrainingState {
  const { metadata, tensors } = decodeSafetensors(bytes);
  if (metadata['format'] !== FORMAT)
    throw new Error(`the format is "${metadata['format'] ?? ''}", not "${FORMAT}"`);
  const config = resolveTrainingConfig(JSON.parse(metadata['config'] ?? '{}') as Record<string, unknown>);
  const counters = JSON.parse(metadata['counters'] ?? '{}') as Omit<TrainingState, 'config' | 'vectors'>;
  for (const name of ['iteration', 'detectorStep', 'generatorStep', 'seconds', 'seed'] as const) {
    if (!Number.isFinite(counters[name])) throw new Error(`the counter "${name}" is missing`);
  }
  const vectors = {} as TrainingVectors;
  for (const [name, layout] of Object.entries(vectorLayouts(config))) {
    const flat = new Float32Array(layout.size);
    for (const [parameterName, view] of Object.entries(layout.views(flat))) {
      const stored = tensors[`${name}/${parameterName}`];
      if (stored?.data.length !== view.data.length)
        throw new Error(`${name}/${parameterName} is missing or of another size`);
      view.data.set(stored.data);
    }
    vectors[name as keyof TrainingVectors] = flat;
  }
  return { ...counters, config, vectors };
}
