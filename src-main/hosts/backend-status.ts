/** Which compute backends this machine offers, and for each that is absent, why. */
import type { BackendStatus } from '#contract/system.ts';

/** Asks each backend; loads ONNX Runtime, and no other library. */
export async function backendStatuses(): Promise<BackendStatus[]> {
  const { backendStatuses } = await import('#compute/backends/backend-statuses.ts');
  return backendStatuses();
}
