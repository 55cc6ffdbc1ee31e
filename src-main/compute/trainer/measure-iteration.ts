/** How long one training iteration of a run's own configuration takes on a backend. */
import type { ComputeBackend } from '#engine/ports.ts';
import type { TrainingConfig } from '#engine/training/training-config.ts';
import { observed, syntheticTrainer } from './reference-steps.ts';

/** A first iteration as long as this is the measurement. */
const PATIENCE_MS = 10_000;

/**
 * Milliseconds that the steps of one iteration take: n_D and n_G whole steps on synthetic photographs, from the weights that
 * a run begins with. What prepares the data is left out, as it is the same for all.
 * @param span milliseconds to measure for; compiling and the first iteration, in which drivers still prepare, come on top
 */
export async function iterationMilliseconds(
  backend: ComputeBackend,
  config: TrainingConfig,
  span: number,
): Promise<number> {
  let sum = 0;
  const trainer = syntheticTrainer(
    config,
    observed(backend, ({ milliseconds }) => (sum += milliseconds)),
  );
  try {
    await trainer.iterate(0);
    if (sum >= PATIENCE_MS) return sum;
    sum = 0;
    let iterations = 0;
    do {
      await trainer.iterate(0);
      iterations++;
    } while (sum < span);
    return sum / iterations;
  } finally {
    await trainer.dispose();
  }
}
