import { describe, expect, test } from 'vitest';
import { resolveTrainingConfig } from '#engine/training/training-config.ts';
import {
  chooseVariants,
  parseVariants,
  studyVariants,
  variantWith,
} from '#features/method-study/variants.ts';

const parse = (value: unknown) => () => parseVariants(JSON.stringify(value), 'rows.json');

/** The fields that two rows differ in once every default is filled in. */
function differences(a: string, b: string): string[] {
  const [one, other] = [a, b].map((name) =>
    Object.entries(resolveTrainingConfig(chooseVariants([name], studyVariants)[0]!.overrides)),
  );
  return one!.flatMap(([field, value], i) => (other![i]![1] === value ? [] : [field])).sort();
}

describe('the rows of the study', () => {
  test.each([
    ['a', 'b', ['frequencyBands']],
    ['b', 'c', ['lambdaDiversity', 'lambdaFused', 'lambdaSimilarity']],
    ['c', 'd', ['drawnMasks', 'generatorMode', 'replayShare']],
    ['d', 'e', ['blendsPerBatch', 'generatorMode', 'stylePerBatch']], // of one sum, which is all that counts in d
    ['e', 'f', ['replayShare']],
    ['f', 'g', ['adversarial', 'generatorSimilarity']],
    ['f', 'h', ['selfReferenceShare']],
  ])('%s and %s differ in %j alone', (a, b, fields) => {
    expect(differences(a, b)).toEqual(fields);
  });

  test('are chosen by name, in the order of the table', () => {
    expect(chooseVariants(['f', 'a'], studyVariants).map(({ name }) => name)).toEqual(['a', 'f']);
    expect(() => chooseVariants(['z'], studyVariants)).toThrow('There is no row "z".');
  });
});

describe('a further row', () => {
  test('comes from a file, alone or as one of several', () => {
    const row = { name: 'wide', title: 'wider crops', overrides: { crop: 96 } };
    expect(parse(row)()).toEqual([row]);
    expect(parse([row, { name: 'other', overrides: { lambdaFused: 2 } }])()[1]).toEqual({
      name: 'other',
      title: 'the whole method with lambdaFused 2',
      overrides: { lambdaFused: 2 },
    });
  });

  test.each([
    [{ name: 'a', overrides: {} }, /the study itself uses that name|2 to 40/],
    [{ name: 'no/slash', overrides: {} }, /2 to 40 letters/],
    [{ name: 'wide' }, /overrides/],
    [{ name: 'wide', overrides: {}, oops: 1 }, /oops/],
    [
      [
        { name: 'wide', overrides: {} },
        { name: 'wide', overrides: {} },
      ],
      /one name to two rows/,
    ],
  ])('is refused as %j', (value, message) => {
    expect(parse(value)).toThrow(message);
  });

  test('comes from field=value, with numbers as numbers', () => {
    expect(variantWith('heavy', 'jpegShare=0.85, generatorMode=blend')).toEqual({
      name: 'heavy',
      title: 'the whole method with jpegShare 0.85, generatorMode blend',
      overrides: { jpegShare: 0.85, generatorMode: 'blend' },
    });
    expect(() => variantWith('heavy', 'jpegShare')).toThrow('"jpegShare" is not of the form field=value');
    expect(() => variantWith('a', 'jpegShare=1')).toThrow('"a"');
  });
});
