/** Detectors with every weight, running moment and statistic away from its start, exported without any training. */
import { describeModel, traceDetector, writeDetector } from '#compute/trainer/export-detector.ts';
import type { TrainerStart } from '#contract/trainer-messages.ts';
import { Random } from '#engine/random.ts';
import { detectorRunningLayout, spectralLayout } from '#engine/models/detector.ts';
import { networkConfig } from '#engine/training/training-config.ts';
import { initialState, type TrainingState } from '#engine/training/training-state.ts';
import { tinyConfig } from './tiny-training.ts';

export const exampleStart: TrainerStart = {
  type: 'start',
  runId: 'run',
  photographs: [],
  datasetName: 'scenes',
  datasetManifestHash: 'd'.repeat(64),
  rendered: true,
  programVersion: '1.2.3',
  seed: 5,
  stop: { steps: 4 },
  backend: 'wasm',
  overrides: {},
  directory: '',
  resumeFrom: null,
  trainedSeconds: 0,
};

/** A state as after training, drawn at random: positive where something is a variance or a deviation. */
export function drawnState(overrides: Parameters<typeof tinyConfig>[0] = {}): TrainingState {
  const config = tinyConfig(overrides);
  const random = new Random('drawn state');
  const spectral = new Float32Array(spectralLayout(networkConfig(config)).size);
  const state = initialState(
    config,
    exampleStart.seed,
    spectral.map(() => random.uniform(0.5, 2)),
  );
  const { detectorAverage, detectorAverageRunning } = state.vectors;
  detectorAverage.forEach((x, i) => (detectorAverage[i] = x + random.normal(0, 0.05)));
  const running = detectorRunningLayout(networkConfig(config)).views(detectorAverageRunning);
  for (const [name, { data }] of Object.entries(running)) {
    const isMean = name.endsWith('.mean');
    data.forEach((_, i) => (data[i] = isMean ? random.normal(0, 0.2) : random.uniform(0.5, 1.5)));
  }
  return state;
}

/** The bytes of the ONNX file of a state's averaged detector. */
export const exportedBytes = async (state: TrainingState): Promise<Uint8Array> =>
  writeDetector(await traceDetector(state), describeModel(exampleStart, state, null, 0));

/** `count` tiles of a picture with edges, slopes and noise, as uint8 RGB. */
export function tiles(count: number, side: number): Uint8Array {
  const random = new Random('tiles');
  return Uint8Array.from({ length: count * side * side * 3 }, (_, i) => {
    const [x, y] = [Math.floor(i / 3) % side, Math.floor(i / (3 * side))];
    return Math.min(255, 60 + x + (y % 40 < 20 ? 70 : 0) + random.integer(30));
  });
}
