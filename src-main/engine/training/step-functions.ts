/** The functions that a trainer runs, by name. */
import type { HostTensor, TensorFunction } from '../ports.ts';
import type { GeneratorCounts } from './accumulation.ts';
import {
  detectorPartFunction,
  detectorStepFunction,
  detectorUpdateFunction,
  generateFunction,
} from './adversarial-steps.ts';
import { generatorPartFunction, generatorStepFunction, generatorUpdateFunction } from './generator-step.ts';
import { generatorCounts } from './sample-counts.ts';
import { theatreFunction } from './theatre.ts';
import type { TrainingConfig } from './training-config.ts';

/** Each of them, and whose its outputs are. */
export const whose = {
  generate: "the generator's",
  detectorStep: "the detector's",
  detectorPart: "the detector's",
  detectorUpdate: "the detector's",
  generatorStep: "the generator's",
  generatorPart: "the generator's",
  generatorUpdate: "the generator's",
  theatre: "the theatre's",
} as const;
export type StepName = keyof typeof whose;

/** @param counts what a part of a generator's batch holds, which decides what it computes */
export type RunStep = (
  name: StepName,
  inputs: Record<string, HostTensor>,
  counts?: GeneratorCounts,
) => Promise<Record<string, HostTensor>>;

const makers: Record<StepName, (config: TrainingConfig, counts: GeneratorCounts) => TensorFunction> = {
  generate: generateFunction,
  detectorStep: detectorStepFunction,
  detectorPart: detectorPartFunction,
  detectorUpdate: detectorUpdateFunction,
  generatorStep: generatorStepFunction,
  generatorPart: generatorPartFunction,
  generatorUpdate: generatorUpdateFunction,
  theatre: theatreFunction,
};

export const stepFunction = (
  name: StepName,
  config: TrainingConfig,
  counts: GeneratorCounts = generatorCounts(config),
): TensorFunction => makers[name](config, counts);

/** What tells the shapes of a function's inputs from those of another part. */
export const shapeOf = (inputs: Record<string, HostTensor>): string =>
  ['pixels', 'masks', 'real', 'content'].map((name) => inputs[name]?.shape[0] ?? 0).join();
