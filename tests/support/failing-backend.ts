/** A backend that fails as a native one does when its memory has run out or its device is gone. */
import type { ComputeBackend, HostTensor } from '#engine/ports.ts';

/**
 * @param fails what the run of a function throws; null where it computes
 */
export const failingBackend = (
  backend: ComputeBackend,
  fails: (name: string, inputs: Record<string, HostTensor>) => Error | null,
): ComputeBackend => ({
  ...backend,
  prepare: async (name, fn, example) => {
    const prepared = await backend.prepare(name, fn, example);
    return {
      run: (inputs) => {
        const error = fails(name, inputs);
        return error ? Promise.reject(error) : prepared.run(inputs);
      },
      dispose: () => prepared.dispose(),
    };
  },
});

/** Memory for training on so many pictures at once and no more, told as ONNX Runtime tells it. */
export const memoryFor = (pictures: number) => (name: string, inputs: Record<string, HostTensor>) => {
  if (!/Step|Part/.test(name)) return null;
  const count = Math.max(inputs['pixels']?.shape[0] ?? 0, inputs['real']?.shape[0] ?? 0);
  if (count <= pictures) return null;
  return new Error(
    `Non-zero status code returned while running Conv node. Name:'Conv_7' Status Message: ` +
      `Failed to allocate memory for requested buffer of size ${count * 2 ** 20}`,
  );
};
