/** A backend that notes how long each of its functions ran, by name. */
import type { ComputeBackend } from '#engine/ports.ts';

/** Milliseconds, monotonic. */
export type Clock = () => number;
export const wallClock: Clock = () => performance.now();

export interface TimedBackend {
  /** Computes what the wrapped one computes. */
  backend: ComputeBackend;
  /** Milliseconds that each function ran since the last call, all its runs added up; preparing it is left out. */
  take(): Record<string, number>;
}

export function timed(backend: ComputeBackend, clock: Clock = wallClock): TimedBackend {
  let times: Record<string, number> = {};
  return {
    backend: {
      name: backend.name,
      provider: backend.provider,
      device: backend.device,
      async prepare(name, fn, example) {
        const prepared = await backend.prepare(name, fn, example);
        return {
          async run(inputs) {
            const from = clock();
            const outputs = await prepared.run(inputs);
            times[name] = (times[name] ?? 0) + clock() - from;
            return outputs;
          },
          dispose: () => prepared.dispose(),
        };
      },
      dispose: () => backend.dispose(),
    },
    take() {
      const taken = times;
      times = {};
      return taken;
    },
  };
}
