/**
 * Two runs of the same seed, and a run that is interrupted and goes on, against one that never stopped: bit for bit, on WASM.
 * Where it is interrupted is drawn anew at every call; the seed of that draw stands in the test's name, and
 * PENTIMENTO_TEST_SEED=n draws it again.
 */
import { randomInt } from 'node:crypto';
import { beforeAll, describe, expect, test } from 'vitest';
import { createWasmBackend } from '#compute/backends/wasm.ts';
import type { ComputeBackend, PhotographSource } from '#engine/ports.ts';
import { Random } from '#engine/random.ts';
import { decodeCheckpoint, encodeCheckpoint } from '#engine/training/checkpoint.ts';
import { AdversarialTrainer } from '#engine/training/trainer.ts';
import type { TrainingState } from '#engine/training/training-state.ts';
import { digests } from '#tests/support/digests.ts';
import { sceneSource, tinyConfig, tinyPorts } from '#tests/support/tiny-training.ts';

const ITERATIONS = 4;
const drawSeed = Number(process.env['PENTIMENTO_TEST_SEED'] ?? randomInt(2 ** 31));
/** Iterations before the interruption. */
const interruption = 1 + new Random(drawSeed).integer(ITERATIONS - 1);

let backend: ComputeBackend;
let scenes: PhotographSource;
beforeAll(async () => {
  backend = await createWasmBackend();
  scenes = await sceneSource(5);
});

/** What a training asked for and was given, in order. */
interface Record {
  photographs: number[];
  /** Names and digests of what each network was fed. */
  inputs: unknown[];
  metrics: object[];
}

/** Ports that write down which photographs are read, and what the networks are fed. */
function recording(record: Record) {
  const source: PhotographSource = {
    ...scenes,
    read: (index) => (record.photographs.push(index), scenes.read(index)),
  };
  const watched: ComputeBackend = {
    ...backend,
    prepare: async (name, fn, example) => {
      const prepared = await backend.prepare(name, fn, example);
      return {
        run: (inputs) => {
          record.inputs.push({ name, inputs: digests(inputs) });
          return prepared.run(inputs);
        },
        dispose: () => prepared.dispose(),
      };
    },
  };
  return tinyPorts(watched, source);
}

/** What is the same in two runs of the same kind, bit for bit: everything but the time that it took. */
const timeless = (state: TrainingState): unknown => digests({ ...state, seconds: 0 });

async function iterate(trainer: AdversarialTrainer, until: number, record: Record): Promise<void> {
  while (trainer.state.iteration < until) {
    const metrics = await trainer.iterate(trainer.state.iteration / ITERATIONS);
    record.metrics.push({ ...metrics, dataSeconds: 0 });
  }
}

async function wholeRun(seed = 3): Promise<{ state: TrainingState; record: Record }> {
  const record: Record = { photographs: [], inputs: [], metrics: [] };
  const trainer = await AdversarialTrainer.begin(tinyConfig(), seed, recording(record));
  await iterate(trainer, ITERATIONS, record);
  return { state: trainer.state, record };
}

async function interruptedRun(): Promise<{ state: TrainingState; record: Record }> {
  const record: Record = { photographs: [], inputs: [], metrics: [] };
  const first = await AdversarialTrainer.begin(tinyConfig(), 3, recording(record));
  await iterate(first, interruption, record);
  const bytes = encodeCheckpoint(first.state);
  await first.dispose();
  const second = new AdversarialTrainer(decodeCheckpoint(bytes), recording(record));
  await iterate(second, ITERATIONS, record);
  return { state: second.state, record };
}

describe('on WASM', () => {
  let whole: Awaited<ReturnType<typeof wholeRun>>;
  beforeAll(async () => {
    whole = await wholeRun();
  });

  test('the same seed and data give the same losses, weights and moments bit for bit', async () => {
    const again = await wholeRun();
    expect(again.record.metrics).toEqual(whole.record.metrics);
    expect(timeless(again.state)).toEqual(timeless(whole.state));
  });

  test('another seed gives other photographs, losses and weights', async () => {
    const other = await wholeRun(4);
    expect(other.record.photographs).not.toEqual(whole.record.photographs);
    expect(other.record.metrics[0]).not.toEqual(whole.record.metrics[0]);
  });

  test(`interrupted after iteration ${interruption} of ${ITERATIONS} (PENTIMENTO_TEST_SEED=${drawSeed}), it ends as if it never was`, async () => {
    const { state, record } = await interruptedRun();
    expect(timeless(state)).toEqual(timeless(whole.state));
    expect(record.metrics).toEqual(whole.record.metrics);
    expect(record.photographs, 'the order of the data').toEqual(whole.record.photographs);
    expect(record.inputs, 'every batch and every draw').toEqual(whole.record.inputs);
  });
});
