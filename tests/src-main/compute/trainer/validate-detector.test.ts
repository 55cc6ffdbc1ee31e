import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { decodePhotograph } from '#compute/decoding/decode-photograph.ts';
import { judgeValidation } from '#compute/trainer/judge-validation.ts';
import { calibrateModel, validateDetector } from '#compute/trainer/validate-detector.ts';
import { modelCalibration } from '#contract/calibration.ts';
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
    const { calibration, validation } = await validateDetector(
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
    expect(validation.protocol).toMatch(/24 photographs .* JPEG of quality 85 to 100 .* 70 to 84/);
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
