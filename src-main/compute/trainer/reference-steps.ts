/** One small iteration of a run's own networks on WebAssembly, step by step: what another backend is compared with. */
import type { ComputeBackend, HostTensor, TensorFunction } from '#engine/ports.ts';
import { spectralLayout } from '#engine/models/detector.ts';
import { Random } from '#engine/random.ts';
import { sampleCounts } from '#engine/training/sample-counts.ts';
import { AdversarialTrainer } from '#engine/training/trainer.ts';
import { networkConfig, type TrainingConfig } from '#engine/training/training-config.ts';
import { initialState } from '#engine/training/training-state.ts';
import { createWasmBackend } from '../backends/wasm.ts';
import { jpegCodec } from './jpeg-codec.ts';
import { syntheticPhotographs } from './synthetic-photographs.ts';

type HostTensors = Record<string, HostTensor>;

export interface StepRecord {
  /** `generate`, `detectorStep`, `generatorStep` */
  name: string;
  fn: TensorFunction;
  inputs: HostTensors;
  outputs: HostTensors;
  milliseconds: number;
}

/** The smallest batch in which every kind of sample is that the run's batches hold. */
export function smallBatch(config: TrainingConfig): TrainingConfig {
  const { learned, drawn, styled } = sampleCounts(config);
  const replayShare = learned === 0 ? 1 : drawn === 0 ? 0 : 0.5;
  return {
    ...config,
    realPerBatch: 2,
    blendsPerBatch: 2,
    stylePerBatch: styled > 0 ? 1 : 0,
    replayShare,
    detectorSteps: 1,
    generatorSteps: Math.min(1, config.generatorSteps),
  };
}

/** A trainer at its first step on pictures that show nothing; the spectral statistics are not measured. */
export function syntheticTrainer(config: TrainingConfig, backend: ComputeBackend): AdversarialTrainer {
  const spectral = spectralLayout(networkConfig(config)).initialise(new Random('spectral'));
  return new AdversarialTrainer(initialState(config, 0, spectral), {
    backend,
    photographs: syntheticPhotographs(config.crop),
    codec: jpegCodec,
    clock: () => performance.now() / 1000,
  });
}

/** A backend that tells of every run of every function that it was given. */
export function observed(backend: ComputeBackend, tell: (record: StepRecord) => void): ComputeBackend {
  return {
    ...backend,
    async prepare(name, fn, example) {
      const prepared = await backend.prepare(name, fn, example);
      const run = async (inputs: HostTensors): Promise<HostTensors> => {
        const from = performance.now();
        const outputs = await prepared.run(inputs);
        tell({ name, fn, inputs, outputs, milliseconds: performance.now() - from });
        return outputs;
      };
      return { run, dispose: () => prepared.dispose() };
    },
  };
}

/** The steps of one iteration with a small batch, from the weights that a run begins with, in their order. */
export async function referenceSteps(config: TrainingConfig): Promise<StepRecord[]> {
  const records: StepRecord[] = [];
  const wasm = await createWasmBackend();
  const trainer = syntheticTrainer(
    smallBatch(config),
    observed(wasm, (record) => records.push(record)),
  );
  await trainer.iterate(0);
  await trainer.dispose();
  return records;
}
