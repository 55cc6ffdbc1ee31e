/** A detector of the recipe that nobody trained, as a file: its speed does not depend on its weights. */
import { countWork, type Work } from '#compiler/count-work.ts';
import { describeModel, traceDetector, writeDetector } from '#compute/trainer/export-detector.ts';
import { writeFileWhole } from '#compute/write-file.ts';
import { spectralLayout } from '#engine/models/detector.ts';
import { networkConfig, resolveTrainingConfig } from '#engine/training/training-config.ts';
import { initialState } from '#engine/training/training-state.ts';

/** Writes it to `path`. Answers with the floating-point work of one tile. */
export async function writeUntrainedDetector(path: string): Promise<Work> {
  const config = resolveTrainingConfig();
  const spectral = new Float32Array(spectralLayout(networkConfig(config)).size).fill(1);
  const state = initialState(config, 0, spectral);
  const start = {
    ...{ type: 'start' as const, runId: 'benchmark', photographs: [], datasetName: 'none' },
    ...{ datasetManifestHash: '0'.repeat(64), rendered: true, programVersion: 'benchmark', seed: 0 },
    ...{ stop: { steps: 1 }, backend: 'wasm' as const, overrides: {}, directory: '', resumeFrom: null },
    trainedSeconds: 0,
  };
  const graph = await traceDetector(state);
  await writeFileWhole(path, writeDetector(graph, describeModel(start, state, null, 0)));
  return countWork(graph, 1);
}
