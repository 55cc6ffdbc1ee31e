/** What a run warns of: each sign once when it begins, once when it is over. */
import { describe, expect, test } from 'vitest';
import {
  collapseCodes,
  noSigns,
  watchCollapse,
  type CollapseCode,
  type CollapseSign,
  type CurvePoint,
} from '#engine/training/collapse-watch.ts';
import { resolveTrainingConfig } from '#engine/training/training-config.ts';

const config = resolveTrainingConfig();
const sound: Omit<CurvePoint, 'step'> = {
  losses: { cls: 0.5, sim: 0.2, div: 0.1, totalGenerator: 1, totalDetector: 2 },
  accuracy: 0.75,
  maskArea: 0.2,
  blends: { areas: [0.15, 0.2, 0.22, 0.18], deviation: 0.35, change: 12 },
  styleChange: 3,
};
const blends = (changes: object) => ({ ...sound, blends: { ...sound.blends!, ...changes } });

/** What is said at points 10 steps apart, from step 1000 on: `bad` ones, then as many sound ones. */
function watch(bad: Omit<CurvePoint, 'step'>, { points = 40, of = config } = {}): CollapseSign[] {
  const state = noSigns();
  const signs: CollapseSign[] = [];
  for (let i = 0; i < 2 * points; i++)
    signs.push(...watchCollapse(state, { ...(i < points ? bad : sound), step: 1000 + 10 * i }, of));
  return signs;
}

const collapsed: Record<CollapseCode, Omit<CurvePoint, 'step'>> = {
  mask_area: blends({ areas: [0.2, 0.03, 0.2, 0.2] }),
  masks_undecided: blends({ deviation: 0.2 }),
  kernels_alike: { ...sound, losses: { ...sound.losses, div: 0.6 } },
  blends_invisible: blends({ change: 4 }),
  style_unchanged: { ...sound, styleChange: 0.5 },
  detector_at_chance: { ...sound, accuracy: 0.51 },
  detector_saturated: { ...sound, accuracy: 0.995 },
};

test.each(collapseCodes)('%s is said once when it begins and once when it is over', (code) => {
  const signs = watch(collapsed[code]);
  expect(signs.map((sign) => [sign.code, sign.over])).toEqual([
    [code, false],
    [code, true],
  ]);
  for (const { message } of signs) expect(message).toMatch(/^[A-Z].*\.$/);
});

test('a sound run says nothing', () => {
  expect(watch(sound)).toEqual([]);
});

test('a large fused mask counts as a small simulated one does, and the sentence names the worst', () => {
  const [sign] = watch({ ...collapsed.mask_area, maskArea: 0.61 });
  expect(sign).toMatchObject({ code: 'mask_area', message: expect.stringContaining('61 %') as string });
});

describe('a sign must last', () => {
  test('single bad points, and few in a row, say nothing', () => {
    const state = noSigns();
    for (let i = 0; i < 60; i++) {
      const point = i % 5 === 4 ? sound : collapsed.masks_undecided;
      expect(watchCollapse(state, { ...point, step: 10 * i }, config)).toEqual([]);
    }
  });

  test('three points are needed even where they lie far apart', () => {
    const state = noSigns();
    const at = (step: number) => watchCollapse(state, { ...collapsed.mask_area, step }, config).length;
    expect([at(1000), at(2000), at(3000)]).toEqual([0, 0, 1]);
  });

  test('the detector is given longer than the generator', () => {
    expect(watch(collapsed.detector_at_chance, { points: 20 })).toEqual([]);
    expect(watch(collapsed.mask_area, { points: 20 })).toHaveLength(2);
  });
});

describe('what is not there is not warned of', () => {
  test.each([
    ['style before its warm-up is over', { ...sound, styleChange: 0 }, { styleWarmup: 10_000 }],
    ['style in a run that transfers none', { ...sound, styleChange: 0 }, { generatorMode: 'blend' as const }],
    ['the likeness of a single kernel', collapsed.kernels_alike, { kernels: 1 }],
    ['masks that are not learned', { ...sound, blends: null, maskArea: 0 }, {}],
  ])('%s', (_, point, changes) => {
    expect(watch(point, { of: { ...config, ...changes } })).toEqual([]);
  });
});

test('a watch that goes on from its state as text says what it would have said', () => {
  let state = noSigns();
  const signs: CollapseSign[] = [];
  for (let i = 0; i < 80; i++) {
    const point = { ...(i < 40 ? collapsed.mask_area : sound), step: 1000 + 10 * i };
    signs.push(...watchCollapse(state, point, config));
    state = JSON.parse(JSON.stringify(state)) as typeof state;
  }
  expect(signs).toEqual(watch(collapsed.mask_area));
});
