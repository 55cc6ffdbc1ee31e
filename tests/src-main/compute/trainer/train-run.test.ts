/** A training run as the trainer process runs it, in this process and on WASM: how it ends, what it says, what it leaves. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createWasmBackend } from '#compute/backends/wasm.ts';
import { traceDetector, writeDetector } from '#compute/trainer/export-detector.ts';
import { trainRun, type TrainerContext } from '#compute/trainer/train-run.ts';
import type { FromTrainer, TrainerPhotograph, TrainerStart } from '#contract/trainer-messages.ts';
import type { RunLogEntry, RunMetric } from '#contract/training-run.ts';
import { decodeCheckpoint, encodeCheckpoint } from '#engine/training/checkpoint.ts';
import type { TrainingState } from '#engine/training/training-state.ts';
import { digests } from '#tests/support/digests.ts';
import { spoiltBackend, type Spoilt } from '#tests/support/spoilt-backend.ts';
import { tinyOverrides, tinyStart, writeTrainingScenes } from '#tests/support/training-scenes.ts';

let folder: string;
let photographs: TrainerPhotograph[];
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pentimento-test-'));
  photographs = await writeTrainingScenes(folder, { train: 4, validation: 2 });
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const startMessage = (changes: Partial<TrainerStart> = {}): TrainerStart =>
  tinyStart(folder, photographs, changes);

/** What a run told until it ended or failed. */
class Told {
  readonly messages: FromTrainer[] = [];
  failure: unknown = null;

  of<T extends FromTrainer['type']>(type: T): Extract<FromTrainer, { type: T }>[] {
    return this.messages.filter((m): m is Extract<FromTrainer, { type: T }> => m.type === type);
  }
  get log(): RunLogEntry[] {
    return this.of('log').map(({ entry }) => entry);
  }
  get metrics(): RunMetric[] {
    return this.of('metric').map(({ metric }) => metric);
  }
  said(code: string): string | undefined {
    return this.log.find((entry) => entry.code === code)?.message;
  }
}

async function run(
  start: TrainerStart,
  { stopAfter, spoilt }: { stopAfter?: (message: FromTrainer) => boolean; spoilt?: Spoilt } = {},
): Promise<Told> {
  const told = new Told();
  let stopRequested = false;
  const context: TrainerContext = {
    send: (message) => {
      told.messages.push(message);
      stopRequested ||= stopAfter?.(message) ?? false;
    },
    stopRequested: () => stopRequested,
  };
  if (spoilt)
    context.openBackend = async () => ({
      backend: spoiltBackend(await createWasmBackend(), spoilt),
      why: 'a test',
    });
  await trainRun(start, context).catch((error: unknown) => (told.failure = error));
  return told;
}
const lastCheckpoint = (told: Told) => decodeCheckpoint(readFileSync(told.of('checkpoint').at(-1)!.path));

describe('a run that ends with its steps', () => {
  let told: Told;
  beforeAll(async () => {
    told = await run(startMessage());
  });

  test('tells its curves and keeps its checkpoints at multiples of their intervals', () => {
    expect(told.failure).toBeNull();
    expect(told.metrics.map(({ step }) => step)).toEqual([2, 4]);
    expect(told.of('checkpoint').map(({ step }) => step)).toEqual([2, 4]);
    expect(told.said('run_ended')).toContain('4 detector steps');
  });

  test('judges its averaged detector on validation crops, in the curve and in the log', () => {
    const judged = told.metrics.map(({ validation }) => validation!);
    expect(judged.map(({ step }) => step)).toEqual([2, 4]);
    for (const { auc, loss } of judged) {
      expect(auc).toBeGreaterThanOrEqual(0);
      expect(auc).toBeLessThanOrEqual(1);
      expect(loss).toBeGreaterThan(0);
    }
    expect(told.said('evaluated')).toContain(judged[0]!.loss.toFixed(3));
    expect(lastCheckpoint(told).evaluations).toMatchObject({ count: 2 });
  });

  test('exports the detector of the last step', () => {
    const { step, model } = told.of('done')[0]!;
    expect([step, model.passport.detectorSteps]).toEqual([4, 4]);
    expect(lastCheckpoint(told).bestDetector).toBeNull();
  });
});

test('a run ends when its averaged loss falls below the bound', async () => {
  const told = await run(startMessage({ stop: { lossBelow: 900 } }));
  expect(told.metrics.map(({ step }) => step)).toEqual([2]);
  expect(told.metrics[0]!.etaSeconds).toBeNull();
  expect(told.said('run_ended')).toMatch(/total loss fell below 900/);
  expect(told.of('done')).toHaveLength(1);
});

test('a run without improvement ends after its patience and exports its best detector, whose step the passport names', async () => {
  const lucky: Spoilt = { name: 'evaluation', output: 'loss', run: 1, value: 0.001 };
  const told = await run(startMessage({ stop: { patience: 2 } }), { spoilt: lucky });
  expect(told.failure).toBeNull();
  const { step, model } = told.of('done')[0]!;
  expect([step, model.passport.detectorSteps]).toEqual([6, 2]);
  expect(told.said('run_ended')).toMatch(/2 evaluations in a row/);
  expect(told.said('exporting')).toMatch(/step 2 .*best of 3 evaluations/);
  expect(model.passport.limits.join(' ')).toContain('The exported step was chosen');
  const exported = digests(readFileSync(model.path));
  const fileOf = async (state: TrainingState) =>
    digests(writeDetector(await traceDetector(state), model.passport));
  const [best, last] = [told.of('checkpoint')[0]!, told.of('checkpoint').at(-1)!].map(({ path }) =>
    decodeCheckpoint(readFileSync(path)),
  );
  expect(exported).toEqual(await fileOf(best!));
  expect(exported).not.toEqual(await fileOf(last!));
}, 60_000);

