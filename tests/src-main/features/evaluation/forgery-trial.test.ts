import { beforeAll, describe, expect, test } from 'vitest';
import { jpegCodec } from '#compute/trainer/jpeg-codec.ts';
import { forgeryOperations } from '#engine/evaluation/forgeries.ts';
import type { RgbImage } from '#engine/ports.ts';
import { Random } from '#engine/random.ts';
import { drawTrial, runTrial, type TrialCrops } from '#features/evaluation/forgery-trial.ts';
import { reportTrial } from '#features/evaluation/trial-report.ts';
import type { Detector } from '#inference/detector-session.ts';
import { failureOf } from '#tests/support/app-error.ts';
import { tinyPassport } from '#tests/support/tiny-detector.ts';

/** A photograph whose colour says which one it is, with grain, and smooth in its upper left part. */
function photograph(index: number): RgbImage {
  const random = new Random(index);
  const [width, height] = [200, 150];
  const data = Uint8Array.from({ length: width * height * 3 }, (_, i) => {
    const [x, y] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width)];
    const base = i % 3 === 0 ? 20 * index + 30 : 100 + ((x + y) % 50);
    return base + (x < 80 && y < 80 ? 0 : random.uniform(-15, 15));
  });
  return { width, height, data };
}
const photographs = Array.from({ length: 6 }, (_, index) => async () => photograph(index));
const draw = (seed: number, count = 24): Promise<TrialCrops> =>
  drawTrial(photographs, { tileSize: 64, alignment: 8, count, random: new Random(seed) });

/** A detector that sees everything: the logit is the number of pixels that differ from the known hosts' own. */
function oracle(hosts: RgbImage[]): Detector {
  const known = new Set(hosts.map(({ data }) => Buffer.from(data).toString('base64')));
  return {
    passport: tinyPassport(),
    provider: 'cpu',
    runtimeMs: 0,
    dispose: async () => undefined,
    run: async (pixels, count) => {
      const logit = Float32Array.from({ length: count }, (_, i) => {
        const crop = Buffer.from(pixels.subarray(i * 64 * 64 * 3, (i + 1) * 64 * 64 * 3));
        return known.has(crop.toString('base64')) ? -1 : 1;
      });
      const none = new Float32Array();
      // One half everywhere: a map that knows nothing.
      const map = new Float32Array(count * 256).fill(0.5);
      return {
        logit,
        map,
        maps: none,
        globalSpectrum: none,
        localSpectrum: none,
        blockSpectrum: none,
        ablated: none,
      };
    },
  };
}

describe('the trial', () => {
  let crops: TrialCrops;
  beforeAll(async () => {
    crops = await draw(1);
  });

  test('has as many untouched crops as forged ones of each operation, from all photographs', () => {
    expect(crops.untouched).toHaveLength(24);
    expect(new Set(crops.photographs).size).toBe(6);
    for (const operation of forgeryOperations) {
      expect(crops.forged[operation]).toHaveLength(24);
      crops.forged[operation].forEach(({ image, mask }, i) => {
        const host = crops.untouched[i]!;
        const outside = host.data.filter((_, at) => mask[Math.floor(at / 3)] === 0);
        expect(image.data.filter((_, at) => mask[Math.floor(at / 3)] === 0)).toEqual(outside);
        expect(image.data).not.toEqual(host.data);
      });
    }
  });

  test('cuts crops at multiples of the alignment', () => {
    const sources = [0, 1, 2, 3, 4, 5].map(photograph);
    const row = ({ data, width }: RgbImage, x: number, y: number): string =>
      Buffer.from(data.subarray((y * width + x) * 3, (y * width + x + 64) * 3)).toString('base64');
    // Every row of 64 pixels that begins on the grid; grain makes each one unlike the others.
    const aligned = new Set<string>();
    for (const source of sources)
      for (let y = 0; y <= source.height - 64; y += 8)
        for (let x = 0; x <= source.width - 64; x += 8)
          aligned.add(row(source, x, y) + row(source, x, y + 63));
    for (const crop of crops.untouched) expect(aligned.has(row(crop, 0, 0) + row(crop, 0, 63))).toBe(true);
  });

  test('takes splices from another photograph', () => {
    crops.forged['hard-splice'].forEach(({ image, mask }, i) => {
      const inside = mask.findIndex((value) => value === 1);
      const host = crops.untouched[i]!;
      const meanRed = (data: Uint8Array, of: (at: number) => boolean): number => {
        let [sum, n] = [0, 0];
        for (let at = 0; at < 64 * 64; at++) if (of(at)) [sum, n] = [sum + data[at * 3]!, n + 1];
        return sum / n;
      };
      expect(inside).toBeGreaterThanOrEqual(0);
      const step = meanRed(image.data, (at) => mask[at] === 1) - meanRed(host.data, () => true);
      expect(Math.abs(step)).toBeGreaterThan(12);
    });
  });

  test('is the same for the same seed and another one for another', async () => {
    expect(await draw(1)).toEqual(crops);
    expect((await draw(2)).untouched).not.toEqual(crops.untouched);
  });

  test('gives AUC 1 to a detector that knows all untouched crops, and .5 once all crops are saved again', async () => {
    const result = await runTrial(oracle(crops.untouched), crops, { codec: jpegCodec });
    const report = reportTrial(crops, result, new Random(0));
    expect(report.operations.map(({ name }) => name)).toEqual([...forgeryOperations]);
    for (const { lossless, resaved, count } of report.operations) {
      expect(lossless).toEqual({ value: 1, interval: [1, 1] });
      expect(resaved.value).toBe(0.5);
      expect(count).toBe(24);
    }
    expect(report.means.main.lossless.value).toBe(1);
    expect(report.means.all.resaved.value).toBe(0.5);
    expect(report.pixel.lossless.value).toBe(0.5);
    expect(report.photographs).toBe(6);
  });

  test('needs two photographs', async () => {
    const one = drawTrial(photographs.slice(0, 1), {
      tileSize: 64,
      alignment: 8,
      count: 4,
      random: new Random(0),
    });
    expect((await failureOf(one)).code).toBe('dataset_too_small');
  });
});
