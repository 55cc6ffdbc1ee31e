/** Which backend a run trains on. */
import { AppError } from '#contract/errors.ts';
import type { TrainerStart } from '#contract/trainer-messages.ts';
import type { ComputeBackend } from '#engine/ports.ts';
import { createOrtBackend } from '../backends/ort.ts';
import { createWasmBackend } from '../backends/wasm.ts';

/**
 * The backend that was asked for, or for `auto` the compiled step on ONNX Runtime's CPU provider, or WASM where ONNX Runtime
 * cannot be loaded. `why` is for the run's log.
 * @throws AppError `backend_unavailable` where the one asked for is not ready.
 */
export async function chooseBackend(
  start: Pick<TrainerStart, 'backend' | 'provider'>,
): Promise<{ backend: ComputeBackend; why: string }> {
  switch (start.backend) {
    case 'wasm':
      if (start.provider && start.provider !== 'cpu') {
        throw new AppError(
          'backend_unavailable',
          `The wasm backend has no provider "${start.provider}"; it runs on the CPU.`,
        );
      }
      return { backend: await createWasmBackend(), why: 'as asked for' };
    case 'ort':
      return { backend: await createOrtBackend({ provider: start.provider ?? 'cpu' }), why: 'as asked for' };
    case 'cuda':
      throw new AppError('backend_unavailable', 'The eager CUDA backend is not part of this version.', {
        hint: 'Choose --backend ort or wasm.',
      });
    case 'auto':
      try {
        const backend = await createOrtBackend({ provider: start.provider ?? 'cpu' });
        return {
          backend,
          why: 'the compiled step is several times as fast as the eager one on the same processor',
        };
      } catch (error) {
        if (start.provider) throw error;
        return {
          backend: await createWasmBackend(),
          why: `ONNX Runtime is not ready: ${AppError.from(error).message}`,
        };
      }
  }
}
