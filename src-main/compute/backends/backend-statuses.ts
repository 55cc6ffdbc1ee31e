/** Every backend that the program knows, whether it is ready here, and opening one by its name. */
import type { BackendStatus } from '#contract/system.ts';
import type { BackendName, ProviderName } from '#contract/training-run.ts';
import { AppError } from '#contract/errors.ts';
import type { ComputeBackend } from '#engine/ports.ts';
import { createCudaBackend, cudaStatus } from './cuda.ts';
import { createOrtBackend } from './ort.ts';
import { ortProviders } from './ort-providers.ts';
import { createWasmBackend } from './wasm.ts';

const wasmStatus: BackendStatus = {
  name: 'wasm',
  provider: 'cpu',
  ready: true,
  device: 'WebAssembly',
  reason: '',
};

/** Loads ONNX Runtime and starts a GPU once, through WebGPU; TensorFlow is only looked for. */
export async function backendStatuses(): Promise<BackendStatus[]> {
  return [...(await ortProviders()), cudaStatus(), wasmStatus];
}

export interface NamedBackend {
  backend: Exclude<BackendName, 'auto'>;
  /** The backend's usual one where absent. */
  provider?: ProviderName | undefined;
}

/**
 * Opens a backend as it is; nothing is compared or measured.
 * @throws AppError `backend_unavailable` where it is not ready
 */
export async function openBackend({ backend, provider }: NamedBackend): Promise<ComputeBackend> {
  const only = (own: ProviderName, where: string): void => {
    if (provider === undefined || provider === own) return;
    throw new AppError(
      'backend_unavailable',
      `The ${backend} backend has no provider "${provider}"; it runs on ${where}.`,
    );
  };
  if (backend === 'ort') return createOrtBackend({ provider: provider ?? 'cpu' });
  if (backend === 'cuda') {
    only('cuda', 'NVIDIA GPUs');
    return createCudaBackend();
  }
  only('cpu', 'the CPU');
  return createWasmBackend();
}
