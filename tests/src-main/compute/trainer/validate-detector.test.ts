import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decodePhotograph } from '#compute/decoding/decode-photograph.ts';
import { chooseAggregation } from '#compute/trainer/choose-aggregation.ts';
import { judgeForgeries, judgeValidation, type JudgedItem } from '#compute/trainer/judge-validation.ts';
import { calibrateModel, validateDetector } from '#compute/trainer/validate-detector.ts';
import { modelCalibration } from '#contract/calibration.ts';
import { scoreAggregation } from '#contract/model.ts';
import type { TrainerPhotograph } from '#contract/trainer-messages.ts';
import { compressionTiers } from '#engine/evaluation/compression-tier.ts';
import { forgeryOperations } from '#engine/evaluation/forgeries.ts';
import { Random } from '#engine/random.ts';
import { openDetector, type Detector } from '#inference/detector-session.ts';
import { judgePhotograph } from '#inference/judge-photograph.ts';
import { hashFile } from '#storage/hash-file.ts';
import { writeTinyDetector } from '#tests/support/tiny-detector.ts';

let folder: string;
let detector: Detector;
const photographs: TrainerPhotograph[] = [];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pentimento-validation-'));
  detector = await openDetector(await writeTinyDetector(join(folder, 'tiny.onnx')));
  const random = new Random(1);
  for (let i = 0; i < 24; i++) {
    const path = join(folder, `${i}.png`);
    const data = Buffer.from(
      Uint8Array.from({ length: 136 * 128 * 3 }, (_, at) =>
        Math.min(255, Math.max(0, Math.round(60 + 4 * i + 30 * Math.sin(at / 50) + random.normal(0, 20)))),
      ),
    );
    await sharp(data, { raw: { width: 136, height: 128, channels: 3 } })
      .png()
      .toFile(path);
    const sha256 = await hashFile(path);
    photographs.push({
      ...{ path, sha256, label: 'real', split: 'validation', category: null, maskPath: null },
      // The last two are of one scene.
      group: `scene ${Math.min(i, 22)}`,
    });
  }
});
afterAll(async () => {
  await detector.dispose();
  await rm(folder, { recursive: true, force: true });
});

