/** The passport of a model: what it says of its data, licences and limits, and that passports of older versions are read. */
import { expect, test } from 'vitest';
import { readOnnxFacts } from '#compiler/onnx-file.ts';
import { describeModel, traceDetector, writeDetector } from '#compute/trainer/export-detector.ts';
import { modelPassport, writtenPassport } from '#contract/model.ts';
import type { TrainerPhotograph } from '#contract/trainer-messages.ts';
import { readPassport } from '#inference/detector-session.ts';
import { drawnState, exampleStart } from '#tests/support/exported-detector.ts';
import { tinyPassport } from '#tests/support/tiny-detector.ts';

const photographs: TrainerPhotograph[] = [
  { label: 'real' as const, licence: 'CC0' },
  { label: 'real' as const, licence: 'CC BY 4.0' },
  { label: 'reference' as const, licence: 'CC BY 4.0' },
  { label: 'simulated' as const },
].map((facts, i) => ({
  ...{ path: `/${i}`, sha256: String(i).repeat(64), split: 'train', category: null, maskPath: null },
  ...facts,
}));

test('the passport in the file names the version, the data, its licences, and what the model cannot judge', async () => {
  const state = drawnState();
  const datasetVersion = { number: 3, contentHash: 'e'.repeat(64) };
  const passport = describeModel(
    { ...exampleStart, photographs, datasetVersion, rendered: false },
    state,
    null,
    7,
  );
  const file = writeDetector(await traceDetector(state), passport);
  expect(readPassport(file, 'detector.onnx')).toEqual(passport);
  expect(passport).toMatchObject({
    datasetVersion,
    data: {
      ...{ real: 2, reference: 1, simulated: 1 },
      licences: [
        { licence: 'CC BY 4.0', pictures: 2 },
        { licence: 'CC0', pictures: 1 },
        { licence: null, pictures: 1 },
      ],
    },
  });
  expect(passport.cannotJudge.join(' ')).toContain(`fewer than ${state.config.crop} pixels`);
  expect(passport.cannotJudge).toContain('Wholly generated pictures: it saw none.');
  // Programs that know nothing of passports find the limits all the same.
  const { limits } = readOnnxFacts(file).metadata;
  for (const what of [...passport.limits, ...passport.cannotJudge]) expect(limits).toContain(what);
});

test('a passport from before datasets had versions is read, and says that it does not know', () => {
  const { datasetVersion, data, cannotJudge, ...older } = tinyPassport();
  expect([datasetVersion, data, cannotJudge]).toEqual([null, null, []]);
  const read = writtenPassport.parse(JSON.parse(JSON.stringify(older)));
  expect(modelPassport.parse(read)).toEqual({ ...older, datasetVersion: null, data: null, cannotJudge: [] });
});
