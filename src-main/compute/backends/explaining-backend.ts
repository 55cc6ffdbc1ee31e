/**
 * What a backend's failures in the middle of a run mean: memory that has run out, which smaller batches may help, or a device
 * that is lost. Native libraries say both in their own words.
 */
import { AppError } from '#contract/errors.ts';
import type { ComputeBackend } from '#engine/ports.ts';

/** ONNX Runtime, CUDA, Dawn, TensorFlow.js, V8 and Emscripten on memory that they did not get. */
const noMemory =
  /out of memory|\bOOM\b|bad_alloc|bad allocation|failed to allocate|allocation failed|cannot enlarge memory|cudaErrorMemoryAllocation|invalid (typed )?array (buffer )?length/i;

/** Whether an error, or one that it was caused by, says that memory has run out. */
export function saysNoMemory(error: unknown): boolean {
  if (!(error instanceof Error)) return typeof error === 'string' && noMemory.test(error);
  return noMemory.test(error.message) || saysNoMemory(error.cause);
}

function explained(error: unknown, { name, provider, device }: ComputeBackend): AppError {
  const said = (error instanceof Error ? error.message : String(error)).split('\n')[0]!;
  const backend = `The backend ${name} (${provider}, ${device})`;
  if (saysNoMemory(error))
    return new AppError('out_of_memory', `${backend} did not get the memory that a step needs: ${said}`, {
      cause: error,
    });
  return new AppError('backend_lost', `${backend} failed while it trained: ${said}`, { cause: error });
}

/** The same backend, whose failures are errors that a person may meet: `out_of_memory`, `backend_lost`. */
export function explainingBackend(backend: ComputeBackend): ComputeBackend {
  const attempt = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw explained(error, backend);
    }
  };
  return {
    ...backend,
    prepare: async (name, fn, example) => {
      const prepared = await attempt(() => backend.prepare(name, fn, example));
      return {
        run: (inputs) => attempt(() => prepared.run(inputs)),
        dispose: () => prepared.dispose(),
      };
    },
  };
}
