/** Curves of the losses from one seed, at learning rates at which rounding stays as small as it is. */
import type { ComputeBackend } from '#engine/ports.ts';
import type { IterationMetrics } from '#engine/training/iteration-metrics.ts';
import { AdversarialTrainer } from '#engine/training/trainer.ts';
import { resolveTrainingConfig, type TrainingConfig } from '#engine/training/training-config.ts';
import { sceneSource, tinyConfig, tinyPorts } from './tiny-training.ts';

type Losses = IterationMetrics['losses'];

/** A hundredth of the recipe's rates, and pictures that no JPEG quantisation sends to one side or the other. */
export function calmConfig(): TrainingConfig {
  const recipe = resolveTrainingConfig();
  return tinyConfig({
    detectorLearningRate: recipe.detectorLearningRate / 100,
    generatorLearningRate: recipe.generatorLearningRate / 100,
    detectorSteps: 1,
    jpegShare: 0,
  });
}

export async function curve(backend: ComputeBackend, iterations: number): Promise<Losses[]> {
  const trainer = await AdversarialTrainer.begin(calmConfig(), 3, tinyPorts(backend, await sceneSource(6)));
  const losses: Losses[] = [];
  for (let i = 0; i < iterations; i++) losses.push((await trainer.iterate(null)).losses);
  await trainer.dispose();
  return losses;
}

/** The largest relative difference of any loss of any iteration. */
export const largestDifference = (actual: readonly Losses[], expected: readonly Losses[]): number =>
  Math.max(
    ...expected.flatMap((losses, i) =>
      Object.entries(losses).map(([name, value]) =>
        Math.abs((actual[i]![name as keyof Losses] - value) / value),
      ),
    ),
  );
