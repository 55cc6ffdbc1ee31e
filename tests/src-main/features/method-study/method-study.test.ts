/** The study on rendered scenes: real training for a few steps, the real export, real files. */
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { forgeryOperations } from '#engine/evaluation/forgeries.ts';
import { holdRowFolder } from '#features/method-study/row-folder.ts';
import {
  MethodStudy,
  type StudyEvent,
  type StudyRequest,
  type StudyResult,
} from '#features/method-study/method-study.ts';
import { RowStore } from '#features/method-study/row-store.ts';
import { studyRow, type StudyRow } from '#features/method-study/study-row.ts';
import { failureOf } from '#tests/support/app-error.ts';
import { writeStudyData } from '#tests/support/study-data.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';

const folder = mkdtempSync(join(tmpdir(), 'pentimento-study-'));
const data = join(folder, 'data');
const steps = 6;
const tiny = {
  name: 'tiny',
  title: 'the smallest batches',
  overrides: { realPerBatch: 2, stylePerBatch: 1, blendsPerBatch: 2, statisticsCrops: 16 },
};

interface Bench {
  store: RowStore;
  work: string;
  events: StudyEvent[];
  run(
    changes?: Partial<StudyRequest>,
    options?: { signal?: AbortSignal; onEvent?: (event: StudyEvent) => void },
  ): Promise<StudyResult>;
}
function benchIn(place: string): Bench {
  const store = new RowStore(join(place, 'method.json'));
  const work = join(place, 'work');
  const events: StudyEvent[] = [];
  const machine = { cpu: 'test', cores: 1, platform: 'test' };
  const study = new MethodStudy({ store, programVersion: '0.0.0', commit: 'abc-dirty', machine });
  return {
    store,
    work,
    events,
    run: (changes = {}, { signal = new AbortController().signal, onEvent = () => undefined } = {}) =>
      study.run(
        {
          ...{ variants: [tiny], seeds: [0], steps, data, work, photographs: 'bsds500', provider: 'cpu' },
          ...{ threads: 1, again: false, cropsAnOperation: 4, checkpointEvery: 2, ...changes },
        },
        {
          signal,
          report: (event) => {
            events.push(event);
            onEvent(event);
          },
        },
      ),
  };
}
const stepsOf = (events: readonly StudyEvent[]): number[] =>
  events.flatMap((event) => (event.stage === 'training' ? [event.step] : []));
/** What does not depend on the clock. */
const figuresOf = (row: StudyRow): object => ({ ...row, date: '', seconds: null });

let measured: StudyRow;
let bench: Bench;
beforeAll(async () => {
  await writeStudyData(data);
  bench = benchIn(join(folder, 'whole'));
  measured = (await bench.run()).rows[0]!;
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('a row holds every figure, and where it comes from', () => {
  expect(studyRow.parse(measured)).toEqual(measured);
  expect(measured).toMatchObject({
    ...{ name: 'tiny', seed: 0, steps, crop: 64, overrides: tiny.overrides, commit: 'abc-dirty' },
    ...{ earlier_commits: [], backend: 'ort/cpu', threads: 1, skipped: [] },
    counts: { training_photographs: 3, test_photographs: 4, crops_an_operation: 4 },
  });
  expect(Object.keys(measured.lossless)).toEqual([...forgeryOperations]);
  expect(Object.keys(measured.q90)).toEqual([...forgeryOperations]);
  const mean = (of: Record<string, number | null>): number =>
    Object.values(of).reduce<number>((sum, value) => sum + value!, 0) / forgeryOperations.length;
  expect(measured.mean_lossless).toBeCloseTo(mean(measured.lossless), 3);
  expect(measured.mean_q90).toBeCloseTo(mean(measured.q90), 3);
  expect(Object.keys(measured.sets)).toEqual(['casia', 'imd2020', 'manipulated', 'generated']);
  expect(measured.sets['casia']!.counts).toEqual({ real: 3, simulated: 2, masks: 2 });
  expect(measured.sets['casia']!.pixel).toEqual(expect.any(Number));
  expect(Object.keys(measured.scores['generated']!)).toContain('map-contrast');
  expect(Object.keys(measured.fpr_sources)).toContain('casia1_au');
});

test('a row that is there is not measured again, unless that is asked for', async () => {
  bench.events.length = 0;
  const { rows } = await bench.run();
  expect(bench.events.map(({ stage }) => stage)).toEqual(['stored']);
  expect(rows).toEqual([measured]);
  const { rows: again } = await bench.run({ again: true });
  expect(stepsOf(bench.events)).toHaveLength(steps / 2);
  expect(again).toHaveLength(1);
  expect(figuresOf(again[0]!)).toEqual(figuresOf(measured));
});

test('a row that crashed and was stopped goes on from its checkpoint, and measures the same', async () => {
  const own = benchIn(temporaryFolder());
  const stopAt = (step: number, stop: () => void) => (event: StudyEvent) => {
    if (event.stage === 'training' && event.step >= step) stop();
  };
  const crash = stopAt(3, () => {
    throw new Error('the power went');
  });
  const crashed = await own.run({}, { onEvent: crash });
  expect(crashed.failed).toMatchObject([{ error: { code: 'internal', message: 'the power went' } }]);
  expect(own.store.read()).toEqual([]);

  own.events.length = 0;
  const controller = new AbortController();
  const onEvent = stopAt(4, () => controller.abort());
  expect((await failureOf(own.run({}, { signal: controller.signal, onEvent }))).code).toBe('cancelled');
  expect(stepsOf(own.events)).toEqual([4]);

  own.events.length = 0;
  const { rows } = await own.run();
  expect(stepsOf(own.events)).toEqual([6]);
  expect(figuresOf(rows[0]!)).toEqual(figuresOf(measured));
  const files = readdirSync(join(own.work, readdirSync(own.work)[0]!));
  expect(files.sort()).toEqual(['lock', 'model.onnx', 'pictures.json']);
});

test('a row that another program works on is left to it', async () => {
  const own = benchIn(temporaryFolder());
  const held = await holdRowFolder(own.work, measured, async () => {
    const { rows, elsewhere } = await own.run();
    expect(rows).toEqual([]);
    expect(elsewhere.map(({ key }) => key.name)).toEqual(['tiny']);
  });
  expect(held).toBe(true);
});

test('a row that cannot be trained is listed, with a reason', async () => {
  const own = benchIn(temporaryFolder());
  const variants = [{ ...tiny, name: 'large', overrides: { crop: 192 } }];
  const { rows, failed } = await own.run({ variants });
  expect(rows).toEqual([]);
  expect(failed).toMatchObject([{ row: { key: { name: 'large' } }, error: { code: 'dataset_too_small' } }]);
});

test('a field that the training has not is refused before anything runs', async () => {
  const own = benchIn(temporaryFolder());
  const variants = [tiny, { ...tiny, name: 'odd', overrides: { oddness: 1 } }];
  expect(await failureOf(own.run({ variants }))).toMatchObject({
    code: 'invalid_input',
    message: expect.stringContaining('Row odd: the training configuration has no field "oddness"'),
  });
  expect(existsSync(own.work)).toBe(false);
});
