/**
 * Measures whether the memory of a training grows: `node tests/src-main/compute/measure-memory.ts [ort|wasm] [steps] [tiny]`.
 * Prints the resident memory's slope in MB a detector step, by least squares over the steps after the first fifty, and the
 * number of tensors. With `tiny`, batches are of five pictures, otherwise as in a run. Not a test: it takes minutes.
 */
import * as tf from '@tensorflow/tfjs-core';
import { createOrtBackend } from '#compute/backends/ort.ts';
import { createWasmBackend } from '#compute/backends/wasm.ts';
import { resolveTrainingConfig } from '#engine/training/training-config.ts';
import { AdversarialTrainer } from '#engine/training/trainer.ts';
import { sceneSource, tinyConfig, tinyPorts } from '../../support/tiny-training.ts';

const [name = 'ort', stepsText = '500', size = ''] = process.argv.slice(2);
const steps = Number(stepsText);
const BURN_IN = 50;

/** Slope of y over x by least squares. */
function slope(points: readonly [number, number][]): number {
  const mean = (of: (p: [number, number]) => number) =>
    points.reduce((s, p) => s + of([...p]), 0) / points.length;
  const [mx, my] = [mean(([x]) => x), mean(([, y]) => y)];
  return mean(([x, y]) => (x - mx) * (y - my)) / mean(([x]) => (x - mx) ** 2);
}

const backend =
  name === 'wasm' ? await createWasmBackend() : await createOrtBackend({ provider: 'cpu', threads: 1 });
const config = size === 'tiny' ? tinyConfig() : resolveTrainingConfig({ statisticsCrops: 64 });
const trainer = await AdversarialTrainer.begin(config, 1, tinyPorts(backend, await sceneSource(8)));
const points: [number, number][] = [];
const tensors = new Set<number>();
while (trainer.state.detectorStep < steps) {
  await trainer.iterate(trainer.state.detectorStep / steps);
  const step = trainer.state.detectorStep;
  if (step > 2) tensors.add(tf.memory().numTensors);
  if (step > BURN_IN) points.push([step, process.memoryUsage().rss / 2 ** 20]);
  if (step % 50 === 0) console.error(`step ${step}: ${(process.memoryUsage().rss / 2 ** 20).toFixed(0)} MB`);
}
const resident = points.map(([, mb]) => mb);
console.log(
  `${name}, ${steps} steps: ${slope(points).toFixed(4)} MB a step; resident ${Math.min(...resident).toFixed(0)} to ` +
    `${Math.max(...resident).toFixed(0)} MB; tensors ${[...tensors].join(', ')}`,
);
