/** A small training set-up for tests: rendered scenes, tiny batches, the real codec. */
import { jpegCodec } from '#compute/trainer/jpeg-codec.ts';
import type { ComputeBackend, PhotographSource, RgbImage } from '#engine/ports.ts';
import { resolveTrainingConfig, type TrainingConfig } from '#engine/training/training-config.ts';
import type { TrainerPorts } from '#engine/training/trainer.ts';
import { renderScenes } from '#features/samples/scene-renderer.ts';
import sharp from 'sharp';
import small from '../../build/house/tiny-training.json' with { type: 'json' };

/** Batches of six pictures: every branch and every loss takes part. */
export const tinyConfig = (overrides: Partial<TrainingConfig> = {}): TrainingConfig =>
  resolveTrainingConfig({
    ...small,
    metricEvery: 2,
    sampleEvery: 1000,
    checkpointEvery: 1000,
    ...overrides,
  });

/** Decoded sample scenes, kept for the whole test file. */
export async function sceneSource(count: number, seed = 1): Promise<PhotographSource> {
  const images: RgbImage[] = [];
  for await (const scene of renderScenes({ count, seed, width: 160, height: 128 })) {
    const { data, info } = await sharp(scene.bytes).raw().toBuffer({ resolveWithObject: true });
    images.push({ width: info.width, height: info.height, data: new Uint8Array(data) });
  }
  return { count: images.length, read: (index) => Promise.resolve(images[index]!) };
}

export const tinyPorts = (backend: ComputeBackend, source: PhotographSource): TrainerPorts => ({
  backend,
  photographs: { real: source, foreign: source },
  codec: jpegCodec,
  clock: () => performance.now() / 1000,
});
