/**
 * Which of a dataset's pictures labelled simulated join the training, and their pixels and masks. A picture joins where it is
 * known which of its crops are manipulated:
 *
 * - It has a mask, white where it was edited, and at least one crop shows edited and unedited pixels (`fairPlaces`). A mask
 *   that is white everywhere says that the whole picture is simulated.
 * - It has no mask, and its category begins with the word "generated" ("generated", "generated/sdxl", "Generated: GAN"):
 *   a program made every pixel of it.
 *
 * Any other picture without a mask was manipulated nobody knows where. Most of its crops may well be untouched, and to call them
 * simulated would teach that real photographs are: such a picture does not join, and the run's log says so.
 */
import type { TrainerPhotograph } from '#contract/trainer-messages.ts';
import type { KnownFakeSource } from '#engine/ports.ts';
import { Random } from '#engine/random.ts';
import { cut } from '#engine/training/crops.ts';
import { fairPlaces } from '#engine/training/known-fakes.ts';
import { probePhotograph } from '../decoding/decode-photograph.ts';
import { readJpegCoding } from '../decoding/jpeg-coding.ts';
import { readMask } from '../decoding/read-mask.ts';
import { verifyFile } from '../verify-file.ts';
import { keeping, verifiedPicture, windowOf, windowSide, type Window } from './photographs.ts';
import { PixelCache } from './pixel-cache.ts';

/** Masks that are read at once. */
const READ_AHEAD = 8;
const GRID = 8;
/** Bytes a pixel that a mask adds to the three of its picture, as a share of a picture. */
const MASK_MEMORY = 1 / 3;

/** Whether a category says that a program made the whole picture. */
export const declaresGenerated = (category: string | null): boolean => /^generated\b/i.test(category ?? '');

/** Why a picture labelled simulated does not join. */
export const unusableReasons = {
  unknownRegion: 'have no mask, and no category that begins with "generated"',
  tooSmall: 'are smaller than a crop',
  noFairCrop: 'have a mask under which no crop is edited in part',
} as const;
export type UnusableReason = keyof typeof unusableReasons;

/** A picture that joins, as far as it is held in memory from the start. */
interface KnownFake {
  photograph: TrainerPhotograph;
  window: Window;
  /** Of the window; null where all of it is simulated. */
  mask: Uint8Array | null;
}
export interface KnownFakeSelection {
  source: KnownFakeSource;
  joining: TrainerPhotograph[];
  unusable: Record<UnusableReason, TrainerPhotograph[]>;
}

/** As much memory as so many pictures without masks take. */
export const memoryOf = (photographs: readonly TrainerPhotograph[]): number =>
  photographs.reduce((sum, { maskPath }) => sum + 1 + (maskPath === null ? 0 : MASK_MEMORY), 0);

/**
 * @param photographs labelled simulated, of the training split
 * @param crop side of a crop in pixels
 * @param sharing as how many pictures all those count that share the memory with these, these among them
 * @throws AppError `invalid_mask` where a mask cannot be read or is not as large as its picture, `evidence_changed` where it is
 *   not the one that was taken in, and the errors of `probePhotograph`
 */
export async function selectKnownFakes(
  photographs: readonly TrainerPhotograph[],
  { crop, sharing, cache = new PixelCache() }: { crop: number; sharing: number; cache?: PixelCache },
): Promise<KnownFakeSelection> {
  const joining: KnownFake[] = [];
  const unusable: KnownFakeSelection['unusable'] = { unknownRegion: [], tooSmall: [], noFairCrop: [] };
  for (let from = 0; from < photographs.length; from += READ_AHEAD) {
    const some = photographs.slice(from, from + READ_AHEAD);
    const results = await Promise.all(
      some.map((photograph) => examine(photograph, crop, windowSide(sharing))),
    );
    results.forEach((result, i) => {
      if (typeof result === 'string') unusable[result].push(some[i]!);
      else joining.push(result);
    });
  }
  return { source: sourceOf(joining, cache), joining: joining.map(({ photograph }) => photograph), unusable };
}

async function examine(
  photograph: TrainerPhotograph,
  crop: number,
  side: number,
): Promise<KnownFake | UnusableReason> {
  const { path, sha256, category, maskPath, maskSha256 } = photograph;
  if (maskPath === null && !declaresGenerated(category)) return 'unknownRegion';
  const size = await probePhotograph(path);
  if (Math.min(size.width, size.height) < crop) return 'tooSmall';
  const random = new Random(sha256);
  const anywhere = windowOf(size, side, (steps) => random.integer(steps + 1));
  if (maskPath === null) return { photograph, window: anywhere, mask: null };
  const whole = await readMask(maskPath, size);
  if (maskSha256 !== undefined) await verifyFile(maskPath, maskSha256);
  if (!whole.includes(0)) return { photograph, window: anywhere, mask: null };
  if (!whole.includes(1)) return 'noFairCrop';
  const window = windowAt(size, side, pickEdited(whole, size.width, random));
  const mask = maskIn(whole, size.width, window);
  if (fairPlaces({ ...window, data: mask }, crop).length === 0) return 'noFairCrop';
  return { photograph, window, mask };
}

/** An edited pixel that the picture's hash decides. */
function pickEdited(mask: Uint8Array, width: number, random: Random): { x: number; y: number } {
  const edited = mask.reduce((sum, value) => sum + value, 0);
  let left = random.integer(edited);
  const index = mask.findIndex((value) => value === 1 && left-- === 0);
  return { x: index % width, y: Math.floor(index / width) };
}

/** The window that has a pixel in its middle, or as near to it as the borders allow. */
const windowAt = (
  size: { width: number; height: number },
  side: number,
  pixel: { x: number; y: number },
): Window =>
  windowOf(size, side, (steps, axis) =>
    Math.min(steps, Math.max(0, Math.round((pixel[axis] - side / 2) / GRID))),
  );

function maskIn(mask: Uint8Array, imageWidth: number, { left, top, width, height }: Window): Uint8Array {
  const part = new Uint8Array(width * height);
  for (let row = 0; row < height; row++) {
    const start = (top + row) * imageWidth + left;
    part.set(mask.subarray(start, start + width), row * width);
  }
  return part;
}

function sourceOf(fakes: readonly KnownFake[], cache: PixelCache): KnownFakeSource {
  return {
    count: fakes.length,
    read: (index) => {
      const { photograph, window } = fakes[index]!;
      const { left, top, width, height } = window;
      return cache.read(`${photograph.sha256} at ${left},${top} ${width}x${height}`, async () =>
        cut(await verifiedPicture(photograph), left, top, width, height),
      );
    },
    coding: keeping((index) => readJpegCoding(fakes[index]!.photograph.path)),
    mask: (index) => Promise.resolve(fakes[index]!.mask),
  };
}
