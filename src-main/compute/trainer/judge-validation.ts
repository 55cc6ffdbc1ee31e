/**
 * Judges photographs that were not trained on, whole, as any picture is: untouched and forged by operations that training does
 * not use, in each compression tier. Both classes are saved alike in a tier, with the same draws, so that the history of a file
 * cannot tell them apart. Every second photograph is first changed a little as a whole (cut off its grid, scaled, blurred, made
 * noisy), again for both classes alike: a detector that takes such a change for a forgery must not be calibrated without it.
 */
import { scoreAggregation, type ScoreAggregation } from '#contract/model.ts';
import type { TrainerPhotograph } from '#contract/trainer-messages.ts';
import {
  compressionTiers,
  tierQualities,
  type CompressionTier,
} from '#engine/evaluation/compression-tier.ts';
import { forge, forgeryOperations } from '#engine/evaluation/forgeries.ts';
import type { CalibrationItem } from '#engine/evaluation/tier-calibration.ts';
import { isGrey } from '#engine/evaluation/validated-domain.ts';
import type { JpegCoding, PhotographSource, RgbImage } from '#engine/ports.ts';
import { Random } from '#engine/random.ts';
import { aggregateScore } from '#inference/aggregate-score.ts';
import type { Detector } from '#inference/detector-session.ts';
import { judgePhotograph } from '#inference/judge-photograph.ts';
import { tileGrid } from '#inference/tiling.ts';
import { perturb, type Perturbation } from '../perturbations.ts';
import { jpegCodec } from './jpeg-codec.ts';
import { photographSource } from './photographs.ts';

/** More photographs than this add minutes and little certainty. */
const MOST_PHOTOGRAPHS = 200;
/** Tiles that all judgements together take about; fewer forgeries are made of each photograph where they are large. */
const TILE_BUDGET = 300_000;
/** Share of the JPEG files whose chroma is at half size, as most programs write it. */
const SUBSAMPLED = 0.75;

export interface JudgedItem extends CalibrationItem {
  tier: CompressionTier;
  /** What the score would be by each aggregation. */
  scores: Record<ScoreAggregation, number>;
  /** Which of the photographs it was made from. */
  photograph: number;
  tiles: number;
  features: number[];
  /** What the file would have been. */
  picture: { width: number; height: number; format: string; quality: number | null; grey: boolean };
}
export interface JudgedForgeries {
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

const scoresOf = (tileLogits: Float32Array): JudgedItem['scores'] =>
  Object.fromEntries(
    scoreAggregation.options.map((name) => [name, aggregateScore(tileLogits, name)]),
  ) as JudgedItem['scores'];

/** A small change of a whole picture that makes no forgery, of every kind as often. */
async function changedALittle(image: RgbImage, random: Random, least: number): Promise<RgbImage> {
  const change: Perturbation = random.pick([
    () => ({ kind: 'crop' as const, level: 1 + random.integer(7) }),
    () => ({ kind: 'scale' as const, level: random.uniform(0.75, 0.98) }),
    () => ({ kind: 'blur' as const, level: random.uniform(0.3, 0.8) }),
    () => ({ kind: 'noise' as const, level: random.uniform(1, 5) }),
  ])();
  const changed = await perturb(image, change);
  return Math.min(changed.width, changed.height) >= least ? changed : image;
}

/** @param source at least one photograph @param report called after each photograph @throws AppError `cancelled`, and those of `judgePhotograph` */
export async function judgeForgeries(
  detector: Detector,
  { source, groups }: { source: PhotographSource; groups: readonly string[] },
  options: {
    seed: number;
    signal?: AbortSignal | undefined;
    report?: ((done: number, total: number) => void) | undefined;
  },
): Promise<JudgedForgeries> {
  const { seed, signal, report } = options;
  const items: JudgedItem[] = [];
  const pixels = { least: Infinity, most: 0 };
  const kinds = { coloured: new Set<string>(), grey: new Set<string>() };
  let forgeriesEach = 0;
  const first = await source.read(0);
  for (let i = 0, original = first; i < source.count; i++) {
    // Each photograph is also the donor of the one before it.
    const donor = i + 1 < source.count ? await source.read(i + 1) : first;
    const image =
      i % 2 === 0
        ? original
        : await changedALittle(original, new Random(`${seed}/change/${i}`), detector.passport.tileSize);
    const { width, height } = image;
    if (i === 0) {
      const grid = tileGrid(width, height, detector.passport);
      const tiles = source.count * compressionTiers.length * grid.xs.length * grid.ys.length;
      forgeriesEach = Math.max(1, Math.min(forgeryOperations.length, Math.floor(TILE_BUDGET / tiles) - 1));
    }
    const group = groups[i]!;
    const grey = isGrey(image);
    pixels.least = Math.min(pixels.least, width * height);
    pixels.most = Math.max(pixels.most, width * height);
    kinds[grey ? 'grey' : 'coloured'].add(group);
    const pictures: { image: RgbImage; category: string | null }[] = [{ image, category: null }];
    for (let n = 0; n < forgeriesEach; n++) {
      const operation = forgeryOperations[(i * forgeriesEach + n) % forgeryOperations.length]!;
      const random = new Random(`${seed}/validation/${i}/${operation}`);
      pictures.push({ image: forge(operation, image, { random, donor }).image, category: operation });
    }
    for (const tier of compressionTiers) {
      const coding = drawCoding(tier, new Random(`${seed}/validation/${i}/${tier}`));
      const picture = {
        ...{ width, height, grey, quality: coding?.quality ?? null },
        format: coding ? 'jpeg' : 'png',
      };
      for (const { image: whole, category } of pictures) {
        const saved = coding === null ? whole : await jpegCodec.roundTrip(whole, coding);
        const judged = await judgePhotograph(detector, saved, signal ? { signal } : {});
        const { score, tiles, features } = judged;
        const scores = scoresOf(judged.tileLogits);
        const made = { tier, group, category, picture, photograph: i, simulated: category !== null };
        items.push({ ...made, score, scores, tiles, features });
      }
    }
    report?.(i + 1, source.count);
    original = donor;
  }
  return {
    ...{ items, photographs: source.count, forgeriesEach, pixels },
    coloured: kinds.coloured.size,
    grey: kinds.grey.size,
  };
}

/** The same of the validation photographs of a run. */
export async function judgeValidation(
  detector: Detector,
  photographs: readonly TrainerPhotograph[],
  seed: number,
  report: (done: number, total: number) => void,
): Promise<JudgedForgeries> {
  // Those beyond are not judged, so that indices are those of `photographs`.
  const chosen = photographs.slice(0, MOST_PHOTOGRAPHS);
  const groups = chosen.map(({ group, sha256 }) => group ?? sha256);
  return judgeForgeries(detector, { source: photographSource(chosen), groups }, { seed, report });
}
