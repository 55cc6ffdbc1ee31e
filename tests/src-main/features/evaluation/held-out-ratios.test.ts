/**
 * Whether ratios mean what they say on groups that the calibration has not seen, through the whole path: pictures forged, saved
 * in each tier, judged whole, calibrated on one half and stated on for the other. The detector is a hand-made one, how far the
 * fine detail of a tile lies from that of the picture's other tiles, since a trained one takes minutes.
 */
import { expect, test } from 'vitest';
import { decodePhotograph } from '#compute/decoding/decode-photograph.ts';
import { judgeForgeries, type JudgedForgeries } from '#compute/trainer/judge-validation.ts';
import { calibrateModel } from '#compute/trainer/validate-detector.ts';
import { applyCalibration } from '#engine/evaluation/calibration.ts';
import { calibrationLoss } from '#engine/evaluation/calibration-loss.ts';
import { auc } from '#engine/evaluation/metrics.ts';
import { withinBounds } from '#engine/evaluation/ratio-bounds.ts';
import type { RgbImage } from '#engine/ports.ts';
import { Random } from '#engine/random.ts';
import { renderScenes } from '#features/samples/scene-renderer.ts';
import type { Detector } from '#inference/detector-session.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';
import { write } from '#tests/support/sample-files.ts';
import { tinyPassport } from '#tests/support/tiny-detector.ts';

/** Half of them to calibrate with. On 50 held-out ones the minimum is found so low that even perfect ratios lie about .05 above it. */
const SCENES = 180;
/** In bits. */
const MOST = 0.05;

/** Minus ln of the mean difference of horizontal neighbours in green: high where detail was smoothed away. */
function smoothness(pixels: Uint8Array, from: number, side: number): number {
  let sum = 0;
  for (let y = 0; y < side; y++)
    for (let x = 1; x < side; x++) {
      const at = from + (y * side + x) * 3 + 1;
      sum += Math.abs(pixels[at]! - pixels[at - 3]!);
    }
  return -Math.log(sum / side ** 2 + 0.1);
}
const detector: Detector = {
  passport: tinyPassport({ scoreAggregation: 'contrast' }),
  ...{ provider: 'cpu', runtimeMs: 0, dispose: async () => undefined },
  run: async (pixels, count) => ({
    logit: Float32Array.from({ length: count }, (_, i) => smoothness(pixels, i * 64 * 64 * 3, 64)),
    map: new Float32Array(count * 256),
    maps: new Float32Array(count * 512),
    globalSpectrum: new Float32Array(count * 64 * 64),
    localSpectrum: new Float32Array(count * 64),
    blockSpectrum: new Float32Array(count * 64),
    ablated: new Float32Array(),
  }),
};

async function judged(images: readonly RgbImage[], seed: number): Promise<JudgedForgeries> {
  const source = { count: images.length, read: async (i: number) => images[i]! };
  return judgeForgeries(detector, { source, groups: images.map((_, i) => `${i}`) }, { seed });
}

/** C_llr less its minimum in each tier, on the second half of the pictures. */
async function losses(images: readonly RgbImage[]): Promise<{ tier: string; auc: number; loss: number }[]> {
  const half = images.length / 2;
  const calibration = calibrateModel(await judged(images.slice(0, half), 1), {
    rendered: true,
    random: new Random('calibration'),
  });
  const held = await judged(images.slice(half), 2);
  return calibration!.tiers.map(({ tier, map, bounds }) => {
    const own = held.items.filter((item) => item.tier === tier);
    const labels = own.map(({ simulated }) => Number(simulated));
    const llrs = own.map(({ score }) => withinBounds(applyCalibration(map, score), bounds));
    const scores = own.map(({ score }) => score);
    const { loss } = calibrationLoss(llrs, labels, { random: new Random('loss') })!;
    return { tier, auc: auc(scores, labels)!, loss };
  });
}

test('of rendered scenes in every tier C_llr lies at most .05 above its minimum', async () => {
  const images: RgbImage[] = [];
  const folder = temporaryFolder();
  for await (const { bytes, name } of renderScenes({ count: SCENES, seed: 3, width: 256, height: 192 }))
    images.push((await decodePhotograph(write(folder, name, bytes))).image);
  const found = await losses(images);
  expect(found).toHaveLength(3);
  // At chance every calibration is right.
  expect(found[0]!.auc, JSON.stringify(found)).toBeGreaterThan(0.55);
  for (const { tier, loss } of found) expect(loss, JSON.stringify({ tier, found })).toBeLessThanOrEqual(MOST);
}, 240_000);
