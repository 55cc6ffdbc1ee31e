/** The judgement of the averaged detector while it trains. */
import { beforeAll, describe, expect, test } from 'vitest';
import { createWasmBackend } from '#compute/backends/wasm.ts';
import { jpegCodec } from '#compute/trainer/jpeg-codec.ts';
import type { ComputeBackend, PhotographSource } from '#engine/ports.ts';
import { decodeCheckpoint, encodeCheckpoint } from '#engine/training/checkpoint.ts';
import { recordEvaluation, stateToExport } from '#engine/training/evaluation-history.ts';
import { PeriodicEvaluation } from '#engine/training/periodic-evaluation.ts';
import { TrainingDivergedError } from '#engine/training/training-diverged-error.ts';
import { initialState, type TrainingState } from '#engine/training/training-state.ts';
import { spectralLayout } from '#engine/models/detector.ts';
import { networkConfig } from '#engine/training/training-config.ts';
import { Random } from '#engine/random.ts';
import { sceneSource, tinyConfig } from '#tests/support/tiny-training.ts';

let backend: ComputeBackend;
let photographs: PhotographSource;
beforeAll(async () => {
  backend = await createWasmBackend();
  photographs = await sceneSource(3, 7);
});

const freshState = (seed = 1): TrainingState => {
  const config = tinyConfig();
  const spectral = spectralLayout(networkConfig(config)).initialise(new Random('spectral'));
  return initialState(config, seed, spectral);
};
const begin = (state: TrainingState) =>
  PeriodicEvaluation.begin(state, { backend, photographs, codec: jpegCodec });
/** Another detector: every averaged weight a little larger. */
const changed = (state: TrainingState): TrainingState => {
  const copy = structuredClone(state);
  copy.vectors.detectorAverage = copy.vectors.detectorAverage.map((w) => 1.1 * w);
  return copy;
};

describe('the evaluation', () => {
  test('judges the averaged weights and their running moments, not the raw ones', async () => {
    const state = freshState();
    const evaluation = await begin(state);
    const before = await evaluation.judge(state);
    const { vectors } = state;
    vectors.detectorWeights = vectors.detectorWeights.map(() => 0);
    vectors.detectorRunning = vectors.detectorRunning.map(() => 5);
    expect(await evaluation.judge(state)).toEqual(before);
    expect((await evaluation.judge(changed(state))).loss).not.toBe(before.loss);
    vectors.detectorAverageRunning = vectors.detectorAverageRunning.map((m) => m + 1);
    expect((await evaluation.judge(state)).loss).not.toBe(before.loss);
  });

  test('shows the same crops at every step, and after a resumption; another seed shows others', async () => {
    const state = freshState();
    const [first, again, other] = [await begin(state), await begin(state), await begin(freshState(2))];
    const { loss, auc, step } = await first.judge(state);
    expect(auc).toBeGreaterThanOrEqual(0);
    expect(auc).toBeLessThanOrEqual(1);
    expect(step).toBe(0);
    state.detectorStep = 100;
    state.iteration = 50;
    expect(await first.judge(state)).toEqual({ loss, auc, step: 100 });
    expect(await again.judge(state)).toEqual({ loss, auc, step: 100 });
    expect((await other.judge(state)).loss).not.toBe(loss);
  });

  test('ends a run whose averaged detector no longer answers with numbers', async () => {
    const state = freshState();
    const evaluation = await begin(state);
    state.vectors.detectorAverage[0] = Infinity;
    await expect(evaluation.judge(state)).rejects.toThrow(TrainingDivergedError);
  });
});

describe('the best detector', () => {
  const at = (step: number, loss: number) => ({ step, loss, auc: 0.5 });

  test('is the one of the lowest loss, and is exported with the step that it is from', () => {
    let state = freshState();
    recordEvaluation(state, at(100, 2), true);
    state = changed(state);
    recordEvaluation(state, at(200, 1), true);
    const best = state.vectors.detectorAverage;
    state = changed(state);
    state.detectorStep = 300;
    recordEvaluation(state, at(300, 1), true);
    expect(state.evaluations).toEqual({ count: 3, best: at(200, 1), sinceBest: 1 });
    const exported = stateToExport(state);
    expect(exported.detectorStep).toBe(200);
    expect(exported.vectors.detectorAverage).toEqual(best);
    expect(state.vectors.detectorAverage).not.toEqual(best);
  });

  test('goes through a checkpoint with everything else that the run has shown', () => {
    const state = freshState();
    recordEvaluation(state, at(100, 2), true);
    recordEvaluation(state, at(200, 3), true);
    state.collapse = { mask_area: { stands: true, opposite: { since: 3, points: 1 } } };
    state.ended = 'patience';
    expect(decodeCheckpoint(encodeCheckpoint(state))).toEqual(state);
  });

  test('is the last one in a run that does not ask for the best', () => {
    const state = freshState();
    state.detectorStep = 300;
    recordEvaluation(state, at(100, 2), false);
    recordEvaluation(state, at(300, 3), false);
    expect(stateToExport(state)).toBe(state);
    expect(decodeCheckpoint(encodeCheckpoint(state)).bestDetector).toBeNull();
  });
});
