/**
 * The trial that a detector is put to: crops of held-out photographs, untouched and forged by operations that training
 * does not use, and what the detector says of each, lossless and after every crop of both classes is saved again as JPEG.
 *
 * Each untouched crop is also the host of one forged crop for each operation, so that what the crops show is the same
 * in both classes and cannot tell them apart. Crops lie on the grid that the detector was trained on. A crop with hardly
 * any detail is drawn again, for both classes alike: in it no forgery could be seen.
 */
import { AppError } from '#contract/errors.ts';
import {
  forge,
  forgeryOperations,
  type Forgery,
  type ForgeryOperation,
} from '#engine/evaluation/forgeries.ts';
import { countMap, maskToCells, newMapCounts, type MapCounts } from '#engine/evaluation/map-agreement.ts';
import type { JpegCodec, RgbImage } from '#engine/ports.ts';
import { cut } from '#engine/training/crops.ts';
import type { Random } from '#engine/random.ts';
import { MAP_CELL, type Detector } from '#inference/detector-session.ts';

/** One held-out photograph, decoded only while its crops are cut. */
export type ReadPhotograph = () => Promise<RgbImage>;

/** One with its group: photographs of one group depend on each other. */
export interface HeldOutPhotograph {
  read: ReadPhotograph;
  group: string;
}

export interface TrialCrops {
  /** Index of the photograph that each untouched crop was cut from. */
  photographs: number[];
  untouched: RgbImage[];
  /** `forged[operation][i]` is made from `untouched[i]`. */
  forged: Record<ForgeryOperation, Forgery[]>;
}
/** The detector's logits, in the order of the crops. */
export interface TrialScores {
  untouched: Float32Array;
  forged: Record<ForgeryOperation, Float32Array>;
}
export interface TrialResult {
  lossless: TrialScores;
  resaved: TrialScores;
  /** Of each host: map values inside and outside the masks of its forgeries. */
  maps: Record<'lossless' | 'resaved', MapCounts[]>;
}

/** How every crop of both classes is saved again. 4:2:0 is what common programs write at this quality. */
export const resaving = { quality: 90, chromaSubsampling: '4:2:0' } as const;
/** Crops whose mean luma step between neighbours is lower are drawn again, up to the number of attempts. */
const leastDetail = 1;
const detailAttempts = 20;
/** Side of the window of each photograph that splices and copy-moves take from, in tiles. */
const donorTiles = 2;

/** Mean absolute step of luma to the right and downwards, in levels of 255. */
function detailOf({ width, height, data }: RgbImage): number {
  const luma = (i: number): number =>
    0.299 * data[3 * i]! + 0.587 * data[3 * i + 1]! + 0.114 * data[3 * i + 2]!;
  let sum = 0;
  for (let y = 0; y < height - 1; y++)
    for (let x = 0; x < width - 1; x++) {
      const i = y * width + x;
      sum += Math.abs(luma(i) - luma(i + 1)) + Math.abs(luma(i) - luma(i + width));
    }
  return sum / (2 * (width - 1) * (height - 1));
}

function drawHost(image: RgbImage, tileSize: number, alignment: number, random: Random): RgbImage {
  let best: { crop: RgbImage; detail: number } | null = null;
  for (let attempt = 0; attempt < detailAttempts; attempt++) {
    const x = alignment * random.integer(Math.floor((image.width - tileSize) / alignment) + 1);
    const y = alignment * random.integer(Math.floor((image.height - tileSize) / alignment) + 1);
    const crop = cut(image, x, y, tileSize, tileSize);
    const detail = detailOf(crop);
    if (best === null || detail > best.detail) best = { crop, detail };
    if (detail >= leastDetail) break;
  }
  return best!.crop;
}

/**
 * Cuts the crops and makes the forgeries. Splices take from another one of the photographs, copy-moves from a window of the
 * same one.
 * @param count crops of each kind; photographs take turns where there are fewer
 * @throws AppError `dataset_too_small` with fewer than two photographs
 */
