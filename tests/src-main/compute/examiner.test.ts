/** Decoding at intake in a process of its own: hostile pictures end that process, and nothing else. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';
import { beforeEach, expect, onTestFinished, test } from 'vitest';
import { colourTable } from '#compute/decoding/colour-table.ts';
import { createExaminer, type Examiner } from '#compute/decoding/examiner.ts';
import { probePhotograph } from '#compute/decoding/decode-photograph.ts';
import { examinePhotograph } from '#compute/decoding/examine-photograph.ts';
import { readPictureFileFacts } from '#compute/decoding/read-file-facts.ts';
import { encodeMap } from '#compute/map-image.ts';
import { forkChild, type ChildProcess } from '#compute/child-process.ts';
import type { MaskStroke } from '#contract/dataset.ts';
import type { JudgeLimits } from '#compute/judging/judge-limits.ts';
import { failureOf } from '#tests/support/app-error.ts';
import { samplePicture, write } from '#tests/support/sample-files.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';
import { setUpEvidence, writePictures } from '../features/evidence/evidence-set-up.ts';

/** Ends itself at a file whose name has `crash` in it, and never answers for one with `hang`, or nothing of sense for one with `garble`. */
const crashing = path.resolve(import.meta.dirname, '../../support/crashing-examiner.ts');

let folder: string;
beforeEach(() => {
  folder = temporaryFolder();
});

function open(options: { limits?: Partial<JudgeLimits>; entry?: string } = {}): Examiner & {
  processes: ChildProcess[];
} {
  const processes: ChildProcess[] = [];
  const spawn = (entry: string): ChildProcess => {
    const started = forkChild(entry);
    processes.push(started);
    return started;
  };
  const examiner = createExaminer({ ...options, spawn });
  onTestFinished(() => examiner.close());
  return Object.assign(examiner, { processes });
}
const picture = async (name: string, seed = 0): Promise<string> =>
  write(folder, name, await samplePicture(200, 130, seed).jpeg().toBuffer());

test('what comes out of the process is what decoding here gives, and it starts with the first picture', async () => {
  const examiner = open();
  expect(examiner.processes).toEqual([]);
  const file = await picture('a.jpg');
  expect(await examiner.examine(file)).toEqual(await examinePhotograph(file));
  expect(await examiner.probe(file)).toEqual(await probePhotograph(file));
  expect(examiner.processes).toHaveLength(1);
});

test('what files are is read there as here, and a file that ends the process is told so', async () => {
  const examiner = open({ entry: crashing });
  const [file, mask] = [await picture('a.jpg'), path.join(folder, 'mask.png')];
  await sharp({ create: { width: 40, height: 30, channels: 3, background: '#ffffff' } }).toFile(mask);
  expect(await examiner.readPictureFacts(file)).toEqual(await readPictureFileFacts(file));
  expect(await examiner.readMaskFacts(mask, 1200)).toEqual({ width: 40, height: 30, white: 1 });
  expect((await failureOf(examiner.readMaskFacts(mask, 1199))).code).toBe('image_damaged');
  expect(await failureOf(examiner.readPictureFacts(await picture('crash.jpg')))).toMatchObject({
    code: 'judge_crashed',
    message: expect.stringContaining('crash.jpg'),
  });
});

test('a mask is painted over there, and one that ends the process, or is larger than its picture, is told so', async () => {
  const examiner = open({ entry: crashing });
  const stroke = {
    tool: 'polygon',
    erase: false,
    width: 1,
    points: [
      [0, 0],
      [4, 0],
      [4, 30],
      [0, 30],
    ],
  } as MaskStroke;
  const mask = (name: string) =>
    sharp({ create: { width: 40, height: 30, channels: 3, background: '#000000' } }).toFile(
      path.join(folder, name),
    );
  await mask('mask.png');
  await mask('crash.png');
  const paint = (name: string, height = 30) =>
    examiner.paintMask({ width: 40, height }, path.join(folder, name), [stroke]);
  const data = await sharp(await paint('mask.png'))
    .extractChannel(0)
    .raw()
    .toBuffer();
  expect(data.filter((value) => value === 255)).toHaveLength(4 * 30);
  expect((await failureOf(paint('mask.png', 29))).code).toBe('image_damaged');
  expect((await failureOf(paint('crash.png'))).code).toBe('judge_crashed');
});

