/** A backend that answers once with another number than was computed, as a faulty step would. */
import type { ComputeBackend, HostTensor } from '#engine/ports.ts';

export interface Spoilt {
  /** The function, e.g. `detectorStep`. */
  name: string;
  output: string;
  /** Which of its runs, from 1. */
  run: number;
  /** In place of the output's first number. */
  value: number;
}

export function spoiltBackend(backend: ComputeBackend, spoilt: Spoilt): ComputeBackend {
  let runs = 0;
  return {
    ...backend,
    prepare: async (name, fn, example) => {
      const prepared = await backend.prepare(name, fn, example);
      const run = async (inputs: Record<string, HostTensor>) => {
        const outputs = await prepared.run(inputs);
        if (name === spoilt.name && ++runs === spoilt.run) outputs[spoilt.output]!.data[0] = spoilt.value;
        return outputs;
      };
      return { run, dispose: () => prepared.dispose() };
    },
  };
}
