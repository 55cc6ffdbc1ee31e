import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { MAXIMUM_MODEL_BYTES, openDetector } from '#inference/detector-session.ts';
import { tinyPassport, writeTinyDetector, type TinyDetectorOptions } from '#tests/support/tiny-detector.ts';

let folder: string;
beforeAll(async () => (folder = await mkdtemp(join(tmpdir(), 'pentimento-detector-'))));
afterAll(() => rm(folder, { recursive: true, force: true }));

test('an exported detector opens with its passport and answers for any number of tiles', async () => {
  const file = await writeTinyDetector(join(folder, 'good.onnx'));
  const detector = await openDetector(file, { threads: 1 });
  try {
    expect(detector.passport).toEqual(tinyPassport());
    expect(detector.provider).toBe('cpu');
    for (const count of [1, 3]) {
      const out = await detector.run(new Uint8Array(count * 64 * 64 * 3).fill(255), count);
      expect(Object.values(out).map((values) => values.length / count)).toEqual([
        1, 256, 512, 4096, 64, 64, 0,
      ]);
      expect(out.logit.every((logit) => Math.abs(logit - 10) < 1e-4)).toBe(true);
    }
  } finally {
    await detector.dispose();
  }
});

test('a file from before there were ablations is one of the whole method', async () => {
  const added = ['pixelFormat', 'frequencyBands', 'generatorMode', 'calibration'];
  const old = Object.fromEntries(Object.entries(tinyPassport()).filter(([field]) => !added.includes(field)));
  const file = await writeTinyDetector(join(folder, 'old.onnx'), { passportText: JSON.stringify(old) });
  const detector = await openDetector(file);
  await detector.dispose();
  expect(detector.passport).toEqual(tinyPassport({ calibration: null }));
});

test.each<{ what: string; options: TinyDetectorOptions; says: string }>([
  { what: 'without a passport', options: { passportText: null }, says: 'no "pentimento.passport"' },
  { what: 'whose passport is no JSON', options: { passportText: '{' }, says: 'not JSON' },
  { what: 'whose passport lacks fields', options: { passportText: '{"opset":17}' }, says: 'not valid at' },
  { what: 'without maps', options: { without: ['maps'] }, says: 'it has no "maps"' },
  { what: 'without two outputs', options: { without: ['logit', 'map'] }, says: '"logit"; it has no "map"' },
  {
    what: 'with logits of two dimensions',
    options: { logitRank2: true },
    says: '"logit" has 2 dimensions, not 1',
  },
  { what: 'that wants floats', options: { inputType: 'float32' }, says: '"pixels" is float32, not uint8' },
  {
    what: 'of other kernels than it says',
    options: { passport: { kernels: 4 } },
    says: '"maps" has the shape',
  },
  {
    what: 'of another tile size than it says',
    options: { passport: { tileSize: 128 } },
    says: '"pixels" has the shape',
  },
  {
    what: 'of tiles as large as no picture',
    options: { passport: { tileSize: 2 ** 20 } },
    says: 'at most 1024 are used',
  },
  { what: 'of an odd alignment', options: { passport: { alignment: 12 } }, says: 'alignment of 12 pixels' },
  { what: 'that answers with NaN', options: { notANumber: true }, says: 'not finite numbers' },
])('a file $what is refused with what is wrong', async ({ options, says }) => {
  const file = await writeTinyDetector(join(folder, 'bad.onnx'), options);
  const error = await openDetector(file).then(
    () => null,
    (reason: unknown) => reason,
  );
  expect(error).toMatchObject({ code: 'model_invalid', message: expect.stringContaining(says) });
});

test('a file of more than a gigabyte is refused before it is read', async () => {
  const file = join(folder, 'huge.onnx');
  await writeFile(file, '');
  // A hole: it takes no space on the disk.
  await truncate(file, MAXIMUM_MODEL_BYTES + 1);
  await expect(openDetector(file)).rejects.toMatchObject({
    code: 'model_invalid',
    message: expect.stringContaining('it has 1024 MB, and at most 1024 are read'),
  });
});

test('a file that is no ONNX is refused by its name, and one that is not there is missing', async () => {
  const file = join(folder, 'holiday.onnx');
  await writeFile(file, 'not a model');
  await expect(openDetector(file)).rejects.toMatchObject({
    code: 'model_invalid',
    message: expect.stringContaining('holiday.onnx'),
  });
  await expect(openDetector(join(folder, 'none.onnx'))).rejects.toMatchObject({ code: 'file_not_found' });
});
