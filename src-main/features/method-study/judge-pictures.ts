/**
 * Judges the study's whole pictures with the program's own `judgePhotograph`: each as its file is, and after it was decoded
 * and saved again as JPEG of quality 90, both classes alike.
 */
import { AppError } from '#contract/errors.ts';
import { decodePhotograph } from '#compute/decoding/decode-photograph.ts';
import { readMask } from '#compute/decoding/read-mask.ts';
import type { MapCounts } from '#engine/evaluation/map-agreement.ts';
import type { JpegCodec, RgbImage } from '#engine/ports.ts';
import { resaving } from '#features/evaluation/forgery-trial.ts';
import { mapCounts } from '#compute/judging/map-counts.ts';
import type { Detector } from '#inference/detector-session.ts';
import { judgePhotograph } from '#inference/judge-photograph.ts';
import { imageScores, type ImageScoreName } from './image-scores.ts';

/** As the file is, and saved again. */
export const savings = ['native', 'q90'] as const;
export type Saving = (typeof savings)[number];

export interface Reading {
  scores: Record<ImageScoreName, number>;
  /** Map values inside and outside the mask; null without a mask. */
  map: MapCounts | null;
}
export interface JudgedPicture<P> {
  picture: P;
  readings: Record<Saving, Reading>;
}

export interface JudgePicturesOptions {
  codec: JpegCodec;
  signal: AbortSignal;
  progress: (done: number, total: number) => void;
}

/** Pictures that cannot be judged (too small for a tile, unreadable, with a wrong mask) are listed; the others go on. */
export async function judgePictures<P extends { path: string; name: string; mask?: string | null }>(
  detector: Detector,
  pictures: readonly P[],
  { codec, signal, progress }: JudgePicturesOptions,
): Promise<{ judged: JudgedPicture<P>[]; skipped: { name: string; reason: string }[] }> {
  const judged: JudgedPicture<P>[] = [];
  const skipped: { name: string; reason: string }[] = [];
  for (const [index, picture] of pictures.entries()) {
    signal.throwIfAborted();
    progress(index, pictures.length);
    try {
      const { image } = await decodePhotograph(picture.path);
      const mask = picture.mask ? await readMask(picture.mask, image) : null;
      const read = async (pixels: RgbImage): Promise<Reading> => {
        const judgement = await judgePhotograph(detector, pixels, { signal });
        return { scores: imageScores(judgement), map: mask && mapCounts(mask, image.width, judgement) };
      };
      const native = await read(image);
      const q90 = await read(await codec.roundTrip(image, resaving));
      judged.push({ picture, readings: { native, q90 } });
    } catch (cause) {
      const error = AppError.from(cause);
      if (error.code === 'cancelled' || error.code === 'model_invalid') throw error;
      skipped.push({ name: picture.name, reason: error.message });
    }
  }
  progress(pictures.length, pictures.length);
  return { judged, skipped };
}
