/** Which compute backends this machine offers, and for each that is absent, why. */
import { createRequire } from 'node:module';
import type { BackendStatus } from '#contract/system.ts';

/** Asks each backend; loads ONNX Runtime, starts nothing else. */
export async function backendStatuses(): Promise<BackendStatus[]> {
  const { ortProviders } = await import('#compute/backends/ort.ts');
  const wasm = { name: 'wasm', provider: 'cpu', ready: true, device: 'WebAssembly', reason: '' };
  return [...(await ortProviders()), cudaStatus(), wasm];
}

/** TensorFlow's own CUDA build is an optional dependency whose library is fetched on request only. */
function cudaStatus(): BackendStatus {
  const status = { name: 'cuda', provider: 'cuda', ready: false, device: 'NVIDIA GPU' };
  try {
    createRequire(import.meta.url).resolve('@tensorflow/tfjs-node-gpu/package.json');
  } catch {
    return {
      ...status,
      reason: '@tensorflow/tfjs-node-gpu is not installed; `npm run setup:cuda` installs it',
    };
  }
  return { ...status, reason: 'this version trains on ONNX Runtime and WebAssembly only' };
}