test('evaluations begin where the configuration says, and the end of a run is always judged', async () => {
  const overrides = { ...tinyOverrides, evaluateFrom: 4 };
  const told = await run(startMessage({ overrides, stop: { steps: 6 } }));
  expect(told.metrics.map(({ validation }) => validation?.step)).toEqual([undefined, 4, 6]);
  const short = await run(startMessage({ overrides, stop: { steps: 2 } }));
  expect(short.metrics.map(({ validation }) => validation?.step)).toEqual([2]);
});

test('a run that counts on evaluations says so where there are too few photographs; others warn and go on', async () => {
  const few = photographs.slice(0, 5);
  const refused = await run(startMessage({ photographs: few, stop: { patience: 2 } }));
  expect(refused.failure).toMatchObject({ code: 'dataset_too_small' });
  const warned = await run(startMessage({ photographs: few, stop: { steps: 2 } }));
  expect(warned.said('no_evaluations')).toMatch(/at least 2 real photographs.*there are 1/);
  expect(warned.of('done')).toHaveLength(1);
});

test('stopped in the middle of a window, a run goes on to the same curves, evaluations and weights', async () => {
  const overrides = { ...tinyOverrides, metricEvery: 3, evaluateEvery: 3, detectorSteps: 1 };
  const stop = { steps: 6, patience: 5 };
  const whole = await run(startMessage({ overrides, stop }));
  const first = startMessage({ overrides, stop });
  const interrupted = await run(first, { stopAfter: ({ type }) => type === 'checkpoint' });
  expect(interrupted.of('stopped')).toEqual([{ type: 'stopped', step: 2 }]);
  const resumed = await run({ ...first, resumeFrom: interrupted.of('checkpoint').at(-1)!.path });
  const curve = (told: Told) =>
    told.metrics.map((point) => ({ ...point, imagesPerSecond: 0, dataWaitShare: 0, etaSeconds: 0 }));
  expect(curve(resumed)).toEqual(curve(whole));
  const [a, b] = [lastCheckpoint(resumed), lastCheckpoint(whole)];
  expect(digests({ ...a, seconds: 0 })).toEqual(digests({ ...b, seconds: 0 }));
}, 60_000);

describe('a run that diverges', () => {
  const spoilt: Spoilt = { name: 'detectorStep', output: 'losses', run: 6, value: NaN };
  const overrides = { ...tinyOverrides, checkpointEvery: 100 };
  const start = () => startMessage({ overrides, stop: { steps: 8 } });

  test('fails with the reason, and leaves a checkpoint from which it ends as a sound run does', async () => {
    const broken = start();
    const told = await run(broken, { spoilt });
    expect(told.failure).toMatchObject({
      code: 'training_diverged',
      message: expect.stringMatching(/detector's "losses".*not finite at detector step 6.*step 4/) as string,
    });
    expect(told.of('done')).toEqual([]);
    const kept = lastCheckpoint(told);
    expect(kept.detectorStep).toBe(4);
    for (const [name, vector] of Object.entries(kept.vectors))
      expect(vector.every(Number.isFinite), name).toBe(true);
    const resumed = await run({ ...broken, resumeFrom: told.of('checkpoint').at(-1)!.path });
    expect(resumed.of('done')).toHaveLength(1);
    expect(digests(lastCheckpoint(resumed).vectors)).toEqual(
      digests(lastCheckpoint(await run(start())).vectors),
    );
  }, 60_000);

  test('fails too where the averaged detector, or a picture of the theatre, is what is not finite', async () => {
    for (const [name, output] of [
      ['evaluation', 'logit'],
      ['theatre', 'map'],
    ] as const) {
      const told = await run(start(), { spoilt: { name, output, run: 1, value: Infinity } });
      expect(told.failure, name).toMatchObject({ code: 'training_diverged' });
      expect(lastCheckpoint(told).vectors.detectorWeights.every(Number.isFinite)).toBe(true);
    }
  });
});

test('what collapses is warned of with its code when it begins, and named again when it is over', async () => {
  const start = startMessage();
  const first = await run(start, { stopAfter: ({ type }) => type === 'checkpoint' });
  const { path } = first.of('checkpoint').at(-1)!;
  const state = decodeCheckpoint(readFileSync(path));
  expect(first.log.filter(({ level }) => level !== 'info')).toEqual([]);
  // As if these had been seen for long.
  state.collapse = {
    mask_area: { stands: true, opposite: { since: -100, points: 2 } },
    masks_undecided: { stands: false, opposite: { since: -100, points: 2 } },
  };
  writeFileSync(path, encodeCheckpoint(state));
  const undecided: Spoilt = { name: 'generatorStep', output: 'maskDeviation', run: 1, value: 0.1 };
  const resumed = await run({ ...start, resumeFrom: path }, { spoilt: undecided });
  expect(resumed.log.filter(({ code }) => code.startsWith('mask'))).toMatchObject([
    { level: 'info', code: 'mask_area_over' },
    {
      level: 'warning',
      code: 'masks_undecided',
      message: expect.stringContaining('vary by 0.10') as string,
    },
  ]);
});
