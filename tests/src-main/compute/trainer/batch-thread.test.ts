/** The thread that prepares batches: the same batches as without it, its errors, its end, and its death. */
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createWasmBackend } from '#compute/backends/wasm.ts';
import { BatchThread, type BatchThreadOptions } from '#compute/trainer/batch-thread.ts';
import { following } from '#compute/trainer/batches-ahead.ts';
import { jpegCodec } from '#compute/trainer/jpeg-codec.ts';
import { selectPhotographs } from '#compute/trainer/select-photographs.ts';
import type { TrainerPhotograph } from '#contract/trainer-messages.ts';
import type { TrainingPhotographs } from '#engine/ports.ts';
import { AdversarialTrainer, type TrainerPorts } from '#engine/training/trainer.ts';
import { TrainingBatches } from '#engine/training/training-batches.ts';
import { tinyConfig } from '#tests/support/tiny-training.ts';
import { writeTrainingScenes } from '#tests/support/training-scenes.ts';

const config = tinyConfig({ selfReferenceShare: 0.5, resampledShare: 0.5, changedShare: 0.5 });
let folder: string;
let photographs: TrainerPhotograph[];
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'pentimento-batches-'));
  const scenes = await writeTrainingScenes(folder, { train: 5, validation: 1 });
  const fake = { ...scenes[4]!, label: 'simulated' as const, category: 'generated' };
  photographs = [...scenes.slice(0, 4), fake, scenes[5]!];
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const silent = (): void => undefined;
const open = (options: Partial<BatchThreadOptions> = {}, from = photographs) =>
  BatchThread.open(from, config, { log: silent, ...options });

describe('training with the thread', () => {
  const iterations = 3;
  async function trained(parts: Pick<TrainerPorts, 'photographs' | 'batches'>) {
    const backend = await createWasmBackend();
    const ports = { backend, codec: jpegCodec, clock: () => performance.now() / 1000, ...parts };
    const trainer = await AdversarialTrainer.begin(config, 7, ports);
    const losses = [];
    for (let i = 0; i < iterations; i++) losses.push((await trainer.iterate(i / iterations)).losses);
    await trainer.dispose();
    return { losses, vectors: trainer.state.vectors };
  }

  test('gives the same losses and weights, bit for bit, as without it', async () => {
    const alone = await trained({ photographs: await selectPhotographs(photographs, config, silent) });
    const opened = await open();
    const beside = await trained({
      photographs: opened.photographs,
      batches: (run) => opened.thread.batches(run),
    });
    await opened.thread.close();
    expect(beside.losses).toEqual(alone.losses);
    expect(beside.vectors).toEqual(alone.vectors);
  }, 120_000);
});

describe('batches', () => {
  const run = { config, seed: 1, iteration: 0 };
  let expected: TrainingBatches;
  let sources: TrainingPhotographs;
  beforeAll(async () => {
    sources = await selectPhotographs(photographs, config, silent);
    expected = new TrainingBatches(run, sources, jpegCodec);
  });

  test('are the same wherever the run goes on, and where it comes to one again', async () => {
    const { thread } = await open();
    const batches = thread.batches({ ...run, iteration: 5 });
    for (const [iteration, step] of [
      [5, 0],
      [5, 1],
      [5, 0],
      [9, 1],
      [2, 0],
    ] as const)
      // prettier-ignore
      expect(await batches.detector(iteration, step)).toEqual(await expected.detector(iteration, step));
    expect(await batches.generator(9, 0)).toEqual(await expected.generator(9, 0));
    await thread.close();
  });

  test('are the same with memory for no photograph at all', async () => {
    const { thread } = await open({ cacheMegabytes: 0.001 });
    const batches = thread.batches(run);
    expect(await batches.detector(0, 0)).toEqual(await expected.detector(0, 0));
    await thread.close();
  });

  test('go on from a new thread where it dies, which the log says', async () => {
    const log: string[] = [];
    const entry = join(folder, 'dies-once.ts');
    const real = import.meta.resolve('#compute/trainer/batch-thread-entry.ts');
    // dies at the second batch that is asked for, once
    writeFileSync(
      entry,
      `import { existsSync, writeFileSync } from 'node:fs';
       import { parentPort } from 'node:worker_threads';
       await import(${JSON.stringify(real)});
       let asked = 0;
       const mark = ${JSON.stringify(join(folder, 'died'))};
       parentPort.on('message', ({ question }) => {
         if (question?.ask !== 'batch' || ++asked < 2 || existsSync(mark)) return;
         writeFileSync(mark, '');
         throw new Error('planted');
       });`,
    );
    const { thread } = await open({
      entry,
      log: (level, code, text) => log.push(`${level} ${code}: ${text}`),
    });
    const batches = thread.batches(run);
    const made = [await batches.detector(0, 0), await batches.detector(0, 1)];
    expect(made).toEqual([await expected.detector(0, 0), await expected.detector(0, 1)]);
    await thread.close();
    expect(log.filter((line) => line.includes('batch_thread'))).toEqual([
      'warning batch_thread_replaced: The thread that prepares the batches ended (planted). ' +
        'It was started again; the batches are the same.',
    ]);
  });

  test('a thread that dies again and again ends the run with its reason', async () => {
    const entry = join(folder, 'dies.ts');
    writeFileSync(entry, `throw new Error('planted');`);
    await expect(open({ entry })).rejects.toMatchObject({
      code: 'batches_failed',
      message: expect.stringContaining('ended 4 times; the last time: planted') as string,
    });
  });

  test('a photograph whose bytes have changed reaches the run with its own code', async () => {
    const changing = join(folder, 'changing.jpg');
    copyFileSync(photographs[0]!.path, changing);
    const { thread } = await open({}, [{ ...photographs[0]!, path: changing }, photographs[1]!]);
    copyFileSync(photographs[2]!.path, changing);
    const batches = thread.batches(run);
    const asked = Promise.all([0, 1, 2].map((iteration) => batches.detector(iteration, 0)));
    await expect(asked).rejects.toMatchObject({ code: 'evidence_changed' });
    await thread.close();
  });

  test('too few photographs are refused as without the thread', async () => {
    await expect(open({}, photographs.slice(0, 1))).rejects.toMatchObject({ code: 'dataset_too_small' });
  });

  test('what was asked for when the run ends is left, and says so', async () => {
    const { thread } = await open();
    const batches = thread.batches(run);
    await batches.detector(0, 0);
    const left = batches.detector(7, 0);
    await Promise.all([thread.close(), expect(left).rejects.toMatchObject({ code: 'cancelled' })]);
  });
});

test('the places of a run follow each other as the run comes to them', () => {
  const places = (overrides: Parameters<typeof tinyConfig>[0]) => {
    const shape = tinyConfig(overrides);
    let place = { kind: 'detector' as const, iteration: 4, step: 0 } as Parameters<typeof following>[0];
    return Array.from({ length: 4 }, () => {
      place = following(place, shape);
      return `${place.kind} ${place.iteration} ${place.step}`;
    });
  };
  expect(places({ detectorSteps: 2, generatorSteps: 1 })).toEqual([
    'detector 4 1',
    'generator 4 0',
    'detector 5 0',
    'detector 5 1',
  ]);
  expect(places({ detectorSteps: 1, generatorMode: 'none' }).at(-1)).toBe('detector 8 0');
});