export async function drawTrial(
  photographs: readonly ReadPhotograph[],
  options: {
    tileSize: number;
    alignment: number;
    count: number;
    random: Random;
    signal?: AbortSignal;
    progress?: (done: number, total: number) => void;
  },
): Promise<TrialCrops> {
  const { tileSize, alignment, count, random, signal, progress } = options;
  if (photographs.length < 2)
    throw new AppError(
      'dataset_too_small',
      `Only ${photographs.length} photographs were held out for the test; at least two are needed.`,
    );
  const used = random.shuffle(photographs.map((_, i) => i)).slice(0, count);
  const crops: { photograph: number; image: RgbImage }[] = [];
  const donors: RgbImage[] = [];
  for (const [turn, photograph] of used.entries()) {
    signal?.throwIfAborted();
    const image = await photographs[photograph]!();
    const width = Math.min(image.width, donorTiles * tileSize);
    const height = Math.min(image.height, donorTiles * tileSize);
    const own = random.fork(`photograph ${photograph}`);
    const [left, top] = [own.integer(image.width - width + 1), own.integer(image.height - height + 1)];
    donors.push(cut(image, left, top, width, height));
    for (let i = turn; i < count; i += used.length)
      crops.push({ photograph: turn, image: drawHost(image, tileSize, alignment, own) });
    progress?.(turn + 1, used.length);
  }
  const forgeFor = (operation: ForgeryOperation): Forgery[] => {
    const stream = random.fork(operation);
    return crops.map(({ photograph, image }) => {
      const other = (photograph + 1 + stream.integer(donors.length - 1)) % donors.length;
      return forge(operation, image, {
        random: stream,
        donor: donors[other]!,
        elsewhere: donors[photograph]!,
      });
    });
  };
  return {
    photographs: crops.map(({ photograph }) => photograph),
    untouched: crops.map(({ image }) => image),
    forged: perOperation(forgeFor),
  };
}

/** A record with a value for each operation. */
export function perOperation<T>(value: (operation: ForgeryOperation) => T): Record<ForgeryOperation, T> {
  return Object.fromEntries(forgeryOperations.map((name) => [name, value(name)])) as Record<
    ForgeryOperation,
    T
  >;
}

/** Crops in one run of the detector. */
const batchSize = 32;

async function judgeCrops(
  detector: Detector,
  crops: readonly RgbImage[],
  signal: AbortSignal | undefined,
  onMap?: (crop: number, map: Float32Array) => void,
): Promise<Float32Array> {
  const { tileSize } = detector.passport;
  const bytes = tileSize * tileSize * 3;
  const cells = (tileSize / MAP_CELL) ** 2;
  const logits = new Float32Array(crops.length);
  for (let first = 0; first < crops.length; first += batchSize) {
    signal?.throwIfAborted();
    const batch = crops.slice(first, first + batchSize);
    const pixels = new Uint8Array(batch.length * bytes);
    batch.forEach((crop, i) => pixels.set(crop.data, i * bytes));
    const out = await detector.run(pixels, batch.length);
    logits.set(out.logit, first);
    if (onMap) batch.forEach((_, i) => onMap(first + i, out.map.subarray(i * cells, (i + 1) * cells)));
  }
  return logits;
}

/** Judges all crops, as they are and saved again. `progress` tells what is being judged. */
export async function runTrial(
  detector: Detector,
  crops: TrialCrops,
  options: { codec: JpegCodec; signal?: AbortSignal; progress?: (label: string) => void },
): Promise<TrialResult> {
  const { codec, signal, progress } = options;
  const side = detector.passport.tileSize / MAP_CELL;
  const maps = {
    lossless: crops.untouched.map(() => newMapCounts()),
    resaved: crops.untouched.map(() => newMapCounts()),
  };
  const resave = async (images: readonly RgbImage[]): Promise<RgbImage[]> => {
    const saved: RgbImage[] = [];
    for (const image of images) saved.push(await codec.roundTrip(image, resaving));
    return saved;
  };
  const lossless: TrialScores = {
    untouched: await judgeCrops(detector, crops.untouched, signal),
    forged: perOperation(() => new Float32Array()),
  };
  const resaved: TrialScores = {
    untouched: await judgeCrops(detector, await resave(crops.untouched), signal),
    forged: perOperation(() => new Float32Array()),
  };
  for (const operation of forgeryOperations) {
    progress?.(operation);
    const forgeries = crops.forged[operation];
    const images = forgeries.map(({ image }) => image);
    const cells = forgeries.map(({ mask, image }) =>
      maskToCells(mask, image.width, { cell: MAP_CELL, columns: side, rows: side }),
    );
    const countInto = (counts: MapCounts[]) => (crop: number, map: Float32Array) =>
      countMap(counts[crop]!, cells[crop]!, (cell) => map[cell]!);
    lossless.forged[operation] = await judgeCrops(detector, images, signal, countInto(maps.lossless));
    const saved = await resave(images);
    resaved.forged[operation] = await judgeCrops(detector, saved, signal, countInto(maps.resaved));
  }
  return { lossless, resaved, maps };
}
