import { describe, expect, test } from 'vitest';
import { perturb, perturbations } from '#compute/perturbations.ts';
import type { RgbImage } from '#engine/ports.ts';
import { Random } from '#engine/random.ts';
import type { JudgedRow } from '#features/evaluation/figures.ts';
import { robustnessOf } from '#features/evaluation/robustness.ts';

const random = new Random(1);
const image: RgbImage = {
  ...{ width: 40, height: 24 },
  data: Uint8Array.from({ length: 40 * 24 * 3 }, () => random.integer(256)),
};
const deviation = (of: RgbImage): number => {
  const mean = of.data.reduce((sum, value) => sum + value, 0) / of.data.length;
  return Math.sqrt(of.data.reduce((sum, value) => sum + (value - mean) ** 2, 0) / of.data.length);
};

describe('a change of a picture', () => {
  test('is the same twice, leaves the picture as it was, and does what it is called', async () => {
    const before = image.data.slice();
    for (const change of perturbations) {
      const once = await perturb(image, change);
      expect(await perturb(image, change)).toEqual(once);
      expect(once.data).toHaveLength(once.width * once.height * 3);
      expect(once.data, `${change.kind} ${change.level}`).not.toEqual(image.data);
    }
    expect(image.data).toEqual(before);
    expect(await perturb(image, { kind: 'scale', level: 0.5 })).toMatchObject({ width: 20, height: 12 });
    const cropped = await perturb(image, { kind: 'crop', level: 7 });
    expect(cropped).toMatchObject({ width: 33, height: 17 });
    expect(cropped.data.subarray(0, 3)).toEqual(image.data.subarray((7 * 40 + 7) * 3, (7 * 40 + 7) * 3 + 3));
    const [mild, strong] = [
      await perturb(image, { kind: 'blur', level: 0.5 }),
      await perturb(image, { kind: 'blur', level: 2 }),
    ];
    expect(deviation(strong)).toBeLessThan(deviation(mild));
    const grey = { ...image, data: image.data.map(() => 128) };
    expect(deviation(await perturb(grey, { kind: 'noise', level: 5 }))).toBeCloseTo(5, 0);
  });
});

describe('robustness', () => {
  const row = (path: string, simulated: boolean, score: number): JudgedRow => ({
    ...{
      path,
      simulated,
      category: null,
      group: path,
      source: '.',
      tier: 'lossless',
      score,
      llr: null,
      map: null,
    },
    verdict: score > 1 ? 'simulated' : 'inconclusive',
  });

  test('has the AUC after each change, the share without a verdict, and the share whose verdict changes', () => {
    const before = [row('a', false, 0), row('b', false, 0.5), row('c', true, 2), row('d', true, 3)];
    const at = (kind: 'jpeg' | 'noise', level: number, scores: number[]) =>
      before.map((one, i) => ({ change: { kind, level }, row: row(one.path, one.simulated, scores[i]!) }));
    const points = robustnessOf(
      before,
      [...at('jpeg', 90, [0, 0.5, 0.9, 3]), ...at('noise', 10, [2, 0, 0, 0])],
      new Random(0),
    );
    expect(points).toMatchObject([
      {
        ...{ kind: 'jpeg', level: 90, counts: { real: 2, simulated: 2 } },
        ...{ auc: { value: 1 }, inconclusive: { value: 0.75 }, changed: { value: 0.25 } },
      },
      { kind: 'noise', level: 10, auc: { value: 0.25 }, changed: { value: 0.75 } },
    ]);
  });
});
