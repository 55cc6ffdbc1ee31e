/**
 * Judges the validation photographs of a run, which were never trained on and are not of the test split: whole, as any picture
 * is, untouched and forged by operations that training does not use, in each compression tier. Both classes are saved alike in
 * a tier, with the same draws, so that the history of a file cannot tell them apart.
 */
import type { TrainerPhotograph } from '#contract/trainer-messages.ts';
import {
  compressionTiers,
  tierQualities,
  type CompressionTier,
} from '#engine/evaluation/compression-tier.ts';
import { forge, forgeryOperations } from '#engine/evaluation/forgeries.ts';
import type { CalibrationItem } from '#engine/evaluation/tier-calibration.ts';
import { isGrey } from '#engine/evaluation/validated-domain.ts';
import type { JpegCoding, RgbImage } from '#engine/ports.ts';
import { Random } from '#engine/random.ts';
import type { Detector } from '#inference/detector-session.ts';
import { judgePhotograph } from '#inference/judge-photograph.ts';
import { tileGrid } from '#inference/tiling.ts';
import { jpegCodec } from './jpeg-codec.ts';
import { photographSource } from './photographs.ts';

/** More photographs than this add minutes and little certainty. */
export const MOST_PHOTOGRAPHS = 200;
/** Tiles that all judgements together take about; fewer forgeries are made of each photograph where they are large. */
const TILE_BUDGET = 300_000;
/** Share of the JPEG files whose chroma is at half size, as most programs write it. */
const SUBSAMPLED = 0.75;

export interface JudgedItem extends CalibrationItem {
  tier: CompressionTier;
  features: number[];
}
export interface JudgedValidation {
  items: JudgedItem[];
  photographs: number;
  /** How many forgeries were made of each photograph, by operations in turn. */
  forgeriesEach: number;
  pixels: { least: number; most: number };
  /** Groups with and without colour. */
  coloured: number;
  grey: number;
}

function drawCoding(tier: CompressionTier, random: Random): JpegCoding | null {
  const range = tierQualities[tier];
  if (range === null) return null;
  const quality = range.from + random.integer(range.to - range.from + 1);
  return { quality, chromaSubsampling: random.uniform() < SUBSAMPLED ? '4:2:0' : '4:4:4' };
}

/** @param report called after each photograph */
export async function judgeValidation(
  detector: Detector,
  photographs: readonly TrainerPhotograph[],
  seed: number,
  report: (done: number, total: number) => void,
): Promise<JudgedValidation> {
  const chosen = photographs.slice(0, MOST_PHOTOGRAPHS);
  const source = photographSource(chosen);
  const items: JudgedItem[] = [];
  const pixels = { least: Infinity, most: 0 };
  const groups = { coloured: new Set<string>(), grey: new Set<string>() };
  let forgeriesEach = 0;
  for (const [i, photograph] of chosen.entries()) {
    const image = await source.read(i);
    if (i === 0) {
      const grid = tileGrid(image.width, image.height, detector.passport);
      const tiles = chosen.length * compressionTiers.length * grid.xs.length * grid.ys.length;
      forgeriesEach = Math.max(1, Math.min(forgeryOperations.length, Math.floor(TILE_BUDGET / tiles) - 1));
    }
    const group = photograph.group ?? photograph.sha256;
    const size = image.width * image.height;
    pixels.least = Math.min(pixels.least, size);
    pixels.most = Math.max(pixels.most, size);
    groups[isGrey(image) ? 'grey' : 'coloured'].add(group);
    const donor = await source.read((i + 1) % chosen.length);
    const pictures: { image: RgbImage; category: string | null }[] = [{ image, category: null }];
    for (let n = 0; n < forgeriesEach; n++) {
      const operation = forgeryOperations[(i * forgeriesEach + n) % forgeryOperations.length]!;
      const random = new Random(`${seed}/validation/${i}/${operation}`);
      pictures.push({ image: forge(operation, image, { random, donor }).image, category: operation });
    }
    for (const tier of compressionTiers) {
      const coding = drawCoding(tier, new Random(`${seed}/validation/${i}/${tier}`));
      for (const { image: picture, category } of pictures) {
        const saved = coding === null ? picture : await jpegCodec.roundTrip(picture, coding);
        const { score, features } = await judgePhotograph(detector, saved);
        items.push({ score, features, tier, group, category, simulated: category !== null });
      }
    }
    report(i + 1, chosen.length);
  }
  return {
    ...{ items, photographs: chosen.length, forgeriesEach, pixels },
    coloured: groups.coloured.size,
    grey: groups.grey.size,
  };
}