test('stored files are drawn there, and one that ends the process is told so', async () => {
  const examiner = open({ entry: crashing });
  const bytes = readFileSync(await picture('a.jpg'));
  const drawn = await examiner.draw({ bytes, name: 'a', as: { kind: 'photograph', side: 100 } });
  expect([drawn.width, drawn.height, drawn.src.slice(0, 23)]).toEqual([100, 65, 'data:image/jpeg;base64,']);
  const map = await encodeMap({ width: 2, height: 1, data: Float32Array.of(1, 3) }, { bits: 16 });
  const as = { kind: 'map', side: 4, bits: 16, min: map.min, max: map.max, from: 1, to: 3 } as const;
  const coloured = await examiner.draw({ bytes: map.png, name: 'map', as });
  const png = Buffer.from(coloured.src.split(',')[1]!, 'base64');
  const { data, info } = await sharp(png).removeAlpha().raw().toBuffer({ resolveWithObject: true });
  expect([info.width, info.height]).toEqual([4, 2]);
  expect([...data.subarray(0, 3), ...data.subarray(9, 12)]).toEqual([
    ...colourTable.subarray(0, 3),
    ...colourTable.subarray(-3),
  ]);
  expect(await failureOf(examiner.draw({ bytes, name: 'crash', as }))).toMatchObject({
    code: 'judge_crashed',
  });
});

test('what is wrong with a file is told as it is told here', async () => {
  const examiner = open();
  const cut = path.join(folder, 'cut.jpg');
  writeFileSync(cut, readFileSync(await picture('whole.jpg')).subarray(0, 2000));
  writeFileSync(path.join(folder, 'text.jpg'), 'no picture');
  for (const file of [cut, path.join(folder, 'text.jpg'), path.join(folder, 'absent.jpg')]) {
    const [there, here] = [await failureOf(examiner.examine(file)), await failureOf(examinePhotograph(file))];
    expect([there.code, there.message]).toEqual([here.code, here.message]);
  }
  const small = { minimumSide: 500, name: 'evidence seven' };
  expect(await failureOf(examiner.examine(await picture('b.jpg'), small))).toMatchObject({
    code: 'image_too_small',
    message: expect.stringContaining('evidence seven'),
  });
});

test('a picture that ends the process is told so; those beside it are examined, each of them once', async () => {
  const examiner = open({ entry: crashing });
  const [before, guilty, after] = [
    await picture('a.jpg'),
    await picture('crash.jpg', 1),
    await picture('b.jpg', 2),
  ];
  const [first, failure, last] = await Promise.all([
    examiner.examine(before),
    failureOf(examiner.examine(guilty)),
    examiner.examine(after),
  ]);
  expect(failure).toMatchObject({ code: 'judge_crashed', message: expect.stringContaining('crash.jpg') });
  expect([first, last]).toEqual([await examinePhotograph(before), await examinePhotograph(after)]);
});

test('a process that answers what nobody can read is ended and replaced, and the program goes on', async () => {
  const examiner = open({ entry: crashing });
  const [before, guilty] = [await picture('a.jpg'), await picture('garble.jpg', 1)];
  const [first, failure] = await Promise.all([examiner.examine(before), failureOf(examiner.examine(guilty))]);
  expect(failure).toMatchObject({
    code: 'judge_crashed',
    message: expect.stringMatching(/garble\.jpg: .* sent what nobody can read, and was ended/),
  });
  expect(first).toEqual(await examinePhotograph(before));
  expect((await examiner.examine(before)).width).toBe(200);
});

test('a picture that never comes to an end is given up after its time', async () => {
  const examiner = open({ entry: crashing, limits: { stallMs: 300 } });
  const failure = await failureOf(examiner.examine(await picture('hang.jpg')));
  expect(failure).toMatchObject({ code: 'time_limit', message: expect.stringContaining('hang.jpg') });
  expect((await examiner.examine(await picture('a.jpg'))).width).toBe(200);
});

test('a picture that needs more memory than it may ends the process, and is refused', async () => {
  const examiner = open({ limits: { memory: 150 * 2 ** 20 } });
  // Rows of an interlaced PNG cannot be read one after another: its decoder holds the whole picture.
  const bomb = path.join(folder, 'bomb.png');
  await sharp({ create: { width: 9000, height: 9000, channels: 3, background: '#808080' } })
    .png({ compressionLevel: 9, progressive: true })
    .toFile(bomb);
  expect(await failureOf(examiner.examine(bomb))).toMatchObject({
    code: 'memory_limit',
    message: expect.stringContaining('bomb.png'),
  });
});

test('an intake goes on past a picture that ends its process, names it, and the case holds the others', async () => {
  const examiner = open({ entry: crashing });
  const { cases, takeIn, items } = await setUpEvidence({ examiner });
  const { id } = await cases.create({ name: 'Doe' });
  const files = [...(await writePictures(folder, 3)), await picture('crash.jpg', 7)];
  const report = await takeIn(files);
  expect(report).toMatchObject({ added: 3, refused: 1 });
  expect(report.refusedList[0]).toMatchObject({
    path: expect.stringContaining('crash.jpg'),
    error: { code: 'judge_crashed' },
  });
  expect((await items(id)).map(({ name }) => name).toSorted()).toEqual(['0.png', '1.png', '2.png']);
});

test('closing ends what is decoded just then', async () => {
  const examiner = open({ entry: crashing });
  const failure = failureOf(examiner.examine(await picture('hang.jpg')));
  await examiner.close();
  expect((await failure).code).toBe('cancelled');
  expect((await failureOf(examiner.examine(await picture('a.jpg')))).code).toBe('cancelled');
});
