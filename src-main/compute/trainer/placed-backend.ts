/** A backend under the name of what really runs it: a provider that leaves its work to the processor is called the processor. */
import os from 'node:os';
import type { ComputeBackend } from '#engine/ports.ts';
import { mostlyOnCpu, placementSentence, type Placement } from '../backends/ort-placement.ts';
import type { OrtBackend } from '../backends/ort.ts';
import type { StepRecord } from './reference-steps.ts';

export interface PlacedBackend {
  backend: ComputeBackend;
  /** What the processor runs of it, as a clause; empty where it runs nothing, or is what was asked for. */
  onProcessor: string;
}

const tellsPlacement = (backend: ComputeBackend): backend is OrtBackend =>
  'placement' in backend && backend.provider !== 'cpu';

/** Takes a step of the detector, which stands for the rest, and looks where its operators ran. */
export async function placed(
  backend: ComputeBackend,
  reference: readonly StepRecord[],
): Promise<PlacedBackend> {
  const step = reference.find(({ name }) => name === 'detectorStep');
  if (!step || !tellsPlacement(backend)) return { backend, onProcessor: '' };
  return underItsName(backend, await backend.placement(step.name, step.fn, step.inputs));
}

export function underItsName(backend: ComputeBackend, placement: Placement): PlacedBackend {
  const onProcessor = placement.onCpu === 0 ? '' : placementSentence(placement);
  if (!mostlyOnCpu(placement)) return { backend, onProcessor };
  const processor = os.cpus()[0]?.model ?? 'CPU';
  const device = `${processor}; of ${backend.provider}, which was asked for, ${placementSentence(placement)}`;
  return { backend: { ...backend, provider: 'cpu', device }, onProcessor };
}
