import { describe, expect, test } from 'vitest';
import type { Model } from '#contract/model.ts';
import { Random } from '#engine/random.ts';
import { checkItems, type CheckedItem } from '#features/evaluation/held-out-check.ts';
import { validationPage } from '#features/evaluation/validation-page.ts';
import { tinyPassport } from '#tests/support/tiny-detector.ts';

const random = new Random(1);
/** Of each group one real picture and two forged ones: a kind that is seen and one that is not. */
function items(shift: number): CheckedItem[] {
  return Array.from({ length: 40 }, (_, i) =>
    [null, 'hard-splice', 'copy-move'].map((category): CheckedItem => {
      const llr = (category === 'hard-splice' ? 1.5 : -0.5) + random.normal(0, 1);
      return {
        ...{
          tier: 'lossless',
          group: `${i}`,
          category,
          simulated: category !== null,
          tiles: 9,
          features: [],
        },
        picture: { width: 1, height: 1, format: 'png', quality: null, grey: false },
        ...{ score: llr, llr: llr + shift, verdict: llr > 2.3 ? 'simulated' : 'inconclusive' },
      };
    }),
  ).flat();
}
const model: Model = {
  ...{ id: 'm', runId: null, name: 'tiny', sha256: 'c'.repeat(64), bytes: 1, createdAt: 0, current: true },
  passport: tinyPassport({ rendered: false, cannotJudge: ['Wholly generated pictures: it saw none.'] }),
};
const page = (of: CheckedItem[]): string =>
  validationPage(model, {
    ...{ photographs: 40, forgeriesEach: 2, pictures: of.length },
    tiers: checkItems(of, new Random(0)),
  });

describe('a validation page', () => {
  const text = page(items(0));

  test('says what was tested, on how many pictures, and what was not', () => {
    expect(text).toContain('40 photographs of the dataset "test"');
    expect(text).toContain('120 pictures in all');
    expect(text).toContain('Nothing else was tested');
    expect(text).toContain('- Wholly generated pictures: it saw none.');
    expect(text).toMatch(/Of 40 untouched pictures it called \d+ simulated, 0 real, \d+ inconclusive/);
  });

  test('calls a category at chance inconclusive instead of guessing, and another one told', () => {
    const line = (name: string): string => text.split('\n').find((one) => one.startsWith(`| ${name}`))!;
    expect(line('copy-move')).toContain(
      'inconclusive: not told from untouched pictures better than by chance',
    );
    expect(line('hard-splice')).toMatch(/\| (moderately|well) \|/);
    expect(text).toContain('- Saved as PNG, forgeries by copy-move: at chance, so inconclusive.');
  });

  test('says whether ratios mean what they say', () => {
    expect(page(items(3))).toContain('should not be relied on');
    expect(text).toMatch(/ratios that mean exactly what they say would show 0\.\d{3}/);
    const silent = items(0).map((item) => ({ ...item, llr: null }));
    expect(page(silent)).toContain('they cannot be checked');
  });

  test('of a model without a calibration says that every verdict is inconclusive', () => {
    const bare = { ...model, passport: tinyPassport({ calibration: null }) };
    const tiers = checkItems(items(0), new Random(0));
    const found = validationPage(bare, { photographs: 40, forgeriesEach: 2, pictures: 120, tiers });
    expect(found).toContain('The model is not calibrated. Every verdict is inconclusive.');
  });
});