describe('the validation of a detector', () => {
  test('judges each photograph untouched and by every operation, in each tier, both classes saved alike', async () => {
    const told: number[][] = [];
    const judged = await judgeValidation(detector, photographs.slice(0, 3), 5, (...at) => told.push(at));
    expect(told).toEqual([
      [1, 3],
      [2, 3],
      [3, 3],
    ]);
    expect(judged.forgeriesEach).toBe(forgeryOperations.length);
    expect(judged.items).toHaveLength(3 * compressionTiers.length * 7);
    expect(judged).toMatchObject({ coloured: 3, grey: 0, pixels: { most: 136 * 128 } });
    // The second photograph was changed a little as a whole, both classes alike; the others are as they were.
    const scoreOf = (i: number): number =>
      judged.items.find(
        ({ group, tier, simulated }) => group === `scene ${i}` && tier === 'lossless' && !simulated,
      )!.score;
    for (const i of [0, 1, 2]) {
      const { image } = await decodePhotograph(photographs[i]!.path);
      const { score } = await judgePhotograph(detector, image);
      if (i === 1) expect(scoreOf(i)).not.toBe(score);
      else expect(scoreOf(i)).toBe(score);
    }
    for (const tier of compressionTiers) {
      const own = judged.items.filter((item) => item.tier === tier);
      expect(own.filter(({ simulated }) => !simulated).map(({ group }) => group)).toEqual(
        [0, 1, 2].map((i) => `scene ${i}`),
      );
      expect(own.flatMap(({ category }) => category ?? []).sort()).toEqual(
        forgeryOperations.flatMap((name) => [name, name, name]).sort(),
      );
    }
    const again = await judgeValidation(detector, photographs.slice(0, 3), 5, () => undefined);
    expect(again).toEqual(judged);
  });

  test('carries a calibration of each tier by groups, that the contract knows', async () => {
    const { calibration, validation, references, aggregation } = await validateDetector(
      detector,
      photographs,
      { seed: 5, rendered: true },
      () => undefined,
    );
    expect(modelCalibration.parse(JSON.parse(JSON.stringify(calibration)))).toEqual(calibration);
    expect(calibration!.tiers.map(({ tier }) => tier)).toEqual([...compressionTiers]);
    for (const { counts, categories } of calibration!.tiers) {
      expect(counts).toEqual({ real: 24, simulated: 144, realGroups: 23, simulatedGroups: 23 });
      expect(categories.map(({ category }) => category)).toEqual([...forgeryOperations].sort());
    }
    expect(calibration!.domain).toMatchObject({ coloured: 23, rendered: true });
    expect(calibration!.propositions.simulated).toContain('copy-move');
    expect(validation).toMatchObject({ realCount: 72, simulatedCount: 432 });
    expect(new Set(references.map(({ photograph }) => photograph))).toEqual(
      new Set(photographs.map(({ sha256 }) => sha256)),
    );
    expect(references.filter(({ category }) => category === null)).toHaveLength(24 * 3);
    expect(references.filter(({ category }) => category !== null)).toHaveLength(24 * 3);
    expect(aggregation!.candidates.map(({ name }) => name)).toEqual(scoreAggregation.options);
    expect(validation.protocol).toMatch(/24 photographs .* JPEG of quality 85 to 100 .* 70 to 84/);
  });

  test('reads each photograph once, although each is also the donor of another', async () => {
    const read: number[] = [];
    const source = {
      count: 3,
      read: async (i: number) => {
        read.push(i);
        return (await decodePhotograph(photographs[i]!.path)).image;
      },
    };
    await judgeForgeries(detector, { source, groups: ['a', 'b', 'c'] }, { seed: 5 });
    expect(read).toEqual([0, 1, 2]);
  });

  test('is without a calibration where groups are too few, however many the pictures', async () => {
    const judged = await judgeValidation(detector, photographs.slice(0, 20), 5, () => undefined);
    const few = {
      ...judged,
      items: judged.items.map((item) => ({ ...item, group: `${item.group.length}` })),
    };
    const options = { rendered: false, random: new Random(0) };
    expect(calibrateModel(few, options)).toBeNull();
    expect(calibrateModel(judged, options)).not.toBeNull();
  });
});

describe('the aggregation of the score', () => {
  const random = new Random('aggregation');
  /** Items of 30 groups whose `score` tells the classes apart by so many deviations, by each aggregation. */
  const items = (apart: Partial<JudgedItem['scores']>, groups = 30): JudgedItem[] =>
    Array.from({ length: 2 * groups }, (_, i) => {
      const simulated = i % 2 === 1;
      const scores = Object.fromEntries(
        scoreAggregation.options.map((name) => [
          name,
          new Random(`${name} ${i}`).normal(0, 1) + (simulated ? (apart[name] ?? 0.5) : 0),
        ]),
      ) as JudgedItem['scores'];
      return {
        ...{ simulated, scores, score: scores['top-tenth'], tier: 'lossless', photograph: i >> 1 },
        ...{ group: `${i >> 1}`, category: simulated ? 'splice' : null, tiles: 9, features: [] },
        picture: { width: 99, height: 99, format: 'png', quality: null, grey: false },
      };
    });

  test('is the one of the lowest held-out cost, with the figures of every candidate beside it', () => {
    const { chosen, aggregation } = chooseAggregation(items({ median: 3, maximum: 2 }), random);
    expect(chosen).toBe('median');
    const of = (name: string) => aggregation!.candidates.find((one) => one.name === name)!;
    expect(of('median').cllr).toBeLessThan(of('maximum').cllr);
    expect(of('median').auc).toBeGreaterThan(0.95);
    expect(aggregation!.criterion).toContain('held-out');
  });

  test('stays the usual one where no other is clearly better, or there is too little to tell', () => {
    expect(chooseAggregation(items({ 'top-tenth': 3, median: 3.05 }), random).chosen).toBe('top-tenth');
    expect(chooseAggregation(items({ median: 3 }, 19), random)).toEqual({
      chosen: 'top-tenth',
      aggregation: null,
    });
  });
});
