/** The two steps of training with their batches taken in parts: what `accumulation.ts` says, run. */
import { detectorRunningLayout } from '../models/detector.ts';
import type { HostTensor } from '../ports.ts';
import { detectorParts, generatorParts, summed, wholeMoments } from './accumulation.ts';
import type { DetectorBatch } from './detector-batch.ts';
import type { RunStep } from './step-functions.ts';
import { networkConfig, type TrainingConfig } from './training-config.ts';
import { vector } from './training-state.ts';

type HostTensors = Record<string, HostTensor>;
interface Splitting {
  config: TrainingConfig;
  parts: number;
  run: RunStep;
}

/**
 * @param state what the update takes and gives @param shared what every part takes beside its rows
 * @returns outputs of `detectorStepFunction`
 */
export async function detectorStepInParts(
  batch: DetectorBatch,
  state: HostTensors,
  shared: HostTensors,
  { config, parts, run }: Splitting,
): Promise<HostTensors> {
  const found: HostTensors[] = [];
  const ofMoments: { share: number; moments: Float32Array }[] = [];
  for (const { inputs, shares } of detectorParts(batch, parts)) {
    const { moments, ...sums } = await run('detectorPart', { ...inputs, ...shared, shares });
    ofMoments.push({ share: shares.data[0]!, moments: moments!.data as Float32Array });
    found.push(sums);
  }
  const { gradient, ...measured } = summed(found);
  const moments = vector(wholeMoments(detectorRunningLayout(networkConfig(config)), ofMoments));
  return { ...(await run('detectorUpdate', { ...state, gradient: gradient!, moments })), ...measured };
}

/** As `detectorStepInParts`. @returns outputs of `generatorStepFunction` */
export async function generatorStepInParts(
  batch: HostTensors,
  state: HostTensors,
  shared: HostTensors,
  { config, parts, run }: Splitting,
): Promise<HostTensors> {
  const found: HostTensors[] = [];
  for (const { inputs, shares, counts } of generatorParts(batch, config, parts))
    found.push(await run('generatorPart', { ...inputs, ...shared, shares }, counts));
  const { gradient, ...measured } = summed(found);
  return { ...(await run('generatorUpdate', { ...state, gradient: gradient! })), ...measured };
}
