import { describe, expect, test } from 'vitest';
import { verdictStatement, type ModelCalibration } from '#contract/calibration.ts';
import { state, type StateInput } from '#features/calibration/state.ts';
import { verbalScale } from '#features/calibration/verbal-scale.ts';
import { tinyCalibration } from '#tests/support/tiny-detector.ts';

const picture = { width: 640, height: 480, format: 'png', quality: null, grey: false, rendered: false };
const say = (score: number, changes: Partial<StateInput> = {}) =>
  state({ score, tiles: 70, features: [], picture, calibration: tinyCalibration(), ...changes });
/** The calibration with its tier for PNG changed. */
const lossless = (changes: Partial<ModelCalibration['tiers'][number]>): ModelCalibration => {
  const [first, ...others] = tinyCalibration().tiers;
  return tinyCalibration({ tiers: [{ ...first!, ...changes }, ...others] });
};

describe('a statement', () => {
  test.each([
    { score: 5, verdict: 'simulated', llr: Math.log(40) },
    { score: 1.97, verdict: 'simulated', llr: 5 * 1.97 - 7.5 },
    { score: 1.95, verdict: 'inconclusive', llr: 5 * 1.95 - 7.5 },
    { score: 1.05, verdict: 'inconclusive', llr: 5 * 1.05 - 7.5 },
    { score: 1.03, verdict: 'real', llr: 5 * 1.03 - 7.5 },
    { score: -9, verdict: 'real', llr: -Math.log(40) },
  ])('on a score of $score is $verdict', ({ score, verdict, llr }) => {
    const stated = say(score);
    expect(stated.verdict).toBe(verdict);
    expect(stated.llr).toBeCloseTo(llr, 10);
    expect(stated.reason).toContain(score.toFixed(2));
    expect(stated.reason).toContain('40 untouched and 40 forged');
    expect(verdictStatement.parse(stated.statement)).toEqual(stated.statement);
    expect(stated.statement!.obstacles.length).toBe(verdict === 'inconclusive' ? 1 : 0);
  });

  test('names its propositions, its words, its bounds, and that the ratio was cut to them', () => {
    const { statement, reason } = say(9);
    expect(statement).toMatchObject({
      propositions: { simulated: 'It was forged.', real: 'It was not.' },
      tier: 'lossless',
      verbal: 'moderate support for simulated rather than real',
      cut: true,
    });
    expect(reason).toMatch(/40 times as probable for a forged picture .* no more than 40 times/);
    expect(statement!.limits.join(' ')).toContain('cut to what the amount of validation data supports');
    expect(say(1.97).statement!.cut).toBe(false);
  });

  test('without a calibration is inconclusive and gives no ratio', () => {
    const stated = say(50, { calibration: null });
    expect(stated).toMatchObject({ verdict: 'inconclusive', llr: null, statement: null });
    expect(stated.reason).toContain('not calibrated');
  });

  test.each([
    ['format', { picture: { ...picture, format: 'webp' } }, /saved as WEBP/],
    ['quality', { picture: { ...picture, format: 'jpeg', quality: 60 } }, /JPEG of quality 60/],
    ['size below', { picture: { ...picture, width: 32, height: 32 } }, /1,024 pixels/],
    ['size above', { picture: { ...picture, width: 1001, height: 1000 } }, /1,001,000 pixels/],
    ['number of tiles', { tiles: 3 }, /only 3 tiles/],
    ['rendering', { picture: { ...picture, rendered: true } }, /rendered/],
    [
      'colour',
      {
        picture: { ...picture, grey: true },
        calibration: tinyCalibration({ domain: { ...tinyCalibration().domain, grey: 19 } }),
      },
      /no colour/,
    ],
    [
      'features',
      {
        features: [9],
        calibration: tinyCalibration({ density: { mean: [0], factor: [2], limit: 4 } }),
      },
      /distance 4\.5/,
    ],
  ])('outside the validated %s gives no ratio, and says so', (_, changes, message) => {
    const stated = say(50, changes);
    expect(stated).toMatchObject({ verdict: 'inconclusive', llr: null });
    expect(stated.statement).toMatchObject({ bounds: null, verbal: null });
    expect(stated.reason).toMatch(message);
    expect(stated.reason).toContain('Outside what the model was validated on');
  });

  test('inside, at the edges of what was validated, gives a ratio', () => {
    const inside = (changes: Partial<StateInput>) => expect(say(50, changes).verdict).toBe('simulated');
    inside({ picture: { ...picture, width: 1000, height: 1000 } });
    inside({ picture: { ...picture, width: 64, height: 32 }, tiles: 4 });
    inside({ picture: { ...picture, grey: true } });
    inside({ picture: { ...picture, format: 'jpeg', quality: 70 } });
    inside({
      features: [8],
      calibration: tinyCalibration({ density: { mean: [0], factor: [2], limit: 4 } }),
    });
  });

  test('compares a picture with those of its own compression tier', () => {
    const calibration = lossless({ map: { kind: 'logistic', slope: 5, offset: -107.5 } });
    expect(say(3, { calibration }).verdict).toBe('real');
    expect(say(3, { calibration, picture: { ...picture, format: 'jpeg', quality: 95 } }).verdict).toBe(
      'simulated',
    );
  });

  test('gives no ratio in a tier in which the model is at chance', () => {
    const stated = say(50, { calibration: lossless({ atChance: true }) });
    expect(stated).toMatchObject({ verdict: 'inconclusive', llr: null });
    expect(stated.reason).toContain('does not tell forged from untouched');
  });

  test('does not call a picture real where a kind of forgery is at chance, but may call it simulated', () => {
    const figure = { value: 0.51, interval: [0.45, 0.58] as [number, number] };
    const calibration = lossless({
      categories: [
        { category: 'copy-move', simulated: 40, auc: figure, atChance: true },
        { category: 'hard-splice', simulated: 40, auc: figure, atChance: false },
        { category: 'local-blur', simulated: 40, auc: figure, atChance: true },
      ],
    });
    const stated = say(-50, { calibration });
    expect(stated).toMatchObject({ verdict: 'inconclusive', llr: -Math.log(40) });
    expect(stated.reason).toContain('does not tell copy-move and local-blur from untouched');
    expect(say(50, { calibration }).verdict).toBe('simulated');
  });

  test('that the data cannot support says so, rather than that the ratio is small', () => {
    const calibration = lossless({ bounds: { lower: -1, upper: 2 } });
    expect(say(50, { calibration }).reason).toContain('The validation data support no ratio of 10 times');
    expect(say(1.5).reason).toContain('A verdict needs a ratio of at least 10 times');
  });

  test('that changes under small changes of the picture is inconclusive, with the reason and the ratio', () => {
    const unstable = say(5, { stability: { stable: false, reason: 'Saved again, it is called real.' } });
    expect(unstable).toMatchObject({ verdict: 'inconclusive', llr: Math.log(40) });
    expect(unstable.reason).toContain('Saved again, it is called real.');
    const stable = say(5, { stability: { stable: true, reason: '' } });
    expect(stable.verdict).toBe('simulated');
    expect(stable.statement!.limits.join(' ')).not.toContain('was not looked at');
    expect(say(5).statement!.limits.join(' ')).toContain('was not looked at');
  });
});

test.each([
  [1, 'no support'],
  [1.99, 'no support'],
  [2, 'weak support for simulated'],
  [10, 'moderate support'],
  [100, 'moderately strong support'],
  [1000, 'strong support for simulated'],
  [10_000, 'very strong support'],
  [1_000_000, 'extremely strong support'],
  [1 / 10, 'moderate support for real rather than simulated'],
  [1 / 9.99, 'weak support for real'],
])('a ratio of %d is said in words: %s', (ratio, words) => {
  expect(verbalScale(Math.log(ratio))).toContain(words);
  if (!words.includes('very') && !words.includes('extremely'))
    expect(verbalScale(Math.log(ratio))).not.toMatch(/very|extremely/);
});
